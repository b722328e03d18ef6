"""Values on the way, averaged over seeds, with confidence bands.

Each value is taken in percent of the certified bound of its own instance: in Mbit/s the instances differ by more than
the methods do, and the bands would show that alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from scipy.stats import t as student

from qfl.results import Row
from qfl.studies.schedulers.summary import of_method

UNITS = {"iterations": 0, "evaluations": 1, "seconds": 2}
"""Column of each unit in a row's trace."""

CONFIDENCE = 0.95
POINTS = 120


@dataclass(frozen=True)
class Curve:
    """One method's mean value over the amount of a unit spent, with the band that holds the mean at 95 %.

    Args:
        method: Its name.
        x: Amounts, ascending, in the unit.
        mean: Mean value in percent of the bound of the same instance.
        low: Lower end of the band.
        high: Upper end of the band.
    """

    method: str
    x: Float64[ndarray, " point"]
    mean: Float64[ndarray, " point"]
    low: Float64[ndarray, " point"]
    high: Float64[ndarray, " point"]


def curve_of(rows: Sequence[Row], method: str, unit: str) -> Curve | None:
    """Return the curve of one method of the main case; None where it has no value on any instance with a bound.

    At an amount x each seed counts with the last value it has at x or before. The curve spans from where every seed
    has a value to the largest of the seeds' last amounts; a method that takes one step is one point.
    """
    own = [row for row in of_method(rows, method) if row["bound"] and row["trace"]]
    if not own:
        return None
    traces = [np.array(row["trace"], dtype=np.float64) for row in own]
    column = UNITS[unit]
    first = max(1e-4 if unit == "seconds" else 1.0, *(trace[0, column] for trace in traces))
    last = max(first, *(trace[-1, column] for trace in traces))
    x = np.unique(np.geomspace(first, last, POINTS)) if last > first else np.array([first])
    bounds = np.array([row["bound"] for row in own])
    values = 100 * np.array([_held(trace[:, column], trace[:, 3], x) for trace in traces]) / bounds[:, None]
    half = half_width(values)
    mean = values.mean(axis=0)
    return Curve(method, x, mean, mean - half, mean + half)


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


def rate_distribution(
    rows: Sequence[Row], method: str
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " point"]]:
    """Return rates in bit/s, ascending, and the share of devices of all seeds with at most that rate; empty if none."""
    rates = np.sort(np.concatenate([np.zeros(0), *(row["rates"] for row in of_method(rows, method))]))
    if not rates.size:
        return rates, rates
    kept = np.unique(np.linspace(0, len(rates) - 1, 300).round().astype(int))
    return rates[kept], (kept + 1) / len(rates)


def _held(
    amounts: Float64[ndarray, " step"], values: Float64[ndarray, " step"], x: Float64[ndarray, " point"]
) -> Float64[ndarray, " point"]:
    """Return the last value at each amount or before."""
    return values[np.maximum(np.searchsorted(amounts, x * (1 + 1e-12), side="right") - 1, 0)]
