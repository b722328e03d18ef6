"""Values on the way, averaged over seeds, with confidence bands.

Each value is taken in percent of the certified bound of its own instance: in Mbit/s the instances differ by more than
the methods do, and the bands would show that alone.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.results import Row
from qfl.studies.bands import Curve, curve_through
from qfl.studies.schedulers.summary import of_method

UNITS = {"iterations": 0, "evaluations": 1, "seconds": 2}
"""Column of each unit in a row's trace."""

POINTS = 120


def curve_of(rows: Sequence[Row], method: str, unit: str) -> Curve | None:
    """Return the curve of one method of the main case; None where it has no value on any instance with a bound.

    At an amount x each seed counts with the last value it has at x or before. The curve spans from where every seed
    has a value to the largest of the seeds' last amounts; a method that takes one step is one point.

    Args:
        rows: Of all methods and instances.
        method: Its name in the panel.
        unit: A key of `UNITS`.
    """
    measured = [row for row in of_method(rows, method) if row["bound"] and row["trace"]]
    if not measured:
        return None
    traces = [np.array(row["trace"], dtype=np.float64) for row in measured]
    column = UNITS[unit]
    first = max(1e-4 if unit == "seconds" else 1.0, *(trace[0, column] for trace in traces))
    last = max(first, *(trace[-1, column] for trace in traces))
    x = np.unique(np.geomspace(first, last, POINTS)) if last > first else np.array([first])
    shares = [100 * trace[:, 3] / row["bound"] for row, trace in zip(measured, traces, strict=True)]
    return curve_through(method, [(trace[:, column], share) for trace, share in zip(traces, shares, strict=True)], x, 1)


def rate_distribution(
    rows: Sequence[Row], method: str
) -> tuple[Float64[ndarray, " point"], Float64[ndarray, " point"]]:
    """Return rates in bit/s, ascending, and the share of devices of all seeds with at most that rate; empty if none."""
    rates = np.sort(np.concatenate([np.zeros(0), *(row["rates"] for row in of_method(rows, method))]))
    if not rates.size:
        return rates, rates
    kept = np.unique(np.linspace(0, len(rates) - 1, 300).round().astype(int))
    return rates[kept], (kept + 1) / len(rates)
