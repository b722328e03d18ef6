"""The figure of merit after the last round over the values of an axis of numbers, with error bars, for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from markupsafe import Markup

from qfl.metric import Metric
from qfl.report.axis import Axis, axis
from qfl.report.figures.figure import Figure
from qfl.report.merit import measured, merit_axis, tick_text
from qfl.report.plot import End, Frame, curve, draw, end_labels
from qfl.report.record import Record, last
from qfl.report.svg import tag
from qfl.spread import mean
from qfl.studies.bands import interval
from qfl.studies.federations.colours import styles_of
from qfl.studies.federations.curves import metric_of_runs
from qfl.studies.federations.figures import HEIGHT, LETTER, NUMBER
from qfl.studies.federations.settings import LearningSettings, members

Records = Mapping[str, Sequence[Record]]
Point = tuple[float, float, float, float]
"""Value on the axis, mean over the seeds, and both ends of its 95 % interval, NaN below two seeds."""


def numeric_axes(settings: LearningSettings) -> list[str]:
    """Return the axes of which every choice sets the axis's own key to another number, at least two of them."""
    values = {key: [choice.settings.get(key) for choice in choices] for key, choices in settings.axes.items()}
    return [
        key
        for key, found in values.items()
        if len(found) > 1 and all(isinstance(value, int | float) and not isinstance(value, bool) for value in found)
    ]


def over_axis(settings: LearningSettings, records: Records, key: str) -> Figure | None:
    """Draw the figure of merit over the values of a key, a line for each combination of the other axes.

    Args:
        settings: What is compared.
        records: The runs of each combination.
        key: One of `numeric_axes`.
    """
    metric = metric_of_runs(records)
    lines = points_of(settings, records, key)
    if not lines:
        return None
    looks = styles_of(lines)
    every = np.array([point for points in lines.values() for point in points])
    frame = Frame(_x_axis(every[:, 0]), merit_axis(every[:, 1:], metric), HEIGHT)
    parts = [_line(frame, points, *looks[name]) for name, points in lines.items()]
    ends = [
        End(name, measured(points[-1][1], metric), max(points[-1][1], frame.y.low), f"nr-{looks[name][0]}")
        for name, points in lines.items()
    ]
    about = f"{metric.title} on the test set after the last round; mean over the seeds and its 95 % interval."
    picture = draw(
        frame,
        *parts,
        end_labels(frame, ends),
        about=about,
        y_text=tick_text(metric),
        x_text=lambda tick: f"{tick:.4g}",
        x_name=key,
        right=NUMBER + LETTER * max(map(len, lines)),
    )
    return Figure(f"Test {metric.name} over {key}", about, picture)


def points_of(settings: LearningSettings, records: Records, key: str) -> dict[str, list[Point]]:
    """Return the points of each line by the other axes' choices, ascending; a combination without a run is left out.

    Args:
        settings: What is compared.
        records: The runs of each combination.
        key: One of `numeric_axes`.
    """
    metric: Metric = metric_of_runs(records)
    place = list(settings.axes).index(key)
    value_of = {choice.name: float(choice.settings[key]) for choice in settings.axes[key]}
    lines: dict[str, list[Point]] = {}
    for member in members(replace(settings, seeds=1)):
        ends = [last(record.column(metric.name)) for record in records.get(member.label, ())]
        middle = mean(ends)
        if np.isfinite(middle):
            name = " + ".join(each for number, each in enumerate(member.names) if number != place)
            lines.setdefault(name, []).append((value_of[member.names[place]], middle, *interval(ends)))
    return {name: sorted(points) for name, points in lines.items()}


def _x_axis(values: np.ndarray) -> Axis:
    """Return an axis with some room at both ends, labelled at the values themselves where these are few."""
    found = np.unique(values)
    room = 0.04 * (found[-1] - found[0]) or 0.5
    ticks = tuple(map(float, found)) if len(found) <= 8 else axis(found, low=None).ticks
    low, high = float(found[0] - room), float(found[-1] + room)
    return Axis(low, high, tuple(tick for tick in ticks if low <= tick <= high))


def _line(frame: Frame, points: Sequence[Point], colour: int, stroke: int) -> Markup:
    x, middle, low, high = np.array(points).T
    middle = np.maximum(middle, frame.y.low)  # R2 has no lower bound, its axis has
    bars = Markup("").join(
        tag(
            "line",
            class_=f"line ink-nr-{colour}",
            x1=frame.across(at),
            x2=frame.across(at),
            y1=frame.down(max(bottom, frame.y.low)),
            y2=frame.down(min(top, frame.y.high)),
        )
        for at, bottom, top in zip(x, low, high, strict=True)
        if np.isfinite(bottom)
    )
    dots = Markup("").join(
        tag("circle", class_=f"dot ink-nr-{colour}", cx=frame.across(at), cy=frame.down(value), r=3.5)
        for at, value in zip(x, middle, strict=True)
    )
    return curve(frame, x, middle, f"nr-{colour}", f"stroke-{stroke}", dotted=False) + bars + dots
