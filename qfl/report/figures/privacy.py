"""What a client has spent of its privacy, over rounds."""

import numpy as np

from qfl.report.axis import axis, whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import short
from qfl.report.plot import End, Frame, curve, draw, end_labels, hovers
from qfl.report.record import Record, last


def epsilon_spent(record: Record) -> Figure | None:
    """Draw the epsilon of the client that has spent most, after every round; nothing without privacy."""
    record = record.trained
    rounds, values = record.column("round"), record.column("privacy", "epsilon")
    if not np.isfinite(values).any():
        return None
    about = f"Epsilon at delta = {short(last(record.column('privacy', 'delta')))}, of the client that has spent most."
    frame = Frame(whole_axis(int(rounds[0]), int(rounds[-1]), 4), axis(values, low=0.0, num_ticks=3), height=120)
    texts = [f"round {number:.0f}: {short(value)}" for number, value in zip(rounds, values, strict=True)]
    picture = draw(
        frame,
        curve(frame, rounds, values, "drift"),
        end_labels(frame, [End(short(last(values)), "", last(values), "drift")]),
        hovers(frame, rounds, texts),
        about="epsilon over rounds",
        y_text=lambda tick: f"{tick:g}",
        right=64,
    )
    return Figure("Privacy spent", about, picture)
