r"""Discrete Gaussian noise on the whole numbers, drawn exactly: by whole random numbers alone, nothing is rounded.

.. math::
    P(X = x) = \frac{e^{-x^2 / 2\sigma^2}}{\sum_{y \in \mathbb{Z}} e^{-y^2 / 2\sigma^2}}

Reference:
    Canonne, Kamath and Steinke, "The Discrete Gaussian for Differential Privacy", 2020, arXiv:2004.00010, Algorithms 1
    to 3.
"""

from math import isqrt

import numpy as np
from numpy.typing import NDArray

from qfl.privacy.keystream import Keystream


def discrete_gaussian(bits: Keystream, variance: int, count: int) -> NDArray[np.int64]:
    """Return independent draws.

    Args:
        bits: Not used for anything else.
        variance: Sigma squared, a whole number from 1 to 2^100; a draw is below 2^63 but for a probability of e^-2000.
        count: Draws.

    Example:
        >>> discrete_gaussian(Keystream(bytes(32)), 1, 4).shape
        (4,)
    """
    return np.array([draw(bits, variance) for _ in range(count)], dtype=np.int64)


def draw(bits: Keystream, variance: int) -> int:
    r"""Return one draw: of a discrete Laplace, kept with the probability that makes it a Gaussian (Algorithm 3).

    .. math::
        t = \lfloor \sigma \rfloor + 1, \qquad
        P(\text{keep } y) = e^{-(|y| - \sigma^2 / t)^2 / 2\sigma^2}
    """
    scale = isqrt(variance) + 1
    while True:
        found = _laplace(bits, scale)
        if _happens(bits, (abs(found) * scale - variance) ** 2, 2 * variance * scale**2):
            return found


def _laplace(bits: Keystream, scale: int) -> int:
    """Return a draw with probability in proportion to exp(-|x| / scale) (Algorithm 2, with s = 1)."""
    while True:
        low = bits.below(scale)
        if not _happens(bits, low, scale):
            continue
        high = 0
        while _happens(bits, 1, 1):
            high += 1
        size, negative = low + scale * high, bits.below(2)
        if size or not negative:
            return -size if negative else size


def _happens(bits: Keystream, numerator: int, denominator: int) -> bool:
    """Return True with probability exp(-numerator / denominator), exactly (Algorithm 1)."""
    while numerator > denominator:
        if not _rarely(bits, 1, 1):
            return False
        numerator -= denominator
    return _rarely(bits, numerator, denominator)


def _rarely(bits: Keystream, numerator: int, denominator: int) -> bool:
    """Return True with probability exp(-numerator / denominator), for one of 0 to 1."""
    tries = 1
    while bits.below(denominator * tries) < numerator:
        tries += 1
    return tries % 2 == 1
