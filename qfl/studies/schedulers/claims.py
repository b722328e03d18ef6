"""QAOA beside each plausible SCA: its gain, and how much sooner it settles; and what a paper says of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qfl.results import Row
from qfl.spread import mean, median, median_time
from qfl.studies.examples import FILE, member
from qfl.studies.schedulers.curves import UNITS
from qfl.studies.schedulers.panel import PANEL
from qfl.studies.schedulers.summary import of_method

QUANTUM = tuple(entry.name for entry in PANEL if entry.family == "qaoa" and entry.start == "own")
PLAUSIBLE_SCA = {
    "sca_final": "assignment and power, final iterate",
    "sca_best": "assignment and power, best iterate",
    "sca_1opt": "assignment and power, best iterate, polished",
    "sca_alternating": "sub-channels and powers in turns, best iterate",
    "sca_alternating_1opt": "sub-channels and powers in turns, best iterate, polished",
    "random_sca_power": "power only, random sub-channels",
}
"""A paper may not say which SCA it drew, nor how it rounds."""


@dataclass(frozen=True)
class Paper:
    """What a paper says of QAOA beside SCA; nothing where no paper is at hand.

    Args:
        gain_percent: So much more sum rate.
        faster_percent: So much sooner settled.
        says: Both in a sentence, for the page.
    """

    gain_percent: float | None = None
    faster_percent: float | None = None
    says: str = ""


def paper_of(checkout: Path) -> Paper:
    """Return what the paper of a checkout's ``examples/qfl_6g/study.py`` says."""
    folder = checkout / "examples" / "qfl_6g"
    return Paper(**member(folder, ":PAPER")) if (folder / FILE).is_file() else Paper()


def claims(rows: Sequence[Row]) -> list[Row]:
    """Return the claims for every QAOA and every plausible SCA, over the instances on which both have a value.

    Each has the names ``quantum`` and ``classical``; ``gain_percent``, 100 (mean value / mean value - 1); and
    ``pace``: for iterations (each method's own), objective evaluations, and seconds, as medians over seeds::

        ours            amount from which on QAOA stays within 1 % of its own last value
        theirs          the same for SCA
        to_their_value  amount at which QAOA has SCA's last value; None if on half of the seeds or more it never has
        faster_percent  100 (1 - ours / theirs): how a paper's "faster" reads; negative = slower, None if SCA does not
                        move
    """
    return [
        {
            "quantum": quantum,
            "classical": classical,
            "gain_percent": _gain(ours, theirs),
            "pace": {unit: _pace(ours, theirs, column) for unit, column in UNITS.items()},
        }
        for quantum in QUANTUM
        for classical in PLAUSIBLE_SCA
        for ours, theirs in [_both(rows, quantum, classical)]
        if ours
    ]


def _both(rows: Sequence[Row], quantum: str, classical: str) -> tuple[list[Row], list[Row]]:
    """Return the rows of two methods on the instances that both solved, instance by instance."""
    ours, theirs = ({row["seed"]: row for row in of_method(rows, name)} for name in (quantum, classical))
    seeds = [seed for seed in ours if seed in theirs]
    return [ours[seed] for seed in seeds], [theirs[seed] for seed in seeds]


def _gain(ours: Sequence[Row], theirs: Sequence[Row]) -> float:
    ours_mean, theirs_mean = (mean(row["value"] for row in rows) for rows in (ours, theirs))
    return 100 * (ours_mean / theirs_mean - 1) if theirs_mean else float("nan")


def _pace(ours: Sequence[Row], theirs: Sequence[Row], column: int) -> Row:
    quick, slow = (median(row["settled"][column] for row in rows) for rows in (ours, theirs))
    reached = median_time(_reached(a, b["value"], column) for a, b in zip(ours, theirs, strict=True))
    faster = 100 * (1 - quick / slow) if slow > 0 else None
    return {"ours": quick, "theirs": slow, "to_their_value": reached, "faster_percent": faster}


def _reached(row: Row, value: float, column: int) -> float:
    """Return the amount at which a trace first has a value; inf if it never has."""
    return next((point[column] for point in row["trace"] if point[3] >= value), float("inf"))
