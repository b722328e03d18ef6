"""A proof of presence is good for one client, one node and one roll call."""

import pytest

from qfl.errors import Rejection
from qfl.security.challenge_response import prove_presence, verify_presence
from qfl.security.profiles import profile
from qfl.security.roster import Roster, RosterRow, revoke, rotate
from qfl.security.signing import generate

SERVER, FIRST, SECOND, STRANGER = (generate(profile("ML-DSA-44")) for _ in range(4))
ROSTER = Roster(1, 2**40, SERVER.key, (RosterRow(0, FIRST.key, 10), RosterRow(1, SECOND.key, 10)))
CHALLENGE = b"c" * 32


def test_the_enrolled_key_proves_its_client():
    verify_presence(prove_presence(FIRST, 0, 42, CHALLENGE), 0, 42, CHALLENGE, ROSTER)


@pytest.mark.parametrize(
    ("proof", "reason"),
    [
        (prove_presence(SECOND, 0, 42, CHALLENGE), "wrong-client"),
        (prove_presence(STRANGER, 0, 42, CHALLENGE), "unknown-key"),
        (prove_presence(FIRST, 0, 43, CHALLENGE), "replay"),
        (prove_presence(FIRST, 0, 42, b"d" * 32), "replay"),
        (prove_presence(FIRST, 1, 42, CHALLENGE), "replay"),
        (b"", "not-cose"),
    ],
)
def test_any_other_proof_is_refused(proof, reason):
    with pytest.raises(Rejection) as refused:
        verify_presence(proof, 0, 42, CHALLENGE, ROSTER)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("roster", "signer", "number", "reason"),
    [
        (revoke(ROSTER, 0, 0), FIRST, 1, "revoked"),
        (revoke(ROSTER, 0, 5), FIRST, 5, "revoked"),
        (rotate(ROSTER, 0, STRANGER.key, 5), FIRST, 5, "no-longer-valid"),
        (rotate(ROSTER, 0, STRANGER.key, 5), STRANGER, 4, "not-valid-yet"),
    ],
)
def test_a_key_that_does_not_count_in_the_round_proves_nothing(roster, signer, number, reason):
    proof = prove_presence(signer, 0, 42, CHALLENGE)
    with pytest.raises(Rejection) as refused:
        verify_presence(proof, 0, 42, CHALLENGE, roster, number)
    assert refused.value.reason == reason
    other = number - 1 if signer is FIRST else number + 1
    if other:
        verify_presence(proof, 0, 42, CHALLENGE, roster, other)
