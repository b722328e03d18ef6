"""Updates sealed under ML-KEM and a quantum key at once: they stay closed as long as one of the two is unbroken.

A fresh secret is sealed as an update would be (`qfl.security.sealing`); the key that closes the update is derived from
that secret and the quantum key together. A quantum key that is known to others, as a simulated one is, takes nothing
away: what is left is ML-KEM's.
"""

import hashlib
import secrets

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qfl.errors import ConfigError
from qfl.security.reasons import rejection
from qfl.security.sealing import SealKey, seal, unseal

SECRET_BYTES = 32  # of either secret
_NONCE = bytes(12)  # each key closes one message


def seal_mixed(plain: bytes, algorithm: str, public: bytes, info: bytes, quantum_key: bytes) -> bytes:
    """Return bytes that open with the private half and the quantum key together, and only for the same ``info``.

    ``key = HKDF(secret || quantum_key, info = SHA-256 of [info, public, sealed secret])``, then AES-256-GCM.

    Args:
        plain: What is sealed.
        algorithm: As `seal` takes it.
        public: The public half of the server's key.
        info: What it is bound to; it names the quantum key.
        quantum_key: 32 bytes.

    Reference:
        NIST SP 800-56C Rev. 2, section 2: a shared secret with another appended to it (Z || T), here in HKDF, RFC 5869.

    Raises:
        ConfigError: If the quantum key has another length.
        Rejection: ``bad-seal`` if algorithm or key is none of ours.

    Example:
        >>> from qfl.security.sealing import new_seal_key
        >>> key, quantum = new_seal_key("ML-KEM-768"), bytes(range(32))
        >>> unseal_mixed(seal_mixed(b"update", key.algorithm, key.public, b"id", quantum), key, b"id", quantum)
        b'update'
    """
    secret = secrets.token_bytes(SECRET_BYTES)
    closed = seal(secret, algorithm, public, info)
    key = _derived(secret, quantum_key, info, public, closed)
    return len(closed).to_bytes(2, "big") + closed + AESGCM(key).encrypt(_NONCE, plain, info)


def unseal_mixed(sealed: bytes, key: SealKey, info: bytes, quantum_key: bytes) -> bytes:
    """Return what `seal_mixed` took.

    Args:
        sealed: What it returned.
        key: The server's key.
        info: What it was bound to.
        quantum_key: 32 bytes.

    Raises:
        ConfigError: If the quantum key has another length.
        Rejection: ``bad-seal`` if one of the keys is another, for another ``info``, or if anything was altered.
    """
    start = 2 + int.from_bytes(sealed[:2], "big")
    closed = sealed[2:start]
    secret = unseal(closed, key, info)
    try:
        return AESGCM(_derived(secret, quantum_key, info, key.public, closed)).decrypt(_NONCE, sealed[start:], info)
    except (InvalidTag, ValueError):
        raise rejection("bad-seal", "under the quantum key") from None


def _derived(secret: bytes, quantum_key: bytes, info: bytes, public: bytes, closed: bytes) -> bytes:
    if len(quantum_key) != SECRET_BYTES:
        raise ConfigError(f"quantum key of {len(quantum_key)} bytes; give {SECRET_BYTES}")
    transcript = hashlib.sha256(cbor2.dumps(["qfl/seal-qkd/v1", info, public, closed], canonical=True)).digest()
    return HKDF(SHA256(), 32, None, transcript).derive(secret + quantum_key)
