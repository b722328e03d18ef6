"""One bad file among the nodes' keys keeps nobody else out; the log says which it is."""

import os
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from qfl.deployment.certificates import make_node_key, pem_of
from qfl.deployment.gate import PULL, Gate, Refused

LINE = serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH


@pytest.fixture
def nodes(tmp_path):
    (tmp_path / "nodes").mkdir()
    for client in (0, 2):
        make_node_key(tmp_path / f"{client}.key", tmp_path / "nodes" / f"{client}.pub")
    return tmp_path / "nodes"


def request(nodes, client):
    private = serialization.load_ssh_private_key((nodes.parent / f"{client}.key").read_bytes(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    stamp = datetime.now(UTC).isoformat()
    signature = private.sign(stamp.encode(), ec.ECDSA(hashes.SHA256()))
    return {
        "content-length": "1",
        "flwr-public-key": b64encode(pem_of(private.public_key())).decode(),
        "flwr-timestamp": stamp,
        "flwr-signature": b64encode(signature).decode(),
    }


BAD = {
    "no key": b"ecdsa-sha2-nistp384 AAAA\n",
    "empty": b"",
    "no text": bytes(range(256)),
    "very long": b"ecdsa-sha2-nistp384 " + b"A" * 10**6,
    "another type": ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(*LINE),
    "another curve": ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(*LINE),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_file_that_holds_no_key_is_skipped_and_named(nodes, capsys, bad):
    (nodes / "1.pub").write_bytes(bad)
    gate = Gate(nodes, 1000)
    assert [gate.admit("POST", PULL, request(nodes, client)) for client in (0, 2)] == [("0", 1), ("2", 1)]
    assert "nodes/1.pub' is skipped: " in capsys.readouterr().out


def test_what_is_no_file_is_skipped(nodes, capsys):
    os.mkfifo(nodes / "1.pub")
    (nodes / "3.pub").mkdir()
    (nodes / "4.pub").symlink_to(nodes / "absent")
    gate = Gate(nodes, 1000)
    assert gate.admit("POST", PULL, request(nodes, 2)) == ("2", 1)
    assert capsys.readouterr().out.count("is skipped: no regular file") == 3


def test_a_key_counts_for_one_client_alone(nodes, capsys):
    (nodes / "1.pub").write_bytes((nodes / "0.pub").read_bytes())
    gate = Gate(nodes, 1000)
    assert gate.admit("POST", PULL, request(nodes, 0)) == ("0", 1)
    assert "1.pub' is skipped: it holds the key of client '0'" in capsys.readouterr().out


def test_a_key_that_is_taken_away_no_longer_passes(nodes):
    gate = Gate(nodes, 1000)
    assert gate.admit("POST", PULL, request(nodes, 2)) == ("2", 1)
    (nodes / "2.pub").unlink()
    with pytest.raises(Refused, match="not registered"):
        gate.admit("POST", PULL, request(nodes, 2))
