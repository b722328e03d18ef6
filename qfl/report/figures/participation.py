"""Who took part: updates accepted in every round, and those that were not."""

import numpy as np

from qfl.report.figures.figure import Figure, Key
from qfl.report.figures.stacked import stacked
from qfl.report.formatting import count, percent
from qfl.report.record import Record


def accepted(record: Record) -> Figure | None:
    """Draw how many of the asked clients contributed to every round."""
    record = record.trained
    asked, contributed = (np.nan_to_num(record.column(name)) for name in ("asked", "accepted"))
    if not (asked > 0).any():
        return None
    about = (
        f"{count(contributed.sum())} of {count(asked.sum())} updates were verified and used "
        f"({percent(contributed.sum() / asked.sum())})."
    )
    parts = {"accepted": contributed, "lost": np.maximum(asked - contributed, 0.0)}
    names = {"accepted": "accepted", "lost": "not used"}
    legend = tuple(Key(names[ink], count(values.sum()), ink) for ink, values in parts.items() if values.any())
    return Figure("Clients per round", about, stacked(record.column("round"), parts, about, count, whole=True), legend)


def not_accepted(record: Record) -> Figure | None:
    """Draw the updates that were refused, late or lost, on a scale of their own."""
    record = record.trained
    parts = {name: np.maximum(np.nan_to_num(values), 0.0) for name, values in _lost(record).items()}
    parts = {name: values for name, values in parts.items() if values.any()}
    if not parts:
        return None
    about = "Not used: " + ", ".join(f"{count(values.sum())} {name}" for name, values in parts.items()) + "."
    legend = tuple(Key(name, count(values.sum()), name) for name, values in parts.items())
    picture = stacked(record.column("round"), parts, about, count, whole=True)
    return Figure("Updates not used", about, picture, legend)


def _lost(record: Record) -> dict[str, np.ndarray]:
    asked, contributed, rejected, missing = (
        np.nan_to_num(record.column(name)) for name in ("asked", "accepted", "rejected", "missing")
    )
    return {"rejected": rejected, "missing": missing, "failed": asked - contributed - rejected - missing}
