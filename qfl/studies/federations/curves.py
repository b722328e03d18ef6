"""Accuracy on the way, averaged over seeds, against rounds and against simulated seconds."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.metric import Metric
from qfl.report.record import Record, read_record
from qfl.results import RunFolder
from qfl.specs import metric_of
from qfl.studies.bands import Curve, curve_through

POINTS = 160
FEWEST = 3  # seeds for a band: that of two is twelve times their difference wide
AXES = {"rounds": ("round",), "seconds": ("radio", "clock_s")}
"""Where a row has the amount that a figure has below: the round, or the virtual clock after it."""


def read_runs(runs: Mapping[str, Sequence[RunFolder]]) -> dict[str, list[Record]]:
    """Return the rows of all runs."""
    return {label: [read_record(folder) for folder in folders] for label, folders in runs.items()}


def metric_of_runs(records: Mapping[str, Sequence[Record]]) -> Metric:
    """Return what the runs are measured by."""
    return next((record.metric for each in records.values() for record in each), metric_of("classify"))


def curve_of(label: str, records: Sequence[Record], of: str, over: str) -> Curve | None:
    """Return one curve; None where the rows lack what it needs.

    At an amount x each seed counts with the last value that it has at x or before. The curve spans from where every
    seed has a value to where the last of them ends; so it ends at the mean of the seeds' last values, over seconds as
    over rounds. A run without a value, as of one that failed in its first round, is left out.

    Args:
        label: The combination.
        records: Its runs.
        of: Column of the values, such as ``accuracy`` (test) or ``train_accuracy`` (of those that took part).
        over: A key of `AXES`.
    """
    pairs = [_known(record.column(*AXES[over]), record.column(of)) for record in records]
    pairs = [pair for pair in pairs if len(pair[0])]
    if not pairs:
        return None
    first, last = (max(amount[end] for amount, _ in pairs) for end in (0, -1))
    x = _grid(first, last, over)
    return curve_through(label, pairs, x, FEWEST)


def _known(amount: ndarray, value: ndarray) -> tuple[ndarray, ndarray]:
    """Return where both are known; a round whose end the clock did not see ended when the one before did."""
    seen = np.maximum.accumulate(np.where(np.isfinite(amount), amount, -np.inf))
    amount = np.where(np.isfinite(amount), amount, seen)
    known = np.isfinite(amount) & np.isfinite(value) & (amount > 0)
    return amount[known], value[known]


def _grid(first: float, last: float, over: str) -> Float64[ndarray, " point"]:
    if last <= first:
        return np.array([first])
    if over == "rounds":
        return np.arange(first, last + 1)
    return np.geomspace(first, last, POINTS)
