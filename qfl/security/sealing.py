"""Updates sealed to the server: HPKE (RFC 9180) with ML-KEM, so that recorded traffic stays closed.

TLS here negotiates X25519, which a later quantum computer breaks in recorded traffic. So the server makes a KEM key for
each run, in memory only, and signs its public half with every broadcast; a client seals its signed update to it. The
signature is inside: nobody on the way, the front and the SuperLink's database included, reads angles or metrics.
HPKE's base mode authenticates nobody; the signature does. The post-quantum KEMs follow an IETF draft
(draft-ietf-hpke-pq), so both ends need the same major version of `cryptography`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem, x25519

from qfl.errors import ConfigError
from qfl.security.reasons import rejection

ML_KEM, HYBRID = "ML-KEM-768", "ML-KEM-768+X25519"
_MLKEM_BYTES = 1184  # of a public key (FIPS 203, table 3); X25519's 32 come after it


@dataclass(frozen=True)
class SealKey:
    """A server's key to which updates are sealed; make one with `new_seal_key`.

    Args:
        algorithm: ``"ML-KEM-768"``, or ``"ML-KEM-768+X25519"``, which holds if either of the two does.
        public: The public half.
        private: The private half, of `cryptography`.
    """

    algorithm: str
    public: bytes
    private: Any = field(repr=False, compare=False)


def new_seal_key(algorithm: str) -> SealKey:
    """Return a new key from the operating system's randomness.

    Example:
        >>> key = new_seal_key("ML-KEM-768")
        >>> unseal(seal(b"update", key.algorithm, key.public, b"round 1"), key, b"round 1")
        b'update'
    """
    lattice = mlkem.MLKEM768PrivateKey.generate()
    if algorithm == ML_KEM:
        return SealKey(algorithm, lattice.public_key().public_bytes_raw(), lattice)
    if algorithm == HYBRID:
        curve = x25519.X25519PrivateKey.generate()
        public = lattice.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        return SealKey(algorithm, public, hpke.MLKEM768X25519PrivateKey(lattice, curve))
    raise ConfigError(f"unknown sealing {algorithm!r}; known are {ML_KEM} and {HYBRID}")


def seal(plain: bytes, algorithm: str, public: bytes, info: bytes) -> bytes:
    """Return bytes that only the holder of the private half can open, and only for the same ``info``.

    Args:
        plain: What is sealed.
        algorithm: ``"ML-KEM-768"`` or ``"ML-KEM-768+X25519"``.
        public: The public half of the server's key: 1184 bytes, or 1216 with X25519.
        info: What the seal is bound to (`context_info`).

    Reference:
        RFC 9180 (HPKE), section 6.1: single-shot encryption in base mode, with the KEMs of draft-ietf-hpke-pq.

    Raises:
        Rejection: ``bad-seal`` if algorithm or key is none of ours.
    """
    try:
        suite, load = _suite(algorithm)
        return suite.encrypt(plain, load(public), info)
    except (KeyError, ValueError) as error:
        raise rejection("bad-seal", f"{algorithm[:40]}: {error}") from None


def unseal(sealed: bytes, key: SealKey, info: bytes) -> bytes:
    """Return what `seal` took.

    Args:
        sealed: What `seal` returned.
        key: The server's key.
        info: What it was bound to.

    Reference:
        RFC 9180 (HPKE), section 6.1: single-shot decryption in base mode.

    Raises:
        Rejection: ``bad-seal`` if it was sealed to another key, for another ``info``, or altered.
    """
    try:
        return _suite(key.algorithm)[0].decrypt(sealed, key.private, info)
    except (InvalidTag, ValueError):
        raise rejection("bad-seal") from None


def context_info(run_id: bytes, round_number: int, client: int) -> bytes:
    """Return what a seal is bound to: it opens for this run, round and client only.

    Args:
        run_id: 16 bytes that the server drew for the run.
        round_number: The round, 1 or more.
        client: Partition id.
    """
    return cbor2.dumps(["qfl/seal/v1", run_id, round_number, client], canonical=True)


def _suite(algorithm: str) -> tuple[hpke.Suite, Callable[[bytes], Any]]:
    kem, load = {ML_KEM: (hpke.KEM.MLKEM768, _lattice), HYBRID: (hpke.KEM.MLKEM768_X25519, _hybrid)}[algorithm]
    return hpke.Suite(kem, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM), load


def _lattice(public: bytes) -> mlkem.MLKEM768PublicKey:
    return mlkem.MLKEM768PublicKey.from_public_bytes(public)


def _hybrid(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    curve = x25519.X25519PublicKey.from_public_bytes(public[_MLKEM_BYTES:])
    return hpke.MLKEM768X25519PublicKey(_lattice(public[:_MLKEM_BYTES]), curve)
