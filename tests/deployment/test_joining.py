"""An application proves both of a client's keys, is read strictly, and cannot keep the rest of a fleet out."""

import io
import json
import os
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from qfl.cli import main
from qfl.deployment import joining
from qfl.deployment.certificates import line_of, prove_node_key
from qfl.deployment.create import Plan, create
from qfl.errors import ConfigError, KeyFolderError
from qfl.security import keystore, membership

LINE = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH


@pytest.fixture
def fleet(tmp_path):
    """A fleet of three where clients 0 and 1 have joined, and only client 0 is admitted."""
    folder = tmp_path / "fleet"
    create(folder, Plan(3, port=0, algorithm="ML-DSA-44", tokens=True))
    tokens = joining.invite_all(folder, 3)
    for client in (0, 1):
        joining.join(folder / "nodes" / str(client), tokens[client])
    joining.admit(folder, folder / "nodes" / "0" / "application")
    return folder


def application(fleet, client=1):
    return fleet / "nodes" / str(client) / "application"


def rewrite(fleet, **changes):
    path = application(fleet)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def refused(fleet, match):
    before = (fleet / "authority" / "keys" / "roster.cbor").read_bytes()
    with pytest.raises(KeyFolderError, match=match):
        joining.admit(fleet, application(fleet))
    assert (fleet / "authority" / "keys" / "roster.cbor").read_bytes() == before
    assert sorted(path.name for path in (fleet / "server" / "nodes").glob("*.pub")) == ["0.pub"]


def test_both_keys_of_an_applicant_are_taken_in(fleet):
    client, changed = joining.admit(fleet, application(fleet))
    assert client == 1 and all(path.is_file() for path in changed)
    assert (fleet / "server" / "nodes" / "1.pub").read_bytes() == (fleet / "nodes" / "1" / "node.pub").read_bytes()


BAD_LINES = {
    "broken": "ecdsa-sha2-nistp384 AAAA\n",
    "another type": ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*LINE).decode() + "\n",
    "another curve": ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*LINE).decode() + "\n",
    "two keys": 2 * line_of(ec.generate_private_key(ec.SECP384R1()).public_key()).decode(),
    "a comment": line_of(ec.generate_private_key(ec.SECP384R1()).public_key()).decode().replace("\n", " me\n"),
    "no end": line_of(ec.generate_private_key(ec.SECP384R1()).public_key()).decode().strip(),
    "options": "command=x " + line_of(ec.generate_private_key(ec.SECP384R1()).public_key()).decode(),
    "empty": "",
    "long": "ecdsa-sha2-nistp384 " + "A" * 5000 + "\n",
    "not ascii": "ecdsa-sha2-nistp384 \udcff\n",
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES)
def test_a_node_key_that_is_none_is_refused(fleet, line):
    rewrite(fleet, node=line)
    refused(fleet, "holds no SuperNode key")


def test_another_nodes_key_in_its_place_is_refused_whoever_signs_for_it(fleet):
    """The applicant itself puts in somebody's public key; it cannot sign with the private one."""
    other = (fleet / "nodes" / "0" / "node.pub").read_text()
    rewrite(fleet, node=other)
    refused(fleet, "client 1 is not enrolled: no-possession: .*of its SuperNode")
    proof = bytes.fromhex(json.loads(application(fleet).read_text())["proof"])
    rewrite(fleet, node_proof=prove_node_key(fleet / "nodes" / "0" / "node.key", proof).hex())
    refused(fleet, "no-possession")  # and who has the private one cannot change what the ML-DSA key signed


def reapply(fleet, private):
    """Let client 1 apply with a SuperNode key of its choice, all proofs in order."""
    home = fleet / "nodes" / "1"
    (home / "node.key").unlink()
    (home / "keys" / "clients" / "1.key").unlink()
    made = joining.make_node_key

    def given(key, public):
        form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        key.write_bytes(private.private_bytes(*form))
        public.write_bytes(line_of(private.public_key()))

    joining.make_node_key = given
    try:
        joining.join(home, joining.invite(fleet, 1))
    finally:
        joining.make_node_key = made


