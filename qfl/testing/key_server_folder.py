"""The folder of a key management entity for tests: an authority, its certificate, one for each SAE, and kme.json."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from qfl.qkd.etsi_client import FILE

DAYS = 1
Key = ec.EllipticCurvePrivateKey


def make_certificates(folder: Path, saes: Iterable[str]) -> None:
    """Write ``ca.pem``, ``kme.pem``, ``kme.key``, and ``SAE.pem`` and ``SAE.key`` for each SAE; all last a day."""
    authority = ec.generate_private_key(ec.SECP256R1())
    (folder / "ca.pem").write_bytes(_pem(_certificate("qfl test authority", authority, authority, is_authority=True)))
    for name in ("kme", *saes):
        key = ec.generate_private_key(ec.SECP256R1())
        (folder / f"{name}.pem").write_bytes(_pem(_certificate(name, key, authority)))
        form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        (folder / f"{name}.key").touch(mode=0o600)
        (folder / f"{name}.key").write_bytes(key.private_bytes(*form))


def describe(folder: Path, port: int) -> None:
    """Write ``kme.json``: that the entity is on a port of this machine."""
    (folder / FILE).write_text(json.dumps({"url": f"https://127.0.0.1:{port}", "ca": "ca.pem"}))


def _certificate(name: str, key: Key, signer: Key, *, is_authority: bool = False) -> x509.Certificate:
    now = datetime.now(UTC)
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)]) for text in (name, "qfl test authority")
    )
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=DAYS))
    builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    local = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    return builder.add_extension(local, critical=False).sign(signer, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
