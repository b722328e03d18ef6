"""The numbers of a comparison of federations: one object, and two CSV files."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.report.record import Record, as_number, last
from qfl.results import RunFolder
from qfl.spread import finite, mean, median_time, spread
from qfl.studies.bands import interval
from qfl.studies.csv_files import flat, write_csv
from qfl.studies.federations.curves import AXES, curve_of, metric_of_runs
from qfl.studies.federations.run import settings_of, unfinished
from qfl.studies.federations.settings import LearningSettings, members

LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Shares of the metric's largest value; how long it took to get there is told."""

Records = Mapping[str, Sequence[Record]]


def outcome(folder: RunFolder, records: Records) -> dict[str, Any]:
    """Return the numbers of a comparison, ready for JSON: what is not known is null."""
    settings, metric = settings_of(folder), metric_of_runs(records)
    labels = dict.fromkeys(member.label for member in members(settings))
    numbers = {
        "run": str(folder.path),
        "notice": folder.header.get("notice") or None,
        "data": settings.base.get("data.name", "digits"),
        "rounds": _rounds(settings),
        "seeds": settings.seeds,
        "axes": {axis: [choice.name for choice in choices] for axis, choices in settings.axes.items()},
        "metric": metric.name,
        "measure": asdict(metric),
        "combinations": {label: _combination(records.get(label, ()), metric.name, metric.high) for label in labels},
        "failures": unfinished(folder, settings),
    }
    return finite(numbers)


def write_tables(folder: RunFolder, records: Records, numbers: Mapping[str, Any]) -> None:
    """Write combinations.csv and curves.csv into the comparison's folder.

    Args:
        folder: The comparison's.
        records: The finished runs of each combination.
        numbers: As `outcome` returned them.
    """
    rows = [{"combination": label} | flat(combination) for label, combination in numbers["combinations"].items()]
    write_csv(folder.path / "combinations.csv", rows)
    write_csv(folder.path / "curves.csv", _curve_rows(records, numbers["metric"]))


def _rounds(settings: LearningSettings) -> int | None:
    """Return the rounds of all runs, None where they differ."""
    counts = {member.settings.rounds for member in members(replace(settings, seeds=1))}
    return counts.pop() if len(counts) == 1 else None


def _combination(records: Sequence[Record], metric: str, high: float) -> dict[str, Any]:
    """Return the figures of one combination's finished runs; those of a round are means over all rounds and seeds.

    What no run knows is NaN: the virtual clock and the energy without a radio, everything where no run was finished.
    """
    trained = [record.trained for record in records]
    first = records[0] if records else Record({}, [], [])
    ends = [last(record.column(metric)) for record in records]
    on_air = "participants" if any(np.isfinite(_all(trained, "radio", "participants"))) else None
    numbers = {
        "runs": len(records),
        metric: asdict(spread(ends)) | dict(zip(("low", "high"), interval(ends), strict=True)),
        f"train_{metric}": asdict(spread([last(record.column(f"train_{metric}")) for record in records])),
        "parameters": first.number("model", "parameters"),
        "update_bytes": float(sum(map(as_number, first.section("uplink").values()))) or float("nan"),
        "solver": _solver(first),
        "deadline_s": first.number("settings", "radio.deadline-s") if on_air else float("nan"),
        "simulated_s": asdict(spread([last(record.column("radio", "clock_s")) for record in records])),
        "round_s_median": _median(trained, "radio", "seconds"),
        "participants": _mean(trained, "radio", "participants") if on_air else _mean(trained, "accepted"),
        "asked": _mean(trained, "asked"),
        "ever_took_part": mean(_ever(record) for record in records),
        "labels_lost": _mean(trained, "radio", "labels_lost"),
        "jain": _mean(trained, "radio", "jain"),
        "energy_j": mean(_sum(record.column("radio", "energy_j")) for record in records),
        "allocation_value": _mean(trained, "radio", "value"),
        "evaluations": _mean(trained, "radio", "evaluations"),
        "failed_rounds": mean(sum(bool(row.get("failure")) for row in record.rounds) for record in records),
    }
    ways = {f"{over}_to": _ways(records, metric, high, over) for over in AXES}
    return numbers | ways


def _solver(record: Record) -> str | None:
    """Return the first solver that a round names."""
    named = (row["radio"].get("solver") for row in record.trained.rounds if isinstance(row.get("radio"), dict))
    return next((str(name) for name in named if name), None)


def _ways(records: Sequence[Record], metric: str, high: float, over: str) -> dict[str, float | None]:
    """Return the median amount at which a level was first reached; None where half of the runs or more never did."""
    reached = {}
    for level in LEVELS:
        firsts = []
        for record in records:
            amount, value = record.column(*AXES[over]), record.column(metric)
            there = np.flatnonzero(value >= level * high)
            firsts.append(float(amount[there[0]]) if len(there) else float("inf"))
        reached[f"{level:g}"] = median_time(firsts)
    return reached


def _ever(record: Record) -> int | None:
    """Return how many clients had an update accepted at least once; None where no client has a row."""
    if not record.clients:
        return None
    return len({str(row.get("client")) for row in record.clients if row.get("status") == "accepted"})


def _all(records: Sequence[Record], *path: str) -> NDArray[np.float64]:
    """Return one number per round of all runs."""
    return np.concatenate([np.zeros(0), *(record.column(*path) for record in records)])


def _mean(records: Sequence[Record], *path: str) -> float:
    values = _all(records, *path)
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")


def _median(records: Sequence[Record], *path: str) -> float:
    values = _all(records, *path)
    return float(np.nanmedian(values)) if np.isfinite(values).any() else float("nan")


def _sum(values: NDArray[np.float64]) -> float:
    return float(np.nansum(values)) if np.isfinite(values).any() else float("nan")


def _curve_rows(records: Records, metric: str) -> Iterable[dict[str, Any]]:
    for label, runs in records.items():
        for of in (metric, f"train_{metric}"):
            for over in AXES:
                curve = curve_of(label, runs, of, over)
                for line in curve.lines("mean", 5) if curve else ():
                    yield {"combination": label, "value": of, "over": over} | line
