"""The numbers of a comparison of federations: one object, and two CSV files."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from qfl.comparison.csv_files import finite, flat, write_csv
from qfl.comparison.learning.curves import AXES, curve_of, metric_of_runs
from qfl.comparison.learning.run import settings_of
from qfl.comparison.summary import spread
from qfl.report.record import Record, column, last
from qfl.results import RunFolder

LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of the metric's largest value; how long it took to get there is told."""

Records = Mapping[str, Sequence[Record]]


def outcome(folder: RunFolder, records: Records) -> dict[str, Any]:
    """Return the numbers of a comparison, ready for JSON: what is not known is null."""
    settings, metric = settings_of(folder), metric_of_runs(records)
    found = {
        "run": str(folder.path),
        "notice": folder.header.get("notice") or None,
        "data": settings.base.get("data.name", "digits"),
        "rounds": settings.base.get("rounds"),
        "seeds": settings.seeds,
        "axes": {axis: [choice.name for choice in choices] for axis, choices in settings.axes.items()},
        "metric": metric.name,
        "combinations": {label: _combination(own, metric.name, metric.high) for label, own in records.items()},
    }
    return finite(found)


def write_tables(folder: RunFolder, records: Records, found: Mapping[str, Any]) -> None:
    """Write combinations.csv and curves.csv into the comparison's folder."""
    rows = [{"combination": label} | flat(own) for label, own in found["combinations"].items()]
    write_csv(folder.path / "combinations.csv", rows)
    write_csv(folder.path / "curves.csv", _curve_rows(records, found["metric"]))


def _combination(records: Sequence[Record], metric: str, high: float) -> dict[str, Any]:
    """Return the figures of one combination; those of a round are means over all rounds and seeds."""
    trained = [record.trained for record in records]
    numbers = {
        metric: asdict(spread([last(record.column(metric)) for record in records])),
        f"train_{metric}": asdict(spread([last(record.column(f"train_{metric}")) for record in records])),
        "parameters": records[0].number("model", "parameters"),
        "update_bytes": float(sum(records[0].section("uplink").values())),
        "solver": next((str(row["radio"].get("solver")) for row in trained[0].rounds if row.get("radio")), None),
        "deadline_s": records[0].number("settings", "radio.deadline-s"),
        "simulated_s": asdict(spread([last(record.column("radio", "clock_s")) for record in records])),
        "round_s_median": _median(trained, "radio", "seconds"),
        "participants": _mean(trained, "radio", "participants"),
        "asked": _mean(trained, "asked"),
        "ever_took_part": statistics.fmean(_ever(record) for record in records),
        "labels_lost": _mean(trained, "radio", "labels_lost"),
        "jain": _mean(trained, "radio", "jain"),
        "energy_j": statistics.fmean(float(np.nansum(record.column("radio", "energy_j"))) for record in records),
        "allocation_value": _mean(trained, "radio", "value"),
        "evaluations": _mean(trained, "radio", "evaluations"),
        "failed_rounds": statistics.fmean(sum(bool(row.get("failure")) for row in record.rounds) for record in records),
    }
    ways = {f"{over}_to": _ways(records, metric, high, over) for over in AXES}
    return numbers | ways


def _ways(records: Sequence[Record], metric: str, high: float, over: str) -> dict[str, float | None]:
    """Return the median amount at which a level was first reached; None where half of the runs or more never did."""
    found = {}
    for level in LEVELS:
        firsts = []
        for record in records:
            amount, value = record.column(*AXES[over]), record.column(metric)
            there = np.flatnonzero(value >= level * high)
            firsts.append(float(amount[there[0]]) if len(there) else float("inf"))
        middle = statistics.median(firsts)
        found[f"{level:g}"] = middle if np.isfinite(middle) else None
    return found


def _ever(record: Record) -> int:
    """Return how many clients had an update accepted at least once."""
    return len({row.get("client") for row in record.clients if row.get("status") == "accepted"})


def _mean(records: Sequence[Record], *path: str) -> float:
    values = np.concatenate([record.column(*path) for record in records])
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _median(records: Sequence[Record], *path: str) -> float:
    values = np.concatenate([column(record.rounds, *path) for record in records])
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def _curve_rows(records: Records, metric: str) -> Iterable[dict[str, Any]]:
    for label, own in records.items():
        for of in (metric, f"train_{metric}"):
            for over in AXES:
                curve = curve_of(label, own, of, over)
                for x, mean, low, high in zip(*curve.columns(), strict=True) if curve else ():
                    yield {
                        "combination": label,
                        "value": of,
                        "over": over,
                        "amount": f"{x:.6g}",
                        "mean": f"{mean:.5f}",
                        "low": f"{low:.5f}",
                        "high": f"{high:.5f}",
                    }
