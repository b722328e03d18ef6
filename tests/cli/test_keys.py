"""``qfl keys``: from a new key folder to a revoked client, with the private key staying where it was made."""

import json

import pytest

from qfl.cli import main
from qfl.security import keystore


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["keys", "new", "keys", "--clients", "2", "--algorithm", "ML-DSA-44"]) == 0
    capsys.readouterr()
    return tmp_path / "keys"


def rows(capsys) -> list[dict]:
    assert main(["keys", "list", "keys", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def invite(capsys, client: str) -> str:
    assert main(["keys", "enrol", "keys", client]) == 0
    return capsys.readouterr().out.split("--invitation ")[1].split()[0]


def apply(client: str, invitation: str) -> int:
    return main(["keys", "new", "mine", "--client", client, "--invitation", invitation, "--algorithm", "ML-DSA-44"])


def test_a_new_folder_lists_its_clients(folder, capsys):
    assert [(row["client"], row["algorithm"], row["status"]) for row in rows(capsys)] == [
        (0, "ML-DSA-44", "active"),
        (1, "ML-DSA-44", "active"),
    ]
    assert main(["keys", "list", "keys"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and lines[1].split()[:3] == ["0", "ML-DSA-44", "active"]


def test_a_client_is_invited_applies_and_is_enrolled(folder, capsys):
    assert apply("2", invite(capsys, "2")) == 0
    assert main(["keys", "enrol", "keys", "2", "--application", "mine/application", "--max-examples", "50"]) == 0
    assert "client 2 is enrolled; the roster has version 2 and 3 clients" in capsys.readouterr().out
    assert rows(capsys)[2]["max_examples"] == 50
    assert not (folder / "clients" / "2.key").exists()
    for name in ("authority.pub", "roster.cbor"):
        (folder.parent / "mine" / name).write_bytes((folder / name).read_bytes())
    signer = keystore.load_signer(folder.parent / "mine", 2)
    assert signer.key == keystore.load_roster(folder).row(2).key


def test_the_application_holds_no_secret(folder, capsys):
    assert apply("2", invite(capsys, "2")) == 0
    secret = (folder.parent / "mine" / "clients" / "2.key").read_bytes()
    text = (folder.parent / "mine" / "application").read_text()
    assert len(secret) == 32 and secret.hex() not in text


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda fields: fields | {"client": 7}, "is the application of client 7, not of client 2"),
        (lambda fields: fields | {"key": "zz"}, "is no application"),
        (lambda fields: {}, "is no application"),
        (lambda fields: [], "is no application"),
        (lambda fields: fields | {"proof": "00"}, "client 2 is not enrolled"),
        (lambda fields: fields | {"key": fields["key"][:-2]}, "client 2 is not enrolled"),
    ],
)
def test_a_spoilt_application_is_refused(folder, capsys, spoil, says):
    assert apply("2", invite(capsys, "2")) == 0
    path = folder.parent / "mine" / "application"
    path.write_text(json.dumps(spoil(json.loads(path.read_text()))))
    capsys.readouterr()
    assert main(["keys", "enrol", "keys", "2", "--application", str(path)]) == 2
    assert says in capsys.readouterr().err
    assert len(rows(capsys)) == 2


def test_an_application_serves_once(folder, capsys):
    assert apply("2", invite(capsys, "2")) == 0
    words = ["keys", "enrol", "keys", "2", "--application", "mine/application"]
    assert main(words) == 0
    capsys.readouterr()
    assert main(words) == 2
    assert "client 2 is not" in capsys.readouterr().err


def test_a_revoked_client_is_listed_as_revoked(folder, capsys):
    assert main(["keys", "revoke", "keys", "1", "--from-round", "12"]) == 0
    capsys.readouterr()
    assert [row["revoked_from"] for row in rows(capsys)] == [None, 12]
    assert main(["keys", "list", "keys"]) == 0
    assert "revoked from round 12" in capsys.readouterr().out


def test_who_is_not_enrolled_cannot_be_revoked(folder, capsys):
    for words in (["9"], ["1", "--from-round", "-1"]):
        assert main(["keys", "revoke", "keys", *words]) == 2
        assert capsys.readouterr().err.startswith("qfl: ")


def test_a_passphrase_seals_every_private_key(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QFL_PASSPHRASE", "correct horse")
    assert main(["keys", "new", "keys", "--clients", "1", "--algorithm", "ML-DSA-44"]) == 0
    assert main(["keys", "revoke", "keys", "0"]) == 0
    monkeypatch.delenv("QFL_PASSPHRASE")
    capsys.readouterr()
    assert main(["keys", "revoke", "keys", "0"]) == 2
    assert "is sealed; give its passphrase" in capsys.readouterr().err
