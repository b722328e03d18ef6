"""Logarithms on linear axes: what is drawn is log10, what is written is the number."""

import math

import numpy as np
from numpy.typing import ArrayLike

from qfl.report.axis import Axis

MOST_TICKS = 7


def log_axis(values: ArrayLike) -> Axis:
    """Return an axis over log10 of the finite positive values, labelled at powers of ten.

    Example:
        >>> log_axis([0.1, 1000.0])
        Axis(low=-1.0, high=3.0, ticks=(-1.0, 0.0, 1.0, 2.0, 3.0))
    """
    found = np.asarray(values, dtype=np.float64)
    found = np.log10(found[np.isfinite(found) & (found > 0)])
    low, high = (float(found.min()), float(found.max())) if found.size else (0.0, 1.0)
    high = high if high > low else low + 1
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = -(-(last - first + 1) // MOST_TICKS)
    return Axis(low, high, tuple(float(power) for power in range(first, last + 1, max(step, 1))))


def power_of_ten(exponent: float) -> str:
    """Return a power of ten as people write it.

    Example:
        >>> power_of_ten(3.0), power_of_ten(-2.0), power_of_ten(7.0)
        ('1,000', '0.01', '10⁷')
    """
    whole = round(exponent)
    if whole < -3 or whole > 5:
        return "10" + str(whole).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{10.0**whole:,.0f}" if whole >= 0 else f"{10.0**whole:g}"
