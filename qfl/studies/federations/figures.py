"""The figures of a comparison of federations, for the page."""

from collections.abc import Mapping, Sequence

import numpy as np

from qfl.metric import Metric
from qfl.report.axis import Axis, log_axis, whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.merit import measured, merit_axis, tick_text
from qfl.report.plot import End, Frame, band, curve, draw, end_labels
from qfl.report.record import Record
from qfl.report.svg import plain_number
from qfl.studies.bands import Curve
from qfl.studies.federations.colours import styles_of
from qfl.studies.federations.curves import FEWEST, curve_of, metric_of_runs

HEIGHT = 300
LETTER, NUMBER = 7, 62  # pixels of a letter of an end label, and of the value before it
NAMES = {"rounds": "rounds", "seconds": "simulated seconds"}
X_NAMES = {"rounds": "round", "seconds": "simulated seconds since the start"}
WHO = {True: "of those that took part, on their own data, before they train", False: "on the test set"}

Records = Mapping[str, Sequence[Record]]


def learning(records: Records, training: bool, over: str) -> Figure | None:
    """Draw the figure of merit of all combinations over rounds or simulated seconds; None where nothing is known.

    Args:
        records: The runs of each combination.
        training: Of the participants while training; else of the test set.
        over: ``rounds`` or ``seconds``.
    """
    metric = metric_of_runs(records)
    of = f"train_{metric.name}" if training else metric.name
    curves = [found for label, runs in records.items() if (found := curve_of(label, runs, of, over))]
    if not curves:
        return None
    looks = styles_of([one.name for one in curves])
    frame = Frame(_x_axis(curves, over), _y_axis(curves, metric), HEIGHT)
    shown = [(one, *looks[one.name]) for one in curves]
    about = f"{metric.title} {WHO[training]}; {means(curves)}."
    ends = [
        End(c.name, measured(float(c.mean[-1]), metric), max(float(c.mean[-1]), frame.y.low), f"nr-{colour}")
        for c, colour, _ in shown
    ]

    def drawn(values: np.ndarray) -> np.ndarray:
        return np.maximum(values, frame.y.low)  # R2 has no lower bound, its axis has

    picture = draw(
        frame,
        *(
            band(frame, _x(c, over), drawn(c.low), drawn(c.high), f"nr-{colour}", 0.1)
            for c, colour, _ in shown
            if c.banded
        ),
        *(curve(frame, _x(c, over), drawn(c.mean), f"nr-{colour}", f"stroke-{stroke}") for c, colour, stroke in shown),
        end_labels(frame, ends),
        about=about,
        y_text=tick_text(metric),
        x_text=(lambda tick: f"{10**tick:.4g}") if over == "seconds" else plain_number,
        x_name=X_NAMES[over],
        right=NUMBER + LETTER * max(len(one.name) for one in curves),
    )
    return Figure(f"{'Training' if training else 'Test'} {metric.name} over {NAMES[over]}", about, picture)


def means(curves: Sequence[Curve]) -> str:
    """Return what lines and areas are, as far as they are drawn."""
    if all(one.banded for one in curves):
        return "mean over the seeds and its 95 % band"
    return f"mean over the seeds; a 95 % band is drawn from {FEWEST} seeds on"


def _x(curve: Curve, over: str) -> np.ndarray:
    return np.log10(curve.x) if over == "seconds" else curve.x


def _x_axis(curves: Sequence[Curve], over: str) -> Axis:
    amounts = np.concatenate([one.x for one in curves])
    if over == "seconds":
        return _seconds_axis(amounts)
    return whole_axis(int(amounts.min()), int(amounts.max()))


def _seconds_axis(amounts: np.ndarray) -> Axis:
    """Return a logarithmic axis, labelled at 1, 2 and 5 where it has less than two decades."""
    linear = log_axis(amounts)
    if linear.high - linear.low >= 2:
        return linear
    powers = np.arange(np.floor(linear.low), np.ceil(linear.high) + 1)
    ticks = (powers[:, None] + np.log10([1.0, 2.0, 5.0])).ravel()
    return Axis(linear.low, linear.high, tuple(float(t) for t in ticks if linear.low <= t <= linear.high))


def _y_axis(curves: Sequence[Curve], metric: Metric) -> Axis:
    return merit_axis(np.concatenate([one.mean for one in curves]), metric)
