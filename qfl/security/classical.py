"""Classical signatures in the same envelope, to be measured beside the post-quantum ones; no federation accepts them.

A quantum computer forges them (Shor), so they are in no table that settings, rosters or key files are read from: a key
of them cannot be enrolled, and `qfl.security.signing.decode_key` refuses it. What signs and verifies is `cryptography`,
as for ML-DSA.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from qfl.security.profiles import SignatureProfile
from qfl.security.signing import PublicKey, Signer

_LIBRARIES = ("cryptography",)
ED25519 = SignatureProfile("Ed25519", -19, 32, 64, 0, _LIBRARIES, "RFC 8032; COSE identifier: RFC 9864", 32)
P256 = SignatureProfile("ECDSA P-256", -7, 65, 64, 0, _LIBRARIES, "FIPS 186-5; COSE: RFC 9053, section 2.1", 32)
RSA_3072 = SignatureProfile("RSA-3072", -37, 384, 384, 0, _LIBRARIES, "RFC 8017, RSASSA-PSS; COSE: RFC 8230", 384)
EXPONENT = 65537
_HASH, _HALF = hashes.SHA256(), 32
_PSS = padding.PSS(padding.MGF1(_HASH), _HASH.digest_size)
_CURVE = ec.ECDSA(_HASH)
_Check = Callable[[bytes, bytes], None]


@dataclass(frozen=True)
class _Verifier:
    """Verifies as the loaded key of ML-DSA does."""

    check: _Check

    def verify(self, signature: bytes, message: bytes, context: bytes) -> None:
        if context:
            raise InvalidSignature
        self.check(signature, message)


@dataclass(frozen=True)
class ClassicalKey(PublicKey):
    """A public key; ``raw`` is the point, or the modulus."""

    def encode(self) -> bytes:
        """Return what the thumbprint is of: the required members of the COSE_Key (RFC 9679, section 4)."""
        members: dict[int, Any] = {1: 1, -1: 6, -2: self.raw}
        if self.profile is P256:
            members = {1: 2, -1: 1, -2: self.raw[1 : 1 + _HALF], -3: self.raw[1 + _HALF :]}
        elif self.profile is RSA_3072:
            members = {1: 3, -1: self.raw, -2: EXPONENT.to_bytes(3, "big")}
        return cbor2.dumps(members, canonical=True)

    @cached_property
    def thumbprint(self) -> bytes:
        """The SHA-256 of the encoded key."""
        return sha256(self.encode()).digest()

    @property
    def loaded(self) -> Any:
        """What verifies, loaded once."""
        return self._verifier

    @cached_property
    def _verifier(self) -> "_Verifier":
        return _Verifier(_CHECKS[self.profile.name](self.raw))

    def __reduce__(self):
        return ClassicalKey, (self.profile, self.raw, self.library)


@dataclass(frozen=True)
class ClassicalSigner(Signer):
    """A private key that signs; make one with `generate_classical`."""

    signs: Callable[[bytes], bytes] = field(repr=False, compare=False, kw_only=True)

    def sign(self, message: bytes) -> bytes:
        """Return a signature as COSE has it: of ECDSA r and s, 32 bytes each."""
        return self.signs(message)


def generate_classical(profile: SignatureProfile) -> ClassicalSigner:
    """Return a new key pair from the operating system's randomness.

    Example:
        >>> from qfl.security.envelope import UPDATE, envelope_sizes, open_envelope, sign
        >>> signer = generate_classical(ED25519)
        >>> envelope = sign(b"payload", signer, UPDATE)
        >>> open_envelope(envelope, UPDATE, lambda kid: signer.key)[0], envelope_sizes(envelope)[0]
        (b'payload', 64)
    """
    raw, signs = _KEYS[profile.name]()
    return ClassicalSigner(ClassicalKey(profile, raw), b"", signs=signs)


def _ed25519() -> tuple[bytes, Callable[[bytes], bytes]]:
    secret = ed25519.Ed25519PrivateKey.generate()
    return secret.public_key().public_bytes_raw(), secret.sign


def _p256() -> tuple[bytes, Callable[[bytes], bytes]]:
    secret = ec.generate_private_key(ec.SECP256R1())

    def signs(message: bytes) -> bytes:
        halves = decode_dss_signature(secret.sign(message, _CURVE))
        return b"".join(half.to_bytes(_HALF, "big") for half in halves)

    return secret.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint), signs


def _rsa() -> tuple[bytes, Callable[[bytes], bytes]]:
    secret = rsa.generate_private_key(EXPONENT, 3072)
    modulus = secret.public_key().public_numbers().n
    return modulus.to_bytes(384, "big"), lambda message: secret.sign(message, _PSS, _HASH)


def _check_ed25519(raw: bytes) -> _Check:
    return ed25519.Ed25519PublicKey.from_public_bytes(raw).verify


def _check_p256(raw: bytes) -> _Check:
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)

    def check(signature: bytes, message: bytes) -> None:
        halves = (int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big"))
        key.verify(encode_dss_signature(*halves), message, _CURVE)

    return check


def _check_rsa(raw: bytes) -> _Check:
    key = rsa.RSAPublicNumbers(EXPONENT, int.from_bytes(raw, "big")).public_key()
    return lambda signature, message: key.verify(signature, message, _PSS, _HASH)


_KEYS = {ED25519.name: _ed25519, P256.name: _p256, RSA_3072.name: _rsa}
_CHECKS = {ED25519.name: _check_ed25519, P256.name: _check_p256, RSA_3072.name: _check_rsa}
CLASSICAL = (ED25519, P256, RSA_3072)
