"""How well the federation learns per second of a virtual clock, such as the simulated radio's."""

import numpy as np

from qfl.report.axis import axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import duration
from qfl.report.merit import measured, merit_axis, tick_text
from qfl.report.plot import End, Frame, curve, draw, end_labels
from qfl.report.record import Record, last


def on_air(record: Record) -> Figure | None:
    """Draw the figure of merit over the radio's clock; nothing where a run had none."""
    return over_clock(record, "radio", "the radio's virtual clock: training and uploads of the devices")


def over_clock(record: Record, whose: str, clock: str) -> Figure | None:
    """Draw the figure of merit over a virtual clock: on the test set, and of the clients that took part.

    Args:
        record: The run.
        whose: Entry of the rows that has ``clock_s``.
        clock: What the clock counts, for people.
    """
    metric, clock_s = record.metric, record.column(whose, "clock_s")
    clock_s = np.where(record.column("round") == 0, 0.0, clock_s)
    lines = {
        "test": ("test", record.column(metric.name)),
        "clients": ("train", record.column(f"train_{metric.name}")),
    }
    known = {ink: line for ink, line in lines.items() if np.isfinite(line[1] * clock_s).any()}
    if not known or not np.nanmax(clock_s, initial=0.0) > 0:
        return None
    values = np.concatenate([ys for _, ys in known.values()])
    y = merit_axis(values, metric)
    frame = Frame(axis(clock_s, high=float(np.nanmax(clock_s))), y)
    ends = [End(name, measured(last(ys), metric), max(last(ys), y.low), ink) for ink, (name, ys) in known.items()]
    about = (
        f"{metric.title} over {duration(float(np.nanmax(clock_s)))} of {clock}, not the time that the simulation took."
    )
    picture = draw(
        frame,
        *(curve(frame, clock_s, np.maximum(ys, y.low), ink) for ink, (_, ys) in reversed(known.items())),
        end_labels(frame, ends),
        about=about,
        y_text=tick_text(metric),
        x_text=lambda tick: f"{tick:g}",
        x_name="simulated seconds",
        right=132,
    )
    return Figure(f"{metric.title} over simulated seconds", about, picture)
