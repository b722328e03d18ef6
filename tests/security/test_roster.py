"""A roster survives its envelope, is refused for whatever is wrong with it, and changes as it says.

Also covers qfl/security/roster_rows.py.
"""

import time
from dataclasses import replace

import cbor2
import pytest

from qfl.errors import Rejection
from qfl.security.envelope import ROSTER, sign
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import RosterRow, admit, open_roster, retire, revoke, rotate, sign_roster
from qfl.security.signing import generate


def test_a_roster_survives_its_envelope(signers, roster):
    changed = revoke(replace(roster, rows=(*roster.rows[:2], replace(roster.rows[2], not_before=1, not_after=9))), 0, 5)
    assert open_roster(sign_roster(changed, signers["authority"]), signers["authority"].key) == changed


def test_rows_are_found_by_client_and_by_thumbprint(roster, signers):
    assert roster.row(2) is roster.owner(signers[2].key.thumbprint) is roster.rows[2]
    for missing in (lambda: roster.row(3), lambda: roster.owner(bytes(32)), lambda: roster.server_key(bytes(32))):
        with pytest.raises(Rejection, match="unknown-key"):
            missing()


@pytest.mark.parametrize("who", ["server", "stranger", 1])
def test_a_roster_of_another_authority_is_refused(signers, roster, who):
    with pytest.raises(Rejection, match="unknown-key"):
        open_roster(sign_roster(roster, signers[who]), signers["authority"].key)


def test_a_changed_roster_is_refused(signers, roster):
    envelope = bytearray(sign_roster(roster, signers["authority"]))
    envelope[len(envelope) // 4] ^= 1
    with pytest.raises(Rejection, match="bad-signature"):
        open_roster(bytes(envelope), signers["authority"].key)


def test_an_older_roster_than_the_known_one_is_refused(signers, roster):
    """Someone keeps the roster from before a revocation and brings it back."""
    old = sign_roster(roster, signers["authority"])
    new = sign_roster(revoke(roster, 1, 0), signers["authority"])
    known = open_roster(new, signers["authority"].key, min_version=roster.version).version
    assert known == roster.version + 1
    with pytest.raises(Rejection, match="stale-roster"):
        open_roster(old, signers["authority"].key, min_version=known)


def test_a_roster_is_refused_from_the_second_on_in_which_it_expires(signers, roster):
    envelope = sign_roster(replace(roster, expires=1000), signers["authority"])
    assert open_roster(envelope, signers["authority"].key, now=999.0).expires == 1000
    for now in (1000.0, time.time(), None):
        with pytest.raises(Rejection, match="roster-expired"):
            open_roster(envelope, signers["authority"].key, now=now)


@pytest.mark.parametrize(
    "entries",
    [
        {},
        {1: 1},
        {1: 1, 2: 1, 3: 4_102_444_800, 4: b"", 5: []},
        {1: 1, 2: 1, 3: 4_102_444_800, 4: 7, 5: []},
        {1: 2, 2: 1, 3: 4_102_444_800, 4: b"", 5: []},
        [],
    ],
)
def test_a_signed_but_malformed_roster_is_refused(signers, entries):
    envelope = sign(cbor2.dumps(entries, canonical=True), signers["authority"], ROSTER)
    with pytest.raises(Rejection, match=r"bad-claims|wrong-format|not-cose"):
        open_roster(envelope, signers["authority"].key)


def test_a_row_under_a_false_thumbprint_is_refused(signers, roster):
    """Otherwise a kid could stand for another client's key."""
    row = roster.rows[0]
    entry = [0, bytes(32), row.key.profile.cose_alg, row.key.raw, 1, 0, None, None]
    payload = {1: 1, 2: 1, 3: roster.expires, 4: roster.server.encode(), 5: [entry]}
    with pytest.raises(Rejection, match="thumbprint of client 0"):
        open_roster(sign(cbor2.dumps(payload, canonical=True), signers["authority"], ROSTER), signers["authority"].key)


def test_a_revoked_row_counts_before_its_round_and_not_from_it_on(roster):
    new = revoke(roster, 1, 5)
    assert (new.version, new.row(1).status, roster.row(1).status) == (roster.version + 1, "revoked", "active")
    new.row(1).require_valid(4)
    for later in (5, 6, 10**9):
        with pytest.raises(Rejection, match="revoked"):
            new.row(1).require_valid(later)


def test_a_revocation_is_never_moved_to_a_later_round(roster):
    assert revoke(revoke(roster, 1, 5), 1, 9).row(1).revoked_from == 5
    assert revoke(revoke(roster, 1, 5), 1, 2).row(1).revoked_from == 2


def test_a_client_that_is_not_enrolled_cannot_be_revoked(roster):
    with pytest.raises(Rejection, match="unknown-key"):
        revoke(roster, 99, 0)


def test_a_revoked_client_comes_back_with_another_key_and_never_with_a_revoked_one(roster):
    new, third = generate(ML_DSA_44).key, generate(ML_DSA_44).key
    back = admit(revoke(roster, 1, 5), RosterRow(1, new, 10, not_before=3))
    assert back.counting(1, 3).key == new and back.row(1).key == new
    for number, reason in ((1, "not-valid-yet"), (2, "not-valid-yet")):
        with pytest.raises(Rejection, match=reason):
            admit(revoke(roster, 1, 0), RosterRow(1, new, 10, not_before=3)).counting(1, number)
    assert back.counting(1, 2).key == roster.row(1).key  # as before the revocation, up to the new key's first round
    with pytest.raises(Rejection, match="duplicate-key"):
        admit(revoke(back, 1, 0), RosterRow(1, roster.row(1).key, 10))
    moved = rotate(back, 1, third, 7)
    assert (moved.counting(1, 6).key, moved.counting(1, 7).key) == (new, third)
    done = retire(moved, 1)
    assert done.counting(1, 1).key == third and roster.row(1).key in [row.key for row in done.rows]
    assert revoke(done, 1, 0).kids_in(1, [0, 1]) == {0: roster.row(0).kid}


def test_a_client_whose_key_counts_is_not_enrolled_twice(roster):
    with pytest.raises(Rejection, match="duplicate-client"):
        admit(roster, RosterRow(1, generate(ML_DSA_44).key, 10))
