"""Curves through several seeds, with the band that holds their mean at 95 %."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from scipy.stats import t as student

from qfl.spread import NAN, known_values

CONFIDENCE = 0.95
Trace = tuple[ndarray, ndarray]
"""Of one seed: amounts, ascending, and the value that it has from each on."""


@dataclass(frozen=True)
class Curve:
    """The mean value over the amount of something spent: evaluations, seconds, rounds.

    Args:
        name: Of what is drawn.
        x: Amounts, ascending.
        mean: Mean over the seeds.
        low: Lower end of the band; the mean where there is none.
        high: Upper end.
        banded: Whether there is a band.
    """

    name: str
    x: Float64[ndarray, " point"]
    mean: Float64[ndarray, " point"]
    low: Float64[ndarray, " point"]
    high: Float64[ndarray, " point"]
    banded: bool

    def lines(self, value: str, digits: int) -> Iterator[dict[str, str]]:
        """Yield amount, mean (under the name of the value) and both ends of the band, a row of CSV each."""
        for x, mean, low, high in zip(self.x, self.mean, self.low, self.high, strict=True):
            middle, *ends = (f"{number:.{digits}f}" for number in (mean, low, high))
            yield {"amount": f"{x:.6g}", value: middle, "low": ends[0], "high": ends[1]}


def curve_through(name: str, traces: Sequence[Trace], x: Float64[ndarray, " point"], fewest: int) -> Curve:
    """Return the curve through the traces of several seeds.

    At an amount x each seed counts with the last value it has at x or before.

    Args:
        name: Of what is drawn.
        traces: One for each seed.
        x: Amounts.
        fewest: Seeds for a band.
    """
    values = np.array([_held(amounts, values, x) for amounts, values in traces])
    banded = len(values) >= fewest
    mean, half = values.mean(axis=0), half_width(values) if banded else 0.0
    return Curve(name, x, mean, mean - half, mean + half, banded)


def half_width(values: Float64[ndarray, "seed point"]) -> Float64[ndarray, " point"]:
    r"""Return half the width of the confidence interval of the mean: :math:`t_{n-1} s / \sqrt n`.

    Example:
        >>> half_width(np.array([[1.0], [3.0]])).round(3)  # 12.706 * 1.414 / 1.414
        array([12.706])
    """
    count = len(values)
    if count < 2:
        return np.zeros(values.shape[1])
    return student.ppf(0.5 + CONFIDENCE / 2, count - 1) * values.std(axis=0, ddof=1) / np.sqrt(count)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the 95 % confidence interval of the mean of known values; NaN below two.

    Example:
        >>> [round(end, 3) for end in interval([1.0, 3.0])]
        [-10.706, 14.706]
    """
    known = np.array(known_values(values))[:, None]
    if len(known) < 2:
        return NAN, NAN
    middle, half = float(known.mean()), float(half_width(known)[0])
    return middle - half, middle + half


def _held(
    amounts: Float64[ndarray, " step"], values: Float64[ndarray, " step"], x: Float64[ndarray, " point"]
) -> Float64[ndarray, " point"]:
    """Return the last value at each amount or before."""
    return values[np.maximum(np.searchsorted(amounts, x * (1 + 1e-12), side="right") - 1, 0)]
