"""Certificates for TLS, and the keys with which SuperNodes authenticate to the SuperLink: ECDSA on P-384.

Neither Python's ``ssl`` (OpenSSL 3.0) nor Flower accepts ML-DSA here. These keys are never used for anything else: who
sent an update is proven by the ML-DSA signature in it, and what it says is sealed (`qfl.security.sealing`).
"""

import ipaddress
import re
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from qfl.errors import ConfigError, Damaged
from qfl.reading import read_bytes
from qfl.writing import write_new

CURVE, HASH = ec.SECP384R1(), hashes.SHA384()
SKEW = timedelta(hours=1)  # clocks of hosts differ
LINE_BYTES, PEM_BYTES = 1024, 2**16
POSSESSION = b"qfl/supernode-key/v1\0"  # SuperNodes sign nothing else that begins like this


def make_ca(certificate: Path, key: Path, days: int) -> None:
    """Write a new certificate authority: its certificate, and its private key with mode 0600.

    Args:
        certificate: Where to write the certificate (PEM).
        key: Where to write the private key (PEM); neither file may exist.
        days: How long it is valid.

    Reference:
        RFC 5280, sections 4.2.1.3 (key usage) and 4.2.1.9 (basic constraints: a path of length 0).
    """
    private, name = ec.generate_private_key(CURVE), _name("qfl deployment authority")
    builder = _builder(name, name, private.public_key(), private.public_key(), days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=True), critical=True)
    _write(certificate, builder.sign(private, HASH).public_bytes(serialization.Encoding.PEM), 0o644)
    _write(key, _pem(private), 0o600)


def issue(ca_certificate: Path, ca_key: Path, hosts: Sequence[str], certificate: Path, key: Path, days: int) -> None:
    """Write a server's certificate for host names and addresses, and its private key with mode 0600.

    Args:
        ca_certificate: What `make_ca` wrote.
        ca_key: Its private key.
        hosts: Names (``radio.example.org``) and addresses (``192.0.2.7``) under which the server is reached.
        certificate: Where to write the certificate.
        key: Where to write the private key.
        days: How long it is valid.
    """
    ca, signer = read_certificate(ca_certificate), read_private_key(ca_key)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    private = ec.generate_private_key(CURVE)
    builder = _builder(_name(hosts[0][:64]), ca.subject, private.public_key(), signer.public_key(), days)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_certificates=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    names = list(map(_general_name, dict.fromkeys(hosts)))
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    _write(certificate, builder.sign(signer, HASH).public_bytes(serialization.Encoding.PEM), 0o644)
    _write(key, _pem(private), 0o600)


def make_node_key(private: Path, public: Path) -> None:
    """Write a SuperNode's key pair in OpenSSH's form, the private half with mode 0600."""
    key = ec.generate_private_key(CURVE)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    _write(private, key.private_bytes(*form), 0o600)
    _write(public, line_of(key.public_key()), 0o644)


def read_node_key(path: Path) -> ec.EllipticCurvePublicKey:
    """Return the public key of a SuperNode's file: one OpenSSH line of ECDSA on P-384, a comment allowed.

    Raises:
        Damaged: If the file cannot be read.
        ValueError: If it holds anything else.
    """
    if not path.is_file():
        raise ValueError("no regular file")
    return node_key(read_bytes(path, LINE_BYTES))


def read_certificate(path: Path) -> x509.Certificate:
    """Return the first certificate of a PEM file.

    Raises:
        ConfigError: If it cannot be read, or holds none.
    """
    return _read(path, x509.load_pem_x509_certificate, "certificate (PEM)")


def read_private_key(path: Path, load: Callable[..., Any] = serialization.load_pem_private_key) -> Any:
    """Return the private key of a file that no passphrase seals.

    Args:
        path: The file.
        load: What reads its form: PKCS#8, or `load_ssh_private_key`.

    Raises:
        ConfigError: If it cannot be read, or holds none.
    """
    return _read(path, lambda content: load(content, None), "private key without a passphrase (PEM)")


def trusting(authority: Path) -> ssl.SSLContext:
    """Return TLS for a client that trusts the certificates of one authority alone, whose file is given.

    Raises:
        ConfigError: If that cannot be read, or holds no certificate.
    """
    pem = read_certificate(authority).public_bytes(serialization.Encoding.PEM)
    return ssl.create_default_context(cadata=pem.decode())


def _read(path: Path, parse: Callable[[bytes], Any], kind: str) -> Any:
    try:
        return parse(read_bytes(path, PEM_BYTES))
    except Damaged as error:
        raise ConfigError(f"{path} {error}; expected a {kind}: take it from the deployment that made it") from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{path} holds no {kind}; take it from the deployment that made it") from None


def node_key(line: bytes) -> ec.EllipticCurvePublicKey:
    """Return the public key of an OpenSSH line.

    Raises:
        ValueError: If it is none of ECDSA on P-384, or more than one line.
    """
    if len(line) > LINE_BYTES or line.count(b"\n") > 1:
        raise ValueError(f"expected one line of at most {LINE_BYTES} bytes")
    try:
        key = serialization.load_ssh_public_key(line)
    except (ValueError, UnsupportedAlgorithm) as fault:
        raise ValueError(f"no OpenSSH public key ({fault})") from None
    if not (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1)):
        raise ValueError("no key of ECDSA on P-384")
    return key


def line_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return the one OpenSSH line of a key, without a comment."""
    return key.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH) + b"\n"


def pem_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """Return a key in the form in which SuperNodes send it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def prove_node_key(private: Path, statement: bytes) -> bytes:
    """Return a signature that shows that its maker holds a SuperNode's private key.

    Args:
        private: The key, as `make_node_key` wrote it.
        statement: What it is shown for.
    """
    key = read_private_key(private, serialization.load_ssh_private_key)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.sign(POSSESSION + statement, ec.ECDSA(HASH))


def verify_node_key(key: ec.EllipticCurvePublicKey, proof: bytes, statement: bytes) -> bool:
    """Tell whether `prove_node_key` made a proof with the private half of this key, for this statement.

    Args:
        key: The SuperNode's public key.
        proof: What `prove_node_key` made.
        statement: What it was shown for.
    """
    try:
        key.verify(proof, POSSESSION + statement, ec.ECDSA(HASH))
    except InvalidSignature:
        return False
    return True


def require_host(host: str) -> str:
    """Return a host name or address that a certificate can carry.

    Raises:
        ConfigError: If it is neither.

    Example:
        >>> require_host("192.0.2.7"), require_host("radio.example.org")
        ('192.0.2.7', 'radio.example.org')
    """
    if not (_is_address(host) or _is_name(host)):
        raise ConfigError(f"--host {host!r}: expected a name or an address, such as radio.example.org or 192.0.2.7")
    return host


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    days: int,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    named = ("content_commitment", "key_encipherment", "data_encipherment", "encipher_only", "decipher_only")
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        **dict.fromkeys(named, False),
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_name(host: str) -> x509.GeneralName:
    return x509.IPAddress(ipaddress.ip_address(host)) if _is_address(host) else x509.DNSName(host)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return "%" not in host  # a zone is known to one host only, and may hold any character


def _is_name(host: str) -> bool:
    """Tell whether labels of letters, digits and inner hyphens make up a name that nobody takes for an address."""
    labels = host.split(".")
    return (
        len(host) < 254
        and all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?", label) for label in labels)
        and not labels[-1].isdigit()
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*form)


def _write(path: Path, content: bytes, mode: int) -> None:
    write_new(path, content, mode)
