"""What the strategy reports about itself, one small figure per number."""

import numpy as np

from qfl.report.axis import axis, whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import short
from qfl.report.plot import End, Frame, curve, draw, end_labels, hovers
from qfl.report.record import Record, last

MOST_FIGURES = 8
MEANINGS = {
    "resultant_min": "Agreement of the clients on the least agreed angle: 1 is full, 0 is none.",
    "resultant_mean": "Agreement of the clients, mean over all angles: 1 is full, 0 is none.",
    "fallbacks": "Angles without a direction in common, left as they were.",
}


def diagnostics(record: Record) -> list[Figure]:
    """Draw every number that the strategy reports, over rounds."""
    record = record.trained
    names: dict[str, None] = {}
    for row in record.rounds:
        reported = row.get("diagnostics")
        names |= dict.fromkeys(map(str, reported)) if isinstance(reported, dict) else {}
    figures = [_figure(record, name) for name in names]
    return [figure for figure in figures if figure][:MOST_FIGURES]


def _figure(record: Record, name: str) -> Figure | None:
    rounds, values = record.column("round"), record.column("diagnostics", name)
    if not np.isfinite(values).any():
        return None
    finite = values[np.isfinite(values)]
    frame = Frame(
        whole_axis(int(rounds[0]), int(rounds[-1]), 4),
        axis(values, low=0.0 if finite.min() >= 0 else None, num_ticks=3),
        height=120,
    )
    texts = [f"round {number:.0f}: {short(value)}" for number, value in zip(rounds, values, strict=True)]
    picture = draw(
        frame,
        curve(frame, rounds, values, "drift"),
        end_labels(frame, [End(short(last(values)), "", last(values), "drift")]),
        hovers(frame, rounds, texts),
        about=f"{name} over rounds",
        y_text=lambda tick: f"{tick:g}",
        right=64,
    )
    return Figure(name.replace("_", " "), MEANINGS.get(name, "Reported by the strategy."), picture)
