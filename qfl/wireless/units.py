"""Decibel to linear and back, once, at the border. Inside, all is linear, in watt, hertz, metre and second."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def db_to_linear(value_db: ArrayLike) -> NDArray[np.float64]:
    """Return the ratio :math:`10^{x/10}` of a level in dB; -inf dB is 0.

    Example:
        >>> float(db_to_linear(30.0))
        1000.0
    """
    return np.asarray(10.0 ** (np.asarray(value_db, dtype=np.float64) / 10.0))


def linear_to_db(ratio: ArrayLike) -> NDArray[np.float64]:
    """Return the level in dB of a ratio of powers, 0 or more; 0 is -inf dB.

    Example:
        >>> float(linear_to_db(1000.0))
        30.0
    """
    with np.errstate(divide="ignore"):
        return np.asarray(10.0 * np.log10(np.asarray(ratio, dtype=np.float64)))


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
    return linear_to_db(np.asarray(power_w, dtype=np.float64) * 1000.0)
