"""The numbers: mean accuracy of every strategy in every column, and its gain over FedAvg, paired by seed."""

from collections.abc import Mapping, Sequence
from typing import Any

from qfl.spread import known_values, mean, or_none
from qfl.studies.bands import interval

from .heterogeneity_settings import Column, Heterogeneity

Row = Mapping[str, Any]
BASELINE = "fedavg"


def numbers_of(study: Heterogeneity, rows: Sequence[Row]) -> dict[str, Any]:
    """Return all numbers.

    ::

        cells.N                  strategy, axis, value; mean, low, high of the accuracy; scored (under noise); seeds;
                                 gain, gain_low, gain_high over FedAvg in the same seeds
        columns.N                axis, value; best strategy, and those that are better, and worse, than FedAvg
        AXIS.VALUE.STRATEGY      the mean alone

    Args:
        study: Strategies and columns.
        rows: One for each federation.
    """
    found: dict[str, Any] = {"seeds": len(study.seeds), "strategies": list(study.strategies)}
    cells = [_cell(rows, name, column) for column in study.columns for name in study.strategies]
    columns = [_column([cell for cell in cells if _is_of(cell, column)], column) for column in study.columns]
    for cell in cells:
        found.setdefault(cell["axis"], {}).setdefault(f"{cell['value']:g}", {})[cell["strategy"]] = cell["mean"]
    return found | {"cells": cells, "columns": columns}


def _cell(rows: Sequence[Row], strategy: str, column: Column) -> dict[str, Any]:
    own, base = (_by_seed(rows, name, column, "accuracy") for name in (strategy, BASELINE))
    gains = [own[seed] - base[seed] for seed in own if seed in base and strategy != BASELINE]
    (low, high), (least, most) = interval(list(own.values())), interval(gains)
    return {
        "strategy": strategy,
        "axis": column.axis,
        "value": column.value,
        "mean": or_none(mean(own.values())),
        "low": or_none(low),
        "high": or_none(high),
        "scored": or_none(mean(_by_seed(rows, strategy, column, "scored").values())),
        "seeds": len(own),
        "gain": or_none(mean(gains)),
        "gain_low": or_none(least),
        "gain_high": or_none(most),
    }


def _by_seed(rows: Sequence[Row], strategy: str, column: Column, what: str) -> dict[int, float]:
    own = [row for row in rows if row["strategy"] == strategy and _is_of(row, column)]
    return {row["seed"]: row[what] for row in own if known_values([row[what]])}


def _is_of(row: Row, column: Column) -> bool:
    return (row["axis"], row["value"]) == (column.axis, column.value)


def _column(cells: Sequence[Row], column: Column) -> dict[str, Any]:
    """Return the best of a column, and who differs from FedAvg by more than chance: the interval leaves 0 out."""
    known = [cell for cell in cells if cell["mean"] is not None]
    best = max(known, key=lambda cell: cell["mean"], default=None)
    return {
        "axis": column.axis,
        "value": column.value,
        "best": best and best["strategy"],
        "better": [cell["strategy"] for cell in known if (cell["gain_low"] or 0.0) > 0],
        "worse": [cell["strategy"] for cell in known if (cell["gain_high"] or 0.0) < 0],
    }
