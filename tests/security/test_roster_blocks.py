"""Blocks add rows to a signed roster and can do nothing else: what is not signed to follow is refused."""

import shutil
from dataclasses import replace

import pytest

from qfl.errors import KeyFolderError, Rejection
from qfl.security import keystore, membership
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow, sign_roster
from qfl.security.roster_blocks import add_block, block_path, with_blocks
from qfl.security.signing import generate


@pytest.fixture
def folder(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", 2)
    return tmp_path / "keys"


def new_row(client: int) -> RosterRow:
    return RosterRow(client, generate(ML_DSA_44).key, 9)


def authority(folder):
    return keystore.load_signer(folder, "authority")


def grow(folder, *clients: int) -> Roster:
    return add_block(folder, keystore.load_roster(folder), tuple(map(new_row, clients)), authority(folder))


def test_a_roster_that_grew_is_the_one_that_would_have_been_signed_whole(folder):
    first = keystore.load_roster(folder)
    grow(folder, 7)
    grown = grow(folder, 5, 6)
    whole = Roster(3, first.expires, first.server, grown.rows)
    assert keystore.load_roster(folder) == grown == whole
    for client in (0, 1, 5, 6, 7):
        assert grown.row(client) == whole.row(client) == grown.owner(whole.row(client).kid)
    assert grown.kids_in(1, range(9)) == whole.kids_in(1, range(9))
    assert not grown.enrols(8) and first.rows == grown.rows[:2]


def test_what_is_signed_already_is_not_written_again(folder):
    before = (folder / "roster.cbor").read_bytes()
    grow(folder, 7)
    assert (folder / "roster.cbor").read_bytes() == before
    one = block_path(folder, 2).stat().st_size
    grow(folder, *range(10, 30))
    assert block_path(folder, 3).stat().st_size < 20 * one and block_path(folder, 2).stat().st_size == one


def test_a_roster_without_blocks_is_given_back_as_it_is(folder):
    roster = keystore.load_roster(folder)
    assert with_blocks(folder, roster, authority(folder).key) is roster


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda block, old: replace(block, rows=(replace(old.rows[0], key=generate(ML_DSA_44).key),)),
            "duplicate-client",
        ),
        (lambda block, old: replace(block, rows=(replace(old.rows[0], client=9),)), "duplicate-key"),
        (lambda block, old: replace(block, server=generate(ML_DSA_44).key), "unknown-key"),
        (lambda block, old: replace(block, version=5), "stale-roster"),
    ],
)
def test_rows_that_cannot_follow_are_refused(folder, change, reason):
    old = keystore.load_roster(folder)
    block = change(replace(old, version=2, rows=(new_row(9),)), old)
    with pytest.raises(Rejection, match=reason):
        old.followed_by(block)


def test_a_block_of_another_authority_or_purpose_is_refused(folder, tmp_path):
    old = keystore.load_roster(folder)
    block = replace(old, version=2, rows=(new_row(9),))
    add_block(folder, old, block.rows, generate(ML_DSA_44))
    with pytest.raises(KeyFolderError, match="unknown-key"):
        keystore.load_roster(folder)
    block_path(folder, 2).write_bytes(sign_roster(block, authority(folder)))
    with pytest.raises(KeyFolderError, match="wrong-type"):
        keystore.load_roster(folder)


def test_a_block_takes_no_rosters_place(folder):
    grow(folder, 9)
    shutil.copyfile(block_path(folder, 2), folder / "roster.cbor")
    with pytest.raises(KeyFolderError, match="wrong-type"):
        keystore.load_roster(folder)


def test_a_block_that_is_no_file_is_named(folder):
    grow(folder, 9)
    block_path(folder, 2).unlink()
    block_path(folder, 2).mkdir()
    with pytest.raises(KeyFolderError, match=r"enrolled/2\.cbor .*put back"):
        keystore.load_roster(folder)


def test_a_change_of_a_row_takes_the_blocks_in_and_later_ones_follow_it(folder):
    grow(folder, 7)
    revoked = membership.revoke(folder, 7, 3)
    assert (revoked.version, revoked.row(7).revoked_from) == (3, 3)
    after = grow(folder, 8)
    assert (after.version, after.row(7).revoked_from, after.enrols(8)) == (4, 3, True)
    assert keystore.load_roster(folder) == after
