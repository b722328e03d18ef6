import pytest

from qfl.errors import Rejection
from qfl.security.enrolment import enrol, prove_possession
from qfl.security.envelope import ROSTER, sign
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import RosterRow
from qfl.security.signing import generate

NONCE = bytes(range(32))


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
