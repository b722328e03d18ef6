"""Codebooks: the symbols of each of the 16 messages of four bits, and those that nobody has to learn.

A row is what a message sends, a column a use of the channel; the mean energy of a use, over the messages, is 1.
"""

from itertools import product

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError

BITS, USES = 4, 7
MESSAGES = 2**BITS
Codebook = Float64[ndarray, "message use"]

PARITY = np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1], [1, 1, 1]])
"""Of Hamming's code in its systematic form: which parities a bit enters."""


def every_message() -> Float64[ndarray, "message bit"]:
    """Return the bits of all messages, 0 or 1, the first bit the most significant.

    Example:
        >>> every_message()[5].tolist()
        [0.0, 1.0, 0.0, 1.0]
    """
    return np.array(list(product((0.0, 1.0), repeat=BITS)))


def uncoded() -> Codebook:
    """Return each bit as its own symbol, +1 for 0 and -1 for 1: four uses.

    Example:
        >>> uncoded()[1].tolist()
        [1.0, 1.0, 1.0, -1.0]
    """
    return 1.0 - 2.0 * every_message()


def hamming() -> Codebook:
    """Return Hamming's code of four bits in seven, +1 for 0 and -1 for 1; any two words differ in three uses or more.

    Example:
        >>> round(least_distance(hamming()) ** 2)
        12

    Reference:
        Hamming, Error detecting and error correcting codes, Bell Syst. Tech. J. 29, 147 (1950).
    """
    bits = every_message()
    return 1.0 - 2.0 * np.column_stack([bits, bits @ PARITY % 2])


def least_distance(codebook: Codebook) -> float:
    """Return the least distance between the symbols of two messages."""
    apart = np.linalg.norm(codebook[:, None] - codebook[None], axis=-1)
    return float(apart[~np.eye(len(codebook), dtype=bool)].min())


def require_codebook(codebook: Codebook) -> None:
    """Refuse what is no codebook of the 16 messages at mean energy 1.

    Raises:
        ConfigError: If it has other rows, no columns, a symbol that is not finite, or another energy.
    """
    if codebook.ndim != 2 or len(codebook) != MESSAGES or not codebook.size or not np.isfinite(codebook).all():
        raise ConfigError(
            f"the codebook has the shape {codebook.shape}; give a row of finite symbols for each of {MESSAGES} messages"
        )
    if abs(energy := float(np.mean(codebook**2)) - 1) > 1e-6:
        raise ConfigError(f"the codebook's mean energy is {1 + energy:g} for each use; scale it to 1")
