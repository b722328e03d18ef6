"""What the radio did, as a table of the report."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qfl.report.decisions import decision_facts
from qfl.report.formatting import count, duration, known, short
from qfl.report.record import Record, last

OBJECTIVES = {
    "round_time": "round time: one device at a time on a sub-channel",
    "sum_rate": "sum of the rates: all at once",
    "weighted_sum_rate": "weighted sum of the rates: all at once",
}


def radio_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what the radio did over all rounds; nothing where a run had none."""
    rounds = record.trained
    seconds = rounds.column("radio", "seconds")
    if not np.isfinite(seconds).any():
        return []
    settings, solvers = record.settings, [_solver(row) for row in rounds.rounds]
    objective = str(settings.get("radio.objective"))
    deadline = settings.get("radio.deadline-s")
    named = [
        ("allocation", OBJECTIVES.get(objective, objective)),
        ("solver", next((name for name in solvers if name), "")),
        ("deadline of a round", duration(deadline) if isinstance(deadline, float) and deadline > 0 else "none"),
        _beside_bound(rounds, objective),
        ("a round lasted", ranged(seconds, duration)),
        ("all rounds", duration(last(rounds.column("radio", "clock_s")))),
        ("updates in time", ranged(rounds.column("radio", "participants"), count)),
        ("labels lost in a round", ranged(rounds.column("radio", "labels_lost"), count)),
        ("Jain's index of the rates", ranged(rounds.column("radio", "jain"), short)),
        ("transmitted energy", _sum(rounds.column("radio", "energy_j"), "J")),
        ("sent", _sum(rounds.column("radio", "bits") / 1e6, "Mbit")),
        ("allocations", count(float(np.nansum(rounds.column("radio", "allocations"))))),
        ("computing them took", duration(float(np.nansum(rounds.column("radio", "solve_s"))))),
    ]
    return [(name, value) for name, value in [*named, *decision_facts(record)] if value]


def _beside_bound(rounds: Record, objective: str) -> tuple[str, str]:
    """Return how near the first allocations of rounds come to what none can beat; empty where no bound is known."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = rounds.column("radio", "value") / rounds.column("radio", "bound")
    if objective == "round_time":
        return "allocated round time over its lower bound", ranged(shares, lambda share: f"{share:.3f}")
    return "allocated rate, of its upper bound", ranged(100 * shares, lambda share: f"{share:.1f} %")


def ranged(values: NDArray[np.float64], text: Callable[[float], str]) -> str:
    """Return the least, the largest and the median of the known values as text; empty where none is known.

    Args:
        values: One per round, NaN where it is not known.
        text: Writes one.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return ""
    low, middle, high = (text(float(value)) for value in (finite.min(), np.median(finite), finite.max()))
    return middle if low == high else f"{low} to {high}, median {middle}"


def _sum(values: NDArray[np.float64], unit: str) -> str:
    finite = values[np.isfinite(values)]
    total = float(finite.sum())
    return f"{short(total)} {unit}" if finite.size and known(total) else ""


def _solver(row: dict) -> str:
    radio = row.get("radio")
    name = radio.get("solver") if isinstance(radio, dict) else None
    return name if isinstance(name, str) else ""
