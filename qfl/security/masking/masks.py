"""Seeds and masks: HKDF-SHA256 for keys, AES-256-CTR for as many words as an update has.

Every secret of a client is drawn for one round. From its root come the pair seeds with later neighbours and the ML-KEM
key to which earlier ones send theirs, so that a client that drops out is unmasked by this one secret: encapsulation has
no secret that the other's key would give, as Diffie-Hellman has. The key to which shares are sent comes from another
seed, else the shares of others would come to light with a root.

Flower's SecAgg+ folds a 44-character key into 28 bits for a generator that is not cryptographic, which never draws the
largest word (flwr 1.41, `pseudo_rand_gen`); here seeds have 256 bits and every word is as likely.
"""

import hashlib
import os

import cbor2
import numpy as np
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from numpy.typing import NDArray

from qfl.security.sealing import ML_KEM, SealKey

SEED_BYTES = 32
CHANNEL, MASK = "channel", "mask"


def new_seed() -> bytes:
    """Return 32 bytes from the operating system."""
    return os.urandom(SEED_BYTES)


def derived(secret: bytes, purpose: str, context: bytes, *clients: int, length: int = SEED_BYTES) -> bytes:
    """Return a key for one purpose.

    Args:
        secret: 32 bytes.
        purpose: A word that no other purpose has.
        context: What makes the round one of a kind.
        clients: Whom it is for, in order.
        length: Bytes.

    Reference:
        RFC 5869 (HKDF).

    Example:
        >>> derived(b"s" * 32, "pair", b"round 1", 3, 7) == derived(b"s" * 32, "pair", b"round 1", 7, 3)
        False
    """
    info = cbor2.dumps(["qfl/masking/v1", purpose, context, *clients], canonical=True)
    return HKDF(SHA256(), length, None, info).derive(secret)


def kem_key(secret: bytes, purpose: str, context: bytes) -> SealKey:
    """Return the ML-KEM-768 key of a secret; the same secret gives the same key.

    Args:
        secret: 32 bytes.
        purpose: ``CHANNEL`` or ``MASK``.
        context: What makes the round one of a kind.
    """
    private = MLKEM768PrivateKey.from_seed_bytes(derived(secret, purpose, context, length=64))
    return SealKey(ML_KEM, private.public_key().public_bytes_raw(), private)


def pair_seed(root: bytes, context: bytes, earlier: int, later: int) -> bytes:
    """Return what two neighbours mask with, from the root of the one with the smaller number.

    Args:
        root: Of the earlier.
        context: What makes the round one of a kind.
        earlier: Its number.
        later: The other's.
    """
    return derived(root, "pair", context, earlier, later)


def commitment(secret: bytes) -> bytes:
    """Return the SHA-256 that a signed advert has of a secret."""
    return hashlib.sha256(b"qfl/masking/commitment/v1" + secret).digest()


def mask_words(seed: bytes, count: int) -> NDArray[np.uint64]:
    """Return uniform words of 64 bits. A seed is for one mask alone: its counter begins at 0.

    Reference:
        NIST SP 800-38A, section 6.5 (counter mode), with AES-256.

    Example:
        >>> mask_words(bytes(32), 2) == mask_words(bytes(32), 3)[:2]
        array([ True,  True])
    """
    stream = Cipher(algorithms.AES(seed), modes.CTR(bytes(16))).encryptor()
    return np.frombuffer(stream.update(bytes(8 * count)), dtype="<u8").astype(np.uint64, copy=False)
