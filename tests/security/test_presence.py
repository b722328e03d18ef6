"""A proof of presence is good for one client, one node and one roll call."""

import pytest

from qfl.errors import Rejection
from qfl.security.presence import prove_presence, verify_presence
from qfl.security.profiles import profile
from qfl.security.registry import Roster, RosterRow
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
