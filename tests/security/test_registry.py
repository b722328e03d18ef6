import time
from dataclasses import replace

import cbor2
import pytest

from qfl.errors import Rejection
from qfl.security.envelope import ROSTER, sign
from qfl.security.profiles import ML_DSA_44, ML_DSA_65
from qfl.security.registry import (
    Roster,
    RosterRow,
    enrol,
    open_roster,
    prove_possession,
    require_sound,
    revoke,
    sign_roster,
)
from qfl.security.signing import PublicKey, generate

NONCE = bytes(range(32))


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


# Enrolment


@pytest.fixture
def applicant():
    return generate(ML_DSA_44)


def test_an_applicant_who_holds_its_key_is_enrolled_in_the_next_version(roster, applicant):
    row = RosterRow(7, applicant.key, 100)
    new = enrol(roster, row, prove_possession(applicant, 7, NONCE), NONCE)
    assert new.row(7) == row and new.version == roster.version + 1 and len(roster.rows) == 3


@pytest.mark.parametrize(
    "proof",
    {
        "signed by another key": lambda a, s: prove_possession(s["stranger"], 7, NONCE),
        "for another client": lambda a, s: prove_possession(a, 8, NONCE),
        "for another nonce": lambda a, s: prove_possession(a, 7, bytes(32)),
        "no envelope": lambda a, s: b"please",
        "an envelope of another kind": lambda a, s: sign(b"", a, ROSTER),
    }.values(),
)
def test_without_proof_of_possession_nobody_is_enrolled(roster, applicant, signers, proof):
    with pytest.raises(Rejection, match="no-possession"):
        enrol(roster, RosterRow(7, applicant.key, 100), proof(applicant, signers), NONCE)


def test_a_second_key_for_a_client_is_refused(roster, applicant):
    with pytest.raises(Rejection, match="duplicate-client"):
        enrol(roster, RosterRow(1, applicant.key, 100), prove_possession(applicant, 1, NONCE), NONCE)


@pytest.mark.parametrize("owner", [1, "server"])
def test_an_enrolled_key_is_refused_for_another_client(roster, signers, owner):
    with pytest.raises(Rejection, match="duplicate-key"):
        enrol(roster, RosterRow(7, signers[owner].key, 100), prove_possession(signers[owner], 7, NONCE), NONCE)


def packed(coefficients: list[int]) -> bytes:
    """t1 at 10 bits a coefficient, little-endian (FIPS 204, algorithm 16)."""
    number = sum(value << 10 * place for place, value in enumerate(coefficients))
    return number.to_bytes(len(coefficients) * 10 // 8, "little")


@pytest.mark.parametrize(
    "coefficients",
    {
        "t1 = 0": [0] * 1536,
        "t = -1": [1023] * 1536,
        "t of zeros and minus ones": [1023 * (place % 3 == 0) for place in range(1536)],
    }.values(),
)
def test_a_key_under_which_anyone_can_sign_is_refused(roster, coefficients):
    """With s1 = 0 every coefficient of t1 is 0 or 1023, and t is read off the public key."""
    key = PublicKey(ML_DSA_65, bytes(range(32)) + packed(coefficients))
    with pytest.raises(Rejection, match="degenerate-key"):
        require_sound(key)
    with pytest.raises(Rejection, match="degenerate-key"):
        replace(roster, rows=(RosterRow(7, key, 1),))
    with pytest.raises(Rejection, match="degenerate-key"):
        Roster(1, roster.expires, key)


def test_one_ordinary_coefficient_makes_a_key_sound():
    for place in (0, 700, 1535):
        coefficients = [0] * 1536
        coefficients[place] = 512
        require_sound(PublicKey(ML_DSA_65, bytes(32) + packed(coefficients)))


def test_small_negative_numbers_round_to_1023():
    """Power2Round of FIPS 204 (algorithm 35), computed here: the reason for the rule above."""
    q, d = 8380417, 13
    for small in range(-4, 5):
        r = small % q
        low = (r + 2 ** (d - 1) - 1) % 2**d - 2 ** (d - 1) + 1  # r mod+- 2^13, in (-4096, 4096]
        assert (r - low) >> d == (1023 if small < 0 else 0)


# Revocation


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
