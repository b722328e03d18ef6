"""Privacy amplification: a random Toeplitz matrix makes few secret bits of many that are partly known."""

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from scipy.fft import next_fast_len

from qfl.errors import InputError

LONGEST = 2**26  # bits; up to here the sums of the transform are exact to far less than one half


def toeplitz_hash(
    bits: UInt8[ndarray, " bit"], seed_bits: UInt8[ndarray, " seed"], length: int
) -> UInt8[ndarray, " out"]:
    """Return ``length`` bits, T bits mod 2, where T[i, j] = seed[i - j + n - 1].

    The family is universal: two different strings collide for a share of 2^-length of all seeds. The product is a
    convolution, and is computed as one.

    Args:
        bits: n of them, 1 or more.
        seed_bits: n + length - 1 public random bits.
        length: Of the result, 1 or more.

    Raises:
        InputError: If there are too few or too many bits of any kind.

    Reference:
        Krawczyk, "LFSR-based hashing and authentication", 1994, for Toeplitz matrices; Bennett, Brassard, Crépeau and
        Maurer, "Generalized privacy amplification", 1995.

    Example:
        >>> bits, seed = np.array([1, 0, 1], np.uint8), np.array([1, 1, 0, 1], np.uint8)
        >>> toeplitz_hash(bits, seed, 2).tolist()
        [1, 0]
    """
    number = len(bits)
    if not 1 <= number <= LONGEST or not 1 <= length <= LONGEST:
        raise InputError(f"{number} bits to {length}; give 1 to {LONGEST:,} of each")
    if len(seed_bits) != number + length - 1:
        raise InputError(f"seed of {len(seed_bits)} bits; for {number} bits to {length}, give {number + length - 1}")
    size = next_fast_len(len(seed_bits) + number - 1, real=True)
    whole = np.fft.irfft(np.fft.rfft(seed_bits, size) * np.fft.rfft(bits, size), size)
    return (np.rint(whole[number - 1 : number - 1 + length]).astype(np.int64) % 2).astype(np.uint8)
