"""A client's key is replaced from a round on: before it the old key counts, from it on the new one, and no third."""

import json

import pytest

from qfl.cli import main
from qfl.errors import KeyFolderError, Rejection
from qfl.security import keystore, membership
from qfl.security.enrolment import accept_rotation, request_rotation
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow, revoke
from qfl.security.signing import generate

SERVER, OLD, NEW, OTHER = (generate(ML_DSA_44) for _ in range(4))
ROSTER = Roster(1, 2**40, SERVER.key, (RosterRow(0, OTHER.key, 10), RosterRow(1, OLD.key, 10)))


def rotated(from_round=5):
    return accept_rotation(ROSTER, 1, NEW.key, from_round, request_rotation(OLD, NEW, 1, from_round))


@pytest.mark.parametrize(("number", "key"), [(0, OLD), (4, OLD), (5, NEW), (9, NEW)])
def test_each_round_has_one_key(number, key):
    roster = rotated()
    assert roster.version == 2 and roster.row(1, number).key == key.key
    roster.owner(key.key.thumbprint).require_valid(number)
    wrong, reason = (OLD, "no-longer-valid") if key is NEW else (NEW, "not-valid-yet")
    with pytest.raises(Rejection, match=reason):
        roster.owner(wrong.key.thumbprint).require_valid(number)


@pytest.mark.parametrize(
    "proofs",
    [
        request_rotation(OTHER, NEW, 1, 5),
        request_rotation(OLD, OTHER, 1, 5),
        request_rotation(OLD, NEW, 0, 5),
        request_rotation(OLD, NEW, 1, 6),
        request_rotation(OLD, NEW, 1, 5)[::-1],
        (b"", b""),
    ],
)
def test_both_keys_must_have_signed_this_very_change(proofs):
    with pytest.raises(Rejection, match="no-possession"):
        accept_rotation(ROSTER, 1, NEW.key, 5, proofs)


def test_a_statement_serves_once_and_a_revoked_key_cannot_rotate():
    with pytest.raises(Rejection, match="no-possession"):
        accept_rotation(rotated(), 1, NEW.key, 5, request_rotation(OLD, NEW, 1, 5))
    with pytest.raises(Rejection, match="revoked"):
        accept_rotation(revoke(ROSTER, 1, 3), 1, NEW.key, 5, request_rotation(OLD, NEW, 1, 5))


def test_a_key_that_is_enrolled_already_is_no_new_key():
    with pytest.raises(Rejection, match="duplicate-key"):
        accept_rotation(ROSTER, 1, OTHER.key, 5, request_rotation(OLD, OTHER, 1, 5))


def test_revoking_a_client_revokes_all_its_keys():
    roster = revoke(rotated(), 1, 2)
    assert {row.revoked_from for row in roster.rows if row.client == 1} == {2}


def test_two_keys_that_count_in_one_round_are_refused():
    with pytest.raises(Rejection, match="duplicate-client"):
        Roster(1, 2**40, SERVER.key, (RosterRow(1, OLD.key, 10, 0, 5), RosterRow(1, NEW.key, 10, 5)))


def test_the_commands_carry_a_rotation_from_client_to_authority_and_finish_it(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    keystore.new("keys", "ML-DSA-44", clients=2)
    first = keystore.load_signer("keys", 1)
    assert main(["keys", "rotate", "keys", "1", "--from-round", "4"]) == 0
    assert main(["keys", "rotate", "keys", "1", "--statement", "keys/rotation"]) == 0
    second = keystore.load_signers("keys", [1], None, 4)[1]
    assert keystore.load_signers("keys", [1], None, 3)[1] == first != second
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "keys" / "clients").iterdir()} == {0o600}
    assert main(["keys", "rotate", "keys", "1", "--statement", "keys/rotation"]) == 2
    assert "the key of client 1 stays: no-possession" in capsys.readouterr().err
    assert main(["keys", "rotate", "keys", "1", "--finish"]) == 0
    assert keystore.load_signers("keys", [1], None, 1)[1] == second and len(keystore.load_roster("keys").rows) == 2


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "give one of --from-round"),
        (["--from-round", "0"], "expected 1 or more"),
        (["--statement", "absent"], "cannot read statement"),
        (["--statement", "other"], "is the statement of client 0, not of client 1"),
        (["--statement", "broken"], "is no statement"),
        (["--finish", "--from-round", "3"], "give one of"),
    ],
)
def test_mistakes_are_sentences(tmp_path, monkeypatch, capsys, words, says):
    monkeypatch.chdir(tmp_path)
    keystore.new("keys", "ML-DSA-44", clients=2)
    fields = {"client": 0, "from_round": 3, "key": "00", "proofs": ["00", "00"]}
    (tmp_path / "other").write_text(json.dumps(fields))
    (tmp_path / "broken").write_text("{}")
    assert main(["keys", "rotate", "keys", "1", *words]) == 2
    assert says in capsys.readouterr().err


def test_without_its_present_key_a_client_cannot_rotate(tmp_path):
    keystore.new(tmp_path / "keys", "ML-DSA-44", clients=1)
    (tmp_path / "keys" / "clients" / "0.key").unlink()
    with pytest.raises(KeyFolderError, match="cannot read private key"):
        membership.request_rotation(tmp_path / "keys", 0, 3)
