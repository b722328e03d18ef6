"""The paper's two numbers beside ours: QAOA's gain over SCA, and how much sooner it settles."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from qfl.comparison.curves import UNITS
from qfl.comparison.summary import of_method
from qfl.results import Row

PAPER_GAIN_PERCENT, PAPER_FASTER_PERCENT = 35.0, 40.0
"""Section V, Fig. 4a: "almost 35% increase in sum-rate and converges 40% faster"."""

QUANTUM = ("qaoa_bcd", "qaoa_bcd_3000")
PLAUSIBLE_SCA = {
    "sca_final": "assignment and power, final iterate",
    "sca_best": "assignment and power, best iterate",
    "sca_1opt": "assignment and power, best iterate, polished",
    "random_sca_power": "power only, random sub-channels",
}
"""The paper does not say which SCA it drew, nor how it rounds."""


@dataclass(frozen=True)
class Pace:
    """What two methods spend in one unit, as medians over seeds.

    Args:
        ours: Amount from which on QAOA stays within 1 % of its own last value.
        theirs: The same for SCA.
        to_their_value: Amount at which QAOA has SCA's last value; None if on half of the seeds or more it never has.
        faster_percent: 100 (1 - ours / theirs): how the paper's "40 % faster" reads; negative = slower, None if SCA
            does not move.
    """

    ours: float
    theirs: float
    to_their_value: float | None
    faster_percent: float | None


@dataclass(frozen=True)
class Claim:
    """QAOA beside one SCA.

    Args:
        quantum: Name of the QAOA method.
        classical: Name of the SCA method.
        gain_percent: 100 (mean value / mean value - 1).
        pace: For iterations (each method's own), objective evaluations, and seconds.
    """

    quantum: str
    classical: str
    gain_percent: float
    pace: dict[str, Pace]


def claims(rows: Sequence[Row]) -> list[Claim]:
    """Return the claims for every QAOA and every plausible SCA that was measured."""
    return [
        Claim(quantum, classical, _gain(ours, theirs), _paces(ours, theirs))
        for quantum in QUANTUM
        for classical in PLAUSIBLE_SCA
        if (ours := of_method(rows, quantum)) and (theirs := of_method(rows, classical))
    ]


def _gain(ours: Sequence[Row], theirs: Sequence[Row]) -> float:
    ours_mean, theirs_mean = (statistics.fmean(row["value"] for row in rows) for rows in (ours, theirs))
    return 100 * (ours_mean / theirs_mean - 1)


def _paces(ours: Sequence[Row], theirs: Sequence[Row]) -> dict[str, Pace]:
    return {unit: _pace(ours, theirs, column) for unit, column in UNITS.items()}


def _pace(ours: Sequence[Row], theirs: Sequence[Row], column: int) -> Pace:
    quick, slow = (statistics.median(row["settled"][column] for row in rows) for rows in (ours, theirs))
    reached = statistics.median(_reached(a, b["value"], column) for a, b in zip(ours, theirs, strict=True))
    return Pace(
        quick,
        slow,
        reached if reached < float("inf") else None,
        100 * (1 - quick / slow) if slow > 0 else None,
    )


def _reached(row: Row, value: float, column: int) -> float:
    """Return the amount at which a trace first has a value; inf if it never has."""
    return next((point[column] for point in row["trace"] if point[3] >= value), float("inf"))
