"""Where the time goes: seconds per phase of every round."""

import numpy as np

from qfl.report.figures.figure import Figure, Key
from qfl.report.figures.stacked import stacked
from qfl.report.formatting import duration, percent
from qfl.report.record import PHASES, Record


def phases(record: Record) -> Figure | None:
    """Draw the seconds of every round, split into its phases."""
    record = record.trained
    seconds_of = {phase: np.maximum(np.nan_to_num(record.column("seconds", phase)), 0.0) for phase in PHASES}
    measured = sum(seconds_of.values(), np.zeros(len(record.rounds)))
    rest = np.maximum(np.nan_to_num(record.column("seconds", "total")) - measured, 0.0)
    parts = {phase: seconds for phase, seconds in (seconds_of | {"rest": rest}).items() if seconds.any()}
    if not parts:
        return None
    whole = float((measured + rest).sum())
    largest = max(parts, key=lambda phase: parts[phase].sum())
    about = f"{duration(whole)} in all; {percent(parts[largest].sum() / whole, 0)} of it goes into {_task(largest)}."
    legend = tuple(
        Key(phase, f"{duration(float(seconds.sum()))}, {percent(seconds.sum() / whole)}", phase)
        for phase, seconds in parts.items()
    )
    return Figure("Time per round", about, stacked(record.column("round"), parts, about, duration), legend)


def _task(phase: str) -> str:
    return {
        "train": "training",
        "verify": "checking signatures",
        "aggregate": "combining updates",
        "evaluate": "evaluation on the test set",
        "broadcast": "signing and sending the broadcast",
        "select": "choosing clients",
        "checkpoint": "writing checkpoints",
    }.get(phase, "other work")
