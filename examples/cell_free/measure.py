"""Measure methods at a point of the sweep: both rates, their standard errors, and what a channel costs."""

import time
from collections.abc import Mapping
from typing import Any

import torch

from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import Score, evaluate

from .methods import Method

Row = dict[str, Any]


def measure(network: CellFree, batch: Channels, methods: Mapping[str, Method]) -> list[Row]:
    """Return a row for each method."""
    rows = []
    for name, method in methods.items():
        wall, cpu = time.perf_counter(), time.process_time()
        decision = method(batch)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        score = evaluate(network, batch.true, *decision)
        rows.append(row_of(network, name, score) | {"seconds": wall, "cpu_seconds": cpu})
    return rows


def row_of(network: CellFree, name: str, score: Score) -> Row:
    """Return the means and standard errors of a score, and where it was measured."""
    trials = len(score.min_rate)
    row: Row = {"snr_db": network.snr_db, "interference": network.interference, "method": name, "trials": trials}
    for rate in ("min_rate", "sum_rate"):
        values = getattr(score, rate).detach().double()
        row[rate] = float(values.mean())
        row[f"{rate}_se"] = float(values.std() / trials**0.5) if trials > 1 else 0.0
    unserved = score.min_rate.detach() <= 0
    return row | {"outage": float(unserved.to(torch.float64).mean())}
