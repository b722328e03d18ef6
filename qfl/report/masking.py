"""What masked or encrypted aggregation did, as a table of the report."""

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
ENCRYPTED_STEPS = {
    "key": "making the round's key",
    "train": "sending the encrypted update",
    "open": "opening the sum",
}


def masking_facts(record: Record) -> list[tuple[str, str]]:
    """Return names and values of what such rounds cost and whom they lost; nothing where updates were plain."""
    rounds = record.trained
    asked = rounds.column("masking", "phases", "advertise", "asked")
    if not np.isfinite(asked).any():
        return _encrypted_facts(rounds)
    neighbours = _largest(rounds.column("masking", "neighbours"))
    steps = [_step(rounds, step, about, asked) for step, about in STEPS.items()]
    named = [
        ("the server sees", "the sum of a round's updates, no single one"),
        ("neighbours of a client", "all" if neighbours == 0 else count(neighbours)),
        ("shares that unmask", count(_largest(rounds.column("masking", "threshold")))),
        *steps,
        ("taking masks off took", duration(float(np.nansum(rounds.column("masking", "phases", "recover", "seconds"))))),
        _clipped(rounds),
    ]
    return [(name, value) for name, value in named if value]


def _encrypted_facts(rounds: Record) -> list[tuple[str, str]]:
    asked = rounds.column("masking", "phases", "train", "asked")
    if not np.isfinite(asked).any():
        return []
    steps = [
        _step(rounds, step, about, rounds.column("masking", "phases", step, "asked"))
        for step, about in ENCRYPTED_STEPS.items()
    ]
    seconds = float(np.nansum(rounds.column("masking", "phases", "add", "seconds")))
    return [
        ("the server sees", "the sum of a round's updates; a single one if the client with the round's key helped it"),
        *steps,
        ("adding up took", duration(seconds)),
        _clipped(rounds),
    ]


def _clipped(rounds: Record) -> tuple[str, str]:
    share = _largest(rounds.column("masking", "clipped"))
    return "numbers clipped, at most", f"{short(100 * share)} % of a round's" if share > 0 else "none"


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