def load(path, how=serialization.load_pem_private_key):
    return how(path.read_bytes(), None)


def test_a_key_that_another_client_or_the_server_has_is_refused_even_with_both_proofs(fleet):
    reapply(fleet, load(fleet / "nodes" / "0" / "node.key", serialization.load_ssh_private_key))
    refused(fleet, "its SuperNode key is that of client 0; join with a new one")
    for path in (fleet / "server" / "tls.key", fleet / "authority" / "ca.key"):
        reapply(fleet, load(path))
        refused(fleet, "its SuperNode key is the server's")


def test_a_key_of_a_client_that_has_joined_and_is_not_admitted_yet_is_refused(fleet):
    joining.join(fleet / "nodes" / "2", joining.invite(fleet, 2))
    reapply(fleet, load(fleet / "nodes" / "2" / "node.key", serialization.load_ssh_private_key))
    refused(fleet, "its SuperNode key is that of client 2")


def test_a_revoked_client_is_admitted_again_with_new_keys_and_never_with_its_old_one(fleet):
    joining.admit(fleet, application(fleet))
    private = load(fleet / "nodes" / "1" / "node.key", serialization.load_ssh_private_key)
    authority = str(fleet / "authority" / "keys")
    assert main(["keys", "revoke", authority, "1"]) == 0 and main(["deploy", "publish", str(fleet)]) == 0
    reapply(fleet, private)
    refused(fleet, "its SuperNode key is one that was shut out")
    reapply(fleet, ec.generate_private_key(ec.SECP384R1()))
    joining.admit(fleet, application(fleet))
    roster = keystore.load_roster(fleet / "server" / "keys")
    assert keystore.load_signer(fleet / "nodes" / "1" / "keys", 1).key == roster.counting(1, 1).key
    assert sorted(path.name for path in (fleet / "server" / "nodes").glob("*.pub")) == ["0.pub", "1.pub"]


def text_of(entries):
    return json.dumps(entries).encode()


FIELDS = {"client": 1, "key": "00", "proof": "00", "node": "x", "node_proof": "00"}
STRANGE = {
    "empty": b"",
    "no JSON": b"client 1",
    "not UTF-8": b"\xff\xfe",
    "deep": b"[" * 60_000,
    "deep and closed": b"[" * 30_000 + b"]" * 30_000,
    "deep object": b'{"client":' * 6_000,
    "large": text_of(FIELDS | {"key": "00" * 100_000}),
    "a list": b"[]",
    "null": b"null",
    "a huge number": b'{"client": 1' + b"0" * 5000 + b"}",
    "not a number": b'{"client": NaN}',
    "more fields": text_of(FIELDS | {"max_examples": 10}),
    "fewer fields": text_of({"client": 1, "key": "00", "proof": "00"}),
    "a field twice": text_of(FIELDS).replace(b'"client": 1', b'"client": 1, "client": 2'),
    "a negative client": text_of(FIELDS | {"client": -1}),
    "a huge client": text_of(FIELDS | {"client": 2**70}),
    "a client as text": text_of(FIELDS | {"client": "1"}),
    "a path as client": text_of(FIELDS | {"client": "../../server"}),
    "half a client": text_of(FIELDS | {"client": 1.5}),
    "true as client": text_of(FIELDS | {"client": True}),
    "no client": text_of(FIELDS | {"client": None}),
    "no digits": text_of(FIELDS | {"key": "zz"}),
    "spaces in digits": text_of(FIELDS | {"key": "00 00"}),
    "a number as key": text_of(FIELDS | {"key": 5}),
    "a list as node": text_of(FIELDS | {"node": ["x"]}),
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE)
def test_a_strange_file_is_one_sentence_and_exit_code_2(fleet, capsys, content):
    application(fleet).write_bytes(content)
    start = time.process_time()
    assert main(["deploy", "admit", str(fleet), str(application(fleet))]) == 2
    assert time.process_time() - start < 0.2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "is no application (" in error and "`qfl deploy join`" in error
    assert len(error) < 500 + len(str(fleet))


