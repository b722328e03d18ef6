"""Decibel to linear and back, once, at the border. Inside, all is linear, in watt, hertz, metre and second."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qfl.arrays import real


def db_to_linear(value_db: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio :math:`10^{x/10}` of a level in dB; -inf dB is 0.

    Example:
        >>> float(db_to_linear(30.0))
        1000.0
    """
    return np.asarray(10.0 ** (real("value_db", value_db, infinite=True) / 10.0))


def linear_to_db(ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the level in dB of a ratio of powers, 0 or more; 0 is -inf dB.

    Example:
        >>> float(linear_to_db(1000.0))
        30.0
    """
    value = real("ratio", ratio, infinite=True, least=True)
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(value))


def dbm_to_w(power_dbm: ArrayLike) -> NDArray[np.float64]:
    """Return watt; 0 dBm is a milliwatt, not off.

    Example:
        >>> float(dbm_to_w(0.0))
        0.001
    """
    return np.asarray(db_to_linear(power_dbm) / 1000.0)


def w_to_dbm(power_w: ArrayLike) -> NDArray[np.float64]:
    """Return dBm; 0 W is -inf dBm.

    Example:
        >>> float(w_to_dbm(0.001))
        0.0
    """
    return linear_to_db(real("power_w", power_w, infinite=True, least=True) * 1000.0)
