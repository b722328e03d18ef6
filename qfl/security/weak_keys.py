"""Public keys without a secret: signatures under them verify, but anyone can make them."""

from functools import lru_cache

from qfl.security.reasons import rejection
from qfl.security.signing import PublicKey

SEED_OF_MATRIX_BYTES = 32  # an ML-DSA public key is rho (32 bytes) and t1 (FIPS 204, algorithm 22, pkEncode)


def require_sound(key: PublicKey) -> None:
    """Return if a public key has a secret.

    With t1 = 0 the secret vector may be zero and anyone can sign; verification accepts it (Wycheproof: ZeroPublicKey).
    The same holds for every key with s1 = 0: then t = s2 is small, and each coefficient of t1 is 0 or, for a negative
    one, (q - 1) / 2^13 = 1023, i.e. ten equal bits (FIPS 204, algorithm 35, Power2Round; packed by algorithm 16).

    Raises:
        Rejection: ``degenerate-key``.
    """
    tail = int.from_bytes(key.raw[SEED_OF_MATRIX_BYTES:], "little")
    if tail == 0:
        raise rejection("degenerate-key", "all zero")
    unequal_neighbours = tail ^ (tail >> 1)
    if key.profile.name.startswith("ML-DSA") and not unequal_neighbours & _within_tens(key.profile.public_bytes):
        raise rejection("degenerate-key", "s1 = 0")


@lru_cache
def _within_tens(public_bytes: int) -> int:
    return int("0111111111" * ((public_bytes - SEED_OF_MATRIX_BYTES) * 8 // 10), 2)
