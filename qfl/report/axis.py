"""One axis: where a value lies, and the round numbers written beside it.

A logarithmic axis is a linear one of logarithms: what is drawn is log10, what is written is the number.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

STEPS = (1.0, 2.0, 5.0, 10.0)
TINY = 1e-300  # a smaller span cannot be divided into steps
MOST_POWERS = 7  # of ten, that are labelled


@dataclass(frozen=True)
class Axis:
    """A linear axis.

    Args:
        low: Value at its start.
        high: Value at its end, larger than ``low``.
        ticks: Values to label, ascending.
    """

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Return where a value lies: 0 at the start, 1 at the end."""
        return (value - self.low) / (self.high - self.low)


def axis(
    values: ArrayLike, *, low: float | None = 0.0, high: float | None = None, num_ticks: int = 5, whole: bool = False
) -> Axis:
    """Return an axis that holds all values, ends at given bounds or at ticks, and is labelled at round numbers.

    Args:
        values: What is drawn; entries that are not finite are left out.
        low: A fixed start, or None for a tick below the smallest value.
        high: A fixed end, or None for a tick above the largest value.
        num_ticks: About how many ticks.
        whole: Whether ticks are whole numbers only.

    Example:
        >>> axis([0.3, 1.7])
        Axis(low=0.0, high=2.0, ticks=(0.0, 0.5, 1.0, 1.5, 2.0))
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    least = low if low is not None else float(known.min(initial=math.inf) if known.size else 0.0)
    most = high if high is not None else float(max(known.max(), least) if known.size else least + 1)
    if most - least <= max(1e-9 * max(abs(least), abs(most)), TINY):
        most = least + (abs(least) if abs(least) > TINY else 1.0)
    step = max(_step((most - least) / num_ticks), 1.0 if whole else 0.0)
    start = least if low is not None else math.floor(least / step + 1e-9) * step
    end = most if high is not None else math.ceil(most / step - 1e-9) * step
    return Axis(start, end, _ticks(start, end, step))


def whole_axis(first: int, last: int, num_ticks: int = 5) -> Axis:
    """Return an axis of rounds, labelled at whole numbers and at its last.

    Args:
        first: Round at its start.
        last: Round at its end; where it is not above the first, the axis is one round wide.
        num_ticks: About how many ticks.

    Example:
        >>> whole_axis(0, 30).ticks
        (0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0)
        >>> whole_axis(1, 1)
        Axis(low=0.5, high=1.5, ticks=(1.0,))
    """
    if last <= first:
        return Axis(first - 0.5, first + 0.5, (float(first),))
    step = max(1.0, _step((last - first) / num_ticks))
    inner = [tick for tick in _ticks(first, last, step) if last - tick >= 0.6 * step]
    return Axis(first, last, (*inner, float(last)))


def log_axis(values: ArrayLike) -> Axis:
    """Return an axis over log10 of the finite positive values, labelled at powers of ten.

    Example:
        >>> log_axis([0.1, 1000.0])
        Axis(low=-1.0, high=3.0, ticks=(-1.0, 0.0, 1.0, 2.0, 3.0))
    """
    known = np.asarray(values, dtype=np.float64)
    known = np.log10(known[np.isfinite(known) & (known > 0)])
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    high = high if high > low else low + 1
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    step = -(-(last - first + 1) // MOST_POWERS)
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


def _step(rough: float) -> float:
    """Return the 1, 2 or 5 times a power of ten that is nearest to a rough step."""
    power = 10.0 ** math.floor(math.log10(rough))
    return power * min(STEPS, key=lambda step: abs(math.log(step * power / rough)))


def _ticks(low: float, high: float, step: float) -> tuple[float, ...]:
    first, final = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, final + 1))
