"""Certificates and node keys as other programs see them: Python's TLS accepts and refuses, OpenSSL reads."""

import shutil
import ssl
import subprocess
from datetime import UTC, datetime

import pytest

from qfl.deployment.certificates import (
    issue,
    line_of,
    make_ca,
    make_node_key,
    prove_node_key,
    read_certificate,
    read_node_key,
    require_host,
    trusting,
    verify_node_key,
)
from qfl.errors import ConfigError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("ca", "other"):
        make_ca(folder / f"{name}.crt", folder / f"{name}.key", days=30)
    issue(
        folder / "ca.crt", folder / "ca.key", ["radio.example.org", "192.0.2.7"], folder / "s.crt", folder / "s.key", 10
    )
    make_node_key(folder / "node.key", folder / "node.pub")
    return folder


def handshake(folder, authority, name):
    """Return the client's TLS version after a handshake in memory; raises what TLS raises."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "s.crt", folder / "s.key")
    pipes = [ssl.MemoryBIO() for _ in range(4)]
    client = trusting(folder / authority).wrap_bio(pipes[0], pipes[1], server_hostname=name)
    ends = client, server.wrap_bio(pipes[2], pipes[3], server_side=True)
    for _ in range(6):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass
        pipes[2].write(pipes[1].read())
        pipes[0].write(pipes[3].read())
    return client.version()


@pytest.mark.parametrize("name", ["radio.example.org", "192.0.2.7"])
def test_tls_holds_under_the_names_that_were_asked_for(folder, name):
    assert handshake(folder, "ca.crt", name) == "TLSv1.3"


@pytest.mark.parametrize(
    ("authority", "name", "says"),
    [("ca.crt", "other.example.org", "Hostname mismatch"), ("other.crt", "192.0.2.7", "certificate verify failed")],
)
def test_tls_fails_for_another_name_or_authority(folder, authority, name, says):
    with pytest.raises(ssl.SSLCertVerificationError, match=says):
        handshake(folder, authority, name)


def test_a_certificate_lasts_as_long_as_it_was_asked_to(folder):
    left = read_certificate(folder / "s.crt").not_valid_after_utc - datetime.now(UTC)
    assert 9 <= left.days <= 10


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_openssl_verifies_the_chain_and_takes_no_server_for_an_authority(folder):
    def verify(*words):
        return subprocess.run(["openssl", "verify", *map(str, words)], capture_output=True, text=True)

    assert verify("-CAfile", folder / "ca.crt", folder / "s.crt").returncode == 0
    assert verify("-CAfile", folder / "other.crt", folder / "s.crt").returncode != 0
    issue(folder / "s.crt", folder / "s.key", ["192.0.2.8"], folder / "x.crt", folder / "x.key", 5)
    assert verify("-CAfile", folder / "ca.crt", "-untrusted", folder / "s.crt", folder / "x.crt").returncode != 0


def test_private_keys_are_their_owners_alone_and_never_overwritten(folder):
    for name in ("ca.key", "s.key", "node.key"):
        assert (folder / name).stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_node_key(folder / "node.key", folder / "node.pub")


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="ssh-keygen is not installed")
def test_node_keys_are_openssh_keys(folder):
    derived = subprocess.run(["ssh-keygen", "-y", "-f", folder / "node.key"], capture_output=True, check=True).stdout
    assert derived.split()[:2] == line_of(read_node_key(folder / "node.pub")).split()[:2]


def test_a_proof_is_for_one_key_and_one_statement(folder):
    make_node_key(folder / "second.key", folder / "second.pub")
    proof = prove_node_key(folder / "node.key", b"statement")
    key, other = read_node_key(folder / "node.pub"), read_node_key(folder / "second.pub")
    assert verify_node_key(key, proof, b"statement")
    assert not verify_node_key(other, proof, b"statement") and not verify_node_key(key, proof, b"another")
    assert not verify_node_key(key, b"", b"statement")


@pytest.mark.parametrize("host", ["", "a b", "-x.org", "192.0.2.7:80", "http://x.org"])
def test_a_host_that_no_certificate_can_carry_is_refused(host):
    with pytest.raises(ConfigError, match="expected a name or an address"):
        require_host(host)
