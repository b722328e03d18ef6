"""What the clients' circuits took on the pool of QPUs, as a table of the report."""

from math import isfinite

import numpy as np

from qfl.report.formatting import count, duration, percent, short
from qfl.report.radio import ranged
from qfl.report.record import Record, last

SCHEDULERS = {
    "ours": "Moore and Hodgson, then annealing of the order",
    "moore_hodgson": "Moore and Hodgson",
    "greedy": "earliest deadline first, shots split",
    "list": "list scheduling",
    "random": "random order and QPUs",
}


def pool_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what the pool did over all rounds; nothing where a run had none."""
    rounds = record.trained
    seconds = rounds.column("pool", "seconds")
    if not np.isfinite(seconds).any():
        return []
    jobs = {status: float(np.nansum(rounds.column("pool", status))) for status in ("served", "missed", "failed")}
    asked, scheduler = sum(jobs.values()), str(record.settings.get("device.scheduler"))
    deadline = record.settings.get("device.deadline-s")
    named = [
        ("circuit", _circuit(rounds)),
        ("scheduler", SCHEDULERS.get(scheduler, "")),
        ("deadline of a job", duration(deadline) if isinstance(deadline, float) and deadline > 0 else "none"),
        ("jobs served", _share(jobs["served"], asked)),
        ("deadlines missed", count(jobs["missed"]) if jobs["missed"] else ""),
        ("jobs lost on a QPU", count(jobs["failed"]) if jobs["failed"] else ""),
        ("a round lasted", ranged(seconds, duration)),
        ("all rounds and tests", duration(last(rounds.column("pool", "clock_s")))),
        ("energy of the clients' jobs", _joules(rounds.column("pool", "energy_j"))),
        ("energy of the tests", _joules(rounds.column("pool", "test_j"))),
    ]
    return [(name, value) for name, value in named if value]


def _circuit(rounds: Record) -> str:
    """Return how the circuit was cut; empty where the rows do not tell."""
    cuts, circuits = (last(rounds.column("pool", key)) for key in ("cuts", "circuits"))
    if not (isfinite(cuts) and isfinite(circuits)):
        return ""
    if not cuts:
        return "whole: the widest QPU takes it"
    return f"{count(cuts)} cut{'s' if cuts > 1 else ''}, {count(circuits)} circuits for one value of the whole"


def _share(part: float, whole: float) -> str:
    return f"{count(part)} of {count(whole)} ({percent(part / whole)})" if whole else ""


def _joules(values: np.ndarray) -> str:
    total = float(np.nansum(values))
    if total >= 1e6:
        return f"{short(total / 1e6)} MJ"
    return f"{short(total / 1e3)} kJ" if total >= 1e3 else f"{short(total)} J" if total else ""
