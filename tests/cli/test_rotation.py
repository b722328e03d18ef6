"""``qfl keys rotate``: a client states its next key, the authority takes it down, and drops the earlier one."""

import json
import shutil

import pytest

from qfl.cli import main
from qfl.security import keystore


@pytest.fixture
def folder(tmp_path, monkeypatch, capsys):
    """Return an authority's folder beside that of client 1; the working directory has both."""
    monkeypatch.chdir(tmp_path)
    assert main(["keys", "new", "keys", "--clients", "2", "--algorithm", "ML-DSA-44"]) == 0
    mine = tmp_path / "mine" / "clients"
    mine.mkdir(parents=True)
    shutil.move(tmp_path / "keys" / "clients" / "1.key", mine / "1.key")
    for name in ("authority.pub", "roster.cbor"):
        shutil.copy(tmp_path / "keys" / name, tmp_path / "mine" / name)
    capsys.readouterr()
    return tmp_path / "keys"


def keys_of(folder, client):
    return [row.key.encode() for row in keystore.load_roster(folder).rows if row.client == client]


def test_from_statement_to_one_key_again(folder, capsys):
    (before,) = keys_of(folder, 1)
    assert main(["keys", "rotate", "mine", "1", "--from-round", "5"]) == 0
    assert "send mine/rotation to the authority (no secret)" in capsys.readouterr().out
    assert main(["keys", "rotate", "keys", "1", "--statement", "mine/rotation"]) == 0
    assert "from round 5 on client 1 signs with its new key (roster version 2)" in capsys.readouterr().out
    stated = bytes.fromhex(json.loads((folder.parent / "mine" / "rotation").read_text())["key"])
    assert set(keys_of(folder, 1)) == {before, stated} and len(keys_of(folder, 0)) == 1
    assert main(["keys", "rotate", "keys", "1", "--finish"]) == 0
    assert keys_of(folder, 1) == [stated]


def test_the_statement_holds_no_secret(folder):
    assert main(["keys", "rotate", "mine", "1", "--from-round", "5"]) == 0
    text = (folder.parent / "mine" / "rotation").read_text()
    secrets = [path.read_bytes() for path in (folder.parent / "mine" / "clients").iterdir()]
    assert len(secrets) >= 2 and not any(secret.hex() in text for secret in secrets)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["mine", "1"], "give one of --from-round N (on the client), --statement FILE or --finish"),
        (["mine", "1", "--from-round", "2", "--finish"], "give one of --from-round N"),
        (["mine", "1", "--from-round", "0"], "--from-round 0: expected 1 or more"),
        (["keys", "1", "--statement", "absent"], "'absent'"),
    ],
)
def test_a_mistake_is_a_sentence_and_changes_nothing(folder, capsys, words, says):
    before = keys_of(folder, 1)
    assert main(["keys", "rotate", *words]) == 2
    errors = capsys.readouterr().err
    assert says in errors and errors.count("\n") == 1 and keys_of(folder, 1) == before


def test_a_statement_counts_for_its_own_client_and_as_it_was_made(folder, capsys):
    assert main(["keys", "rotate", "mine", "1", "--from-round", "5"]) == 0
    capsys.readouterr()
    assert main(["keys", "rotate", "keys", "0", "--statement", "mine/rotation"]) == 2
    assert "is the statement of client 1, not of client 0; check which is meant" in capsys.readouterr().err
    path = folder.parent / "mine" / "rotation"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"from_round": 4}))
    assert main(["keys", "rotate", "keys", "1", "--statement", "mine/rotation"]) == 2
    assert capsys.readouterr().err.startswith("qfl: ") and len(keys_of(folder, 1)) == 1