def test_what_is_no_file_is_a_sentence(fleet, capsys, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, says in (
        (tmp_path / "pipe", "no regular file"),
        (tmp_path, "no regular file"),
        ("absent", "cannot read"),
    ):
        assert main(["deploy", "admit", str(fleet), str(path)]) == 2
        assert says in capsys.readouterr().err


def test_the_application_of_another_fleet_is_refused(fleet, tmp_path):
    create(tmp_path / "other", Plan(3, port=0, algorithm="ML-DSA-44", tokens=True))
    joining.invite_all(tmp_path / "other", 3)
    with pytest.raises(KeyFolderError, match="client 1 is not enrolled: no-possession"):
        joining.admit(tmp_path / "other", application(fleet))


def test_an_application_serves_once(fleet):
    with pytest.raises(KeyFolderError, match="client 0 is not invited"):
        joining.admit(fleet, application(fleet, 0))


def test_a_client_that_the_fleet_does_not_have_is_neither_invited_nor_admitted(fleet, capsys):
    for client, says in (
        ("3", "has no client 3"),
        ("-1", "-1: expected a whole"),
        (str(2**70), f"{2**70}: expected a"),
    ):
        assert main(["deploy", "invite", str(fleet), client]) == 2
        assert says in capsys.readouterr().err
    rewrite(fleet, client=7)
    refused(fleet, "has no client 7")


def test_two_at_once_do_not_admit(fleet):
    from qfl.deployment.locks import alone

    with alone(fleet), pytest.raises(ConfigError, match="another `qfl deploy` is at work"):
        joining.admit(fleet, application(fleet))


def test_an_invitation_expires(fleet, monkeypatch):
    week = time.time() + membership.INVITATION_DAYS * 86400
    monkeypatch.setattr(membership.time, "time", lambda: week + 60)
    refused(fleet, "the invitation of client 1 expired .*; invite it again")
    (fleet / "authority" / "keys" / "invitations" / "1").write_bytes(bytes(32))  # as it was before tokens expired
    refused(fleet, "the invitation of client 1 expired")


def test_a_token_comes_from_a_file_the_standard_input_or_the_environment(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "fleet"
    assert main(["deploy", "init", str(folder), "--clients", "4", "--algorithm", "ML-DSA-44", "--tokens"]) == 0
    said = capsys.readouterr().out
    tokens = [line.split("token ")[1] for line in said.splitlines() if ", token " in line]
    assert len(tokens) == 4 and "--token" not in said and "good once, for\n7 days" in said
    homes = [str(folder / "nodes" / str(client)) for client in range(4)]
    (tmp_path / "token").write_text(tokens[0] + "\n")
    assert main(["deploy", "join", homes[0], "--token-file", str(tmp_path / "token")]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO(tokens[1] + "\n"))
    assert main(["deploy", "join", homes[1], "--token-file", "-"]) == 0
    monkeypatch.setenv("QFL_TOKEN", tokens[2])
    assert main(["deploy", "join", homes[2]]) == 0 and capsys.readouterr().err == ""
    assert main(["deploy", "join", homes[3], "--token", tokens[3]]) == 0
    assert "every account of this machine can read --token" in capsys.readouterr().err


def test_without_a_token_the_ways_to_give_one_are_named(fleet, capsys, monkeypatch):
    monkeypatch.delenv("QFL_TOKEN", raising=False)
    home = str(fleet / "nodes" / "2")
    for words, says in (
        ([], "give it in --token-file FILE (- for the standard input) or in QFL_TOKEN"),
        (["--token-file", "absent"], "is no file"),
        (["--token-file", str(Path(home) / "ca.crt")], "expected the 64 hexadecimal digits"),
        (["--token", "ab" * 31], "--token 'abab...': expected the 64 hexadecimal digits"),
    ):
        assert main(["deploy", "join", home, *words]) == 2
        assert says in capsys.readouterr().err
