"""Keys and signatures: ML-DSA through `cryptography`, Falcon (and ML-DSA, when asked for) through liboqs.

An ML-DSA private key is its 32-byte seed (FIPS 204, ML-DSA.KeyGen_internal), which can be pickled, shipped and stored;
the loaded key can not. Verification raises and never returns False. Signing is hedged, so two signatures of one
message differ.
"""

import os
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import mldsa

from qfl.errors import MissingExtra
from qfl.security import cbor, oqs
from qfl.security.profiles import BY_COSE_ALG, SignatureProfile
from qfl.security.reasons import rejection

SEED_BYTES = 32
LOADED = 1024  # keys that stay loaded, which takes tens of kilobytes each
LONGEST_KEY = 4096  # bytes of an encoded public key; the longest algorithm's takes 2,605
_PRIVATE = {
    "ML-DSA-44": mldsa.MLDSA44PrivateKey,
    "ML-DSA-65": mldsa.MLDSA65PrivateKey,
    "ML-DSA-87": mldsa.MLDSA87PrivateKey,
}
_PUBLIC = {
    "ML-DSA-44": mldsa.MLDSA44PublicKey,
    "ML-DSA-65": mldsa.MLDSA65PublicKey,
    "ML-DSA-87": mldsa.MLDSA87PublicKey,
}


@dataclass(frozen=True)
class PublicKey:
    """A public key and the library that verifies with it.

    Args:
        profile: The algorithm.
        raw: The key's bytes.
        library: ``"cryptography"`` or ``"liboqs"``; Falcon is always liboqs.

    Raises:
        Rejection: ``key-length`` if the bytes are not as long as the algorithm's keys.
    """

    profile: SignatureProfile
    raw: bytes = field(repr=False)
    library: str = field(default="cryptography", compare=False)

    def __post_init__(self):
        if len(self.raw) != self.profile.public_bytes:
            given = f"{len(self.raw)} bytes, {self.profile.name} has {self.profile.public_bytes}"
            raise rejection("key-length", given)

    def encode(self) -> bytes:
        """Return the COSE_Key ``{kty: AKP, alg, pub}`` (RFC 9964), canonically encoded."""
        return cbor2.dumps({1: 7, 3: self.profile.cose_alg, -1: self.raw}, canonical=True)

    @cached_property
    def thumbprint(self) -> bytes:
        """The SHA-256 of the encoded key (RFC 9679): 32 bytes that name key and algorithm together."""
        return sha256(self.encode()).digest()

    @property
    def loaded(self):
        """The key as `cryptography` holds it; those used last stay loaded."""
        return _loaded_public(self.profile.name, self.raw)

    def __reduce__(self):
        return PublicKey, (self.profile, self.raw, self.library)


def decode_key(encoded: bytes) -> PublicKey:
    """Return the public key of a COSE_Key; the inverse of `PublicKey.encode`.

    Raises:
        Rejection: ``not-cose`` if the bytes are no such key.
    """
    if len(encoded) > LONGEST_KEY:
        raise rejection("too-large", f"a COSE key of {len(encoded)} bytes, at most {LONGEST_KEY}")
    match cbor.decode(encoded, "not-cose", values=7, levels=1):
        case {1: int(), 3: int(alg), -1: bytes(raw)} if alg in BY_COSE_ALG:
            key = PublicKey(BY_COSE_ALG[alg], raw)
        case _:
            raise rejection("not-cose", "no COSE key {kty: AKP, alg, pub} of a known algorithm")
    if key.encode() != encoded:
        raise rejection("not-canonical", "COSE key")
    return key


@dataclass(frozen=True)
class Signer:
    """A private key that signs; make one with `generate` or `from_seed`.

    Args:
        key: The public half.
        secret: The 32-byte seed, or the expanded secret key of liboqs.

    Example:
        >>> from qfl.security.profiles import profile
        >>> signer = generate(profile("ML-DSA-44"))
        >>> verify(signer.key, signer.sign(b"angles"), b"angles")
    """

    key: PublicKey
    secret: bytes = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """Return a signature with an empty context string, as RFC 9964 requires (FIPS 204, algorithm 2)."""
        if len(self.secret) != SEED_BYTES:
            return oqs.sign(self.key.profile, self.secret, message)
        return self.loaded.sign(message)

    @property
    def loaded(self):
        """The key as `cryptography` holds it; those used last stay loaded. It can not be pickled."""
        return _loaded_private(self.key.profile.name, self.secret)

    def __reduce__(self):
        return Signer, (self.key, self.secret)


def from_seed(profile: SignatureProfile, seed: bytes) -> Signer:
    """Return the ML-DSA key pair of a 32-byte seed (FIPS 204, algorithm 6).

    Raises:
        ValueError: If the seed is not 32 bytes.
        MissingExtra: If the algorithm is not ML-DSA.
    """
    _require_cryptography(profile)
    if len(seed) != SEED_BYTES:
        raise ValueError(f"an ML-DSA seed has {SEED_BYTES} bytes, not {len(seed)}")
    public = _PRIVATE[profile.name].from_seed_bytes(seed).public_key().public_bytes_raw()
    return Signer(PublicKey(profile, public), bytes(seed))


def generate(profile: SignatureProfile, library: str = "cryptography") -> Signer:
    """Return a new key pair from the operating system's randomness.

    Raises:
        MissingExtra: If the algorithm or the library needs liboqs and that is not usable.
    """
    if library == "cryptography":
        return from_seed(profile, os.urandom(SEED_BYTES))
    public, secret = oqs.generate(profile)
    return Signer(PublicKey(profile, public, library), secret)


def verify(key: PublicKey, signature: bytes, message: bytes, context: bytes = b"") -> None:
    """Return if the signature holds (FIPS 204, algorithm 3).

    Args:
        key: The signer's public key.
        signature: What `Signer.sign` made.
        message: The signed bytes.
        context: FIPS 204's context string, 0 to 255 bytes; COSE leaves it empty.

    Raises:
        Rejection: ``signature-length`` or ``bad-signature``.
        MissingExtra: If the key needs liboqs and that is not usable.
    """
    profile = key.profile
    if len(signature) > profile.signature_bytes or (profile.fixed and len(signature) != profile.signature_bytes):
        raise rejection("signature-length", f"{len(signature)} bytes, {profile.name} has {profile.signature_bytes}")
    if len(context) > 255:
        raise rejection("bad-signature", "the context string is longer than 255 bytes")
    if key.library == "liboqs" or "cryptography" not in profile.libraries:
        return oqs.verify(profile, key.raw, signature, message, context)
    try:
        key.loaded.verify(signature, message, context)
    except InvalidSignature:
        raise rejection("bad-signature") from None


@lru_cache(maxsize=LOADED)
def _loaded_public(algorithm: str, raw: bytes):
    return _PUBLIC[algorithm].from_public_bytes(raw)


@lru_cache(maxsize=LOADED)
def _loaded_private(algorithm: str, seed: bytes):
    return _PRIVATE[algorithm].from_seed_bytes(seed)


def _require_cryptography(profile: SignatureProfile) -> None:
    if "cryptography" not in profile.libraries:
        raise MissingExtra(f"{profile.name} is offered by liboqs only; set security.library = 'liboqs'")
