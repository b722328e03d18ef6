"""What masked aggregation did, as a table of the report."""

import numpy as np
from numpy.typing import NDArray

from qfl.report.formatting import count, duration, known, short, size
from qfl.report.record import Record

STEPS = {
    "advertise": "advertising keys",
    "share": "sharing secrets",
    "train": "sending the masked update",
    "agree": "agreeing on the survivors",
    "unmask": "unmasking",
}


def masking_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what masked rounds cost and whom they lost; nothing where updates were plain."""
    rounds = record.trained
    asked = rounds.column("masking", "phases", "advertise", "asked")
    if not np.isfinite(asked).any():
        return []
    neighbours = _largest(rounds.column("masking", "neighbours"))
    steps = [_step(rounds, step, about, asked) for step, about in STEPS.items()]
    clipped = _largest(rounds.column("masking", "clipped"))
    named = [
        ("the server sees", "the sum of a round's updates, no single one"),
        ("neighbours of a client", "all" if neighbours == 0 else count(neighbours)),
        ("shares that unmask", count(_largest(rounds.column("masking", "threshold")))),
        *steps,
        ("taking masks off took", duration(float(np.nansum(rounds.column("masking", "phases", "recover", "seconds"))))),
        ("numbers clipped, at most", f"{short(100 * clipped)} % of a round's" if clipped > 0 else "none"),
    ]
    return [(name, value) for name, value in named if value]


def _step(rounds: Record, step: str, about: str, asked: NDArray[np.float64]) -> tuple[str, str]:
    """Return what one step cost a client in a round, and how many were lost in it."""
    path = ("masking", "phases", step)
    up, down = (float(np.nansum(rounds.column(*path, way))) for way in ("bytes_up", "bytes_down"))
    lost = float(np.nansum(rounds.column(*path, "asked") - rounds.column(*path, "answered")))
    clients = float(np.nansum(asked))
    sent = f"{size(up / clients)} up, {size(down / clients)} down" if known(up / clients) else ""
    return about, f"{sent} a client and round; {count(lost)} lost"


def _largest(values: NDArray[np.float64]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else float("nan")
