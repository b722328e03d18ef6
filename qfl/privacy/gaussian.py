"""Gaussian noise out of a keystream."""

import numpy as np
from jaxtyping import Float
from scipy.special import ndtri  # pyright: ignore[reportMissingTypeStubs]

from qfl.privacy.keystream import Keystream

GRID = 2.0**-32  # rad; what is released is rounded to it


def gaussian(bits: Keystream, count: int) -> Float[np.ndarray, " draw"]:
    """Return draws of mean 0 and deviation 1, by inversion.

    The inverse is computed in double precision from 53 bits a draw, so no draw is farther out than 8.3: the probability
    of that is below 1e-16.

    Args:
        bits: Not used for anything else.
        count: Draws.

    Example:
        >>> gaussian(Keystream(bytes(32)), 2).shape
        (2,)
    """
    uniform = ((bits.words(count) >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    return ndtri(uniform)


def noisy(values: Float[np.ndarray, " entry"], deviation: float, bits: Keystream) -> Float[np.ndarray, " entry"]:
    """Return values with noise, rounded to a grid of 2^-32.

    The accountant's bounds are those of real numbers. A double's last bits tell which values a sum can have been made
    of (Mironov, 2012); the grid, which is far coarser than these, takes them away, but a proof for doubles it is not.
    `qfl.privacy.discrete_gaussian` draws on whole numbers, exactly.

    Args:
        values: In radians.
        deviation: Standard deviation of the noise, above 0, in radians.
        bits: For this noise alone.

    Reference:
        I. Mironov, "On Significance of the Least Significant Bits for Differential Privacy", 2012,
        doi:10.1145/2382196.2382264.
    """
    return np.rint((values + deviation * gaussian(bits, len(values))) / GRID) * GRID
