"""A process that runs for weeks goes by the keys that count now, not by those that counted when it began."""

import os
import time

import pytest

from qfl.config import Settings
from qfl.errors import KeyFolderError
from qfl.federation.client import train
from qfl.federation.runtime.keys import client_signers, enrol_asked, load_roster, prepare_keys
from qfl.results import RunFolder
from qfl.security import keystore, membership, roster_blocks
from qfl.security.roster import Roster, revoke, sign_roster


@pytest.fixture
def keys(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", 2)
    return tmp_path / "keys"


@pytest.fixture
def settings(keys):
    return Settings.from_flat({"security.keys": str(keys)})


def put(keys, roster):
    """Replace the signed roster and nothing else, within one tick of the clock of the file system."""
    path, about = keys / "roster.cbor", (keys / "roster.cbor").stat()
    path.write_bytes(sign_roster(roster, keystore.load_signer(keys, "authority")))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def test_a_roster_that_expires_while_the_process_runs_is_refused_from_then_on(keys, settings, monkeypatch):
    expires = load_roster(settings).expires
    client_signers(settings, [0])
    monkeypatch.setattr(time, "time", lambda: expires - 1)
    assert load_roster(settings).version == 1
    monkeypatch.setattr(time, "time", lambda: expires)
    for use in (lambda: load_roster(settings), lambda: client_signers(settings, [0])):
        with pytest.raises(KeyFolderError, match="roster-expired"):
            use()


def test_a_roster_replaced_within_one_time_stamp_counts(keys, settings):
    first = load_roster(settings)
    put(keys, revoke(first, 1, 3))
    assert (load_roster(settings).version, load_roster(settings).row(1).revoked_from) == (2, 3)


def test_an_older_roster_that_was_read_before_is_not_taken_again(keys, settings):
    first = load_roster(settings)
    put(keys, revoke(first, 1, 3))
    load_roster(settings)
    put(keys, first)
    with pytest.raises(KeyFolderError, match="stale-roster"):
        load_roster(settings)


def test_the_key_of_another_roster_is_not_kept(keys, settings):
    (before,) = client_signers(settings, [0])
    key, proofs = membership.request_rotation(keys, 0, 1)
    membership.rotate(keys, 0, key, proofs, 1)
    (now,) = client_signers(settings, [0], 1)
    assert now.key != before.key and client_signers(settings, [0], 0) == [before]


def test_a_run_whose_roster_runs_out_stops_with_a_sentence_and_can_be_resumed(small, federate, monkeypatch):
    def train_once(messages, contexts):
        monkeypatch.setattr(Roster, "expired", lambda roster, now=None: True)
        return train(messages, contexts)

    settings = small("expiring", clients__count=2, round__quorum=0.1)
    with pytest.raises(KeyFolderError, match="roster-expired"):
        federate(settings, train_once)
    header = RunFolder(settings.run.folder).header
    assert header["status"] == "failed" and "roster-expired" in header["error"]


def test_a_client_that_is_never_asked_costs_no_key_no_row_and_no_file(small, federate):
    settings = small("few", clients__count=60, clients__per_round=3, rounds=4)
    folder = federate(settings)
    keys = folder.path / "keys"
    asked = [(row["round"], row["client"]) for row in folder.clients()]
    assert len(asked) == 12 and {row["status"] for row in folder.clients()} == {"accepted"}
    enrolled = [row.client for row in keystore.load_roster(keys).rows]
    assert enrolled == list(dict.fromkeys(client for _, client in asked)) and 3 < len(enrolled) <= 12
    assert not list((keys / "clients").iterdir())
    sizes = [path.stat().st_size for path in (keys / "enrolled").iterdir()]
    assert (
        len(sizes) <= 4 and max(sizes) < 3 * 1312 + 1312 + 2420 + 500
    )  # rows of at most three, the server's, signature


def test_each_roster_is_read_once_and_what_followed_it_too(small, monkeypatch):
    settings, opened = small("grown", clients__count=50), []
    prepare_keys(settings)
    read = roster_blocks.open_roster
    monkeypatch.setattr(roster_blocks, "open_roster", lambda *words, **more: opened.append(1) or read(*words, **more))
    for first in range(0, 50, 10):
        roster = enrol_asked(settings, range(first, first + 10))
        assert enrol_asked(settings, range(first + 10)) is roster is load_roster(settings)
    assert len(opened) == 5 and [row.client for row in roster.rows] == list(range(50))
    assert [each.key for each in client_signers(settings, [7, 49])] == [roster.row(7).key, roster.row(49).key]


def test_nobody_joins_a_key_folder_that_was_given(keys, settings):
    before = load_roster(settings)
    assert enrol_asked(settings, [0, 1, 2]) is before and not (keys / "enrolled").exists()


def test_a_run_goes_on_with_the_keys_that_it_had(small, federate):
    settings = small("resumed", clients__count=30, clients__per_round=3, rounds=2)
    before = keystore.load_roster(federate(settings).path / "keys")
    further = small("resumed", clients__count=30, clients__per_round=3, rounds=4, run__resume=True)
    folder = federate(further)
    after = keystore.load_roster(folder.path / "keys")
    assert after.rows[: len(before.rows)] == before.rows and after.version > before.version
    assert {row["status"] for row in folder.clients()} == {"accepted"}
