"""A figure of merit as the report shows it: a share in percent, any other number with its unit; and its axis."""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from qfl.metric import Metric
from qfl.report.axis import Axis, axis
from qfl.report.formatting import SPACE, UNKNOWN, known, percent, short

LOWEST = -1.0  # of an axis of what has no lower bound, such as R2; what lies below is drawn at the edge


def measured(score: float | None, metric: Metric) -> str:
    r"""Return a figure of merit: a share in percent, anything else with its unit.

    Args:
        score: The figure; None or NaN where it is not known.
        metric: What it measures.

    Example:
        >>> from qfl.specs import metric_of
        >>> measured(0.97, metric_of("classify")), measured(2.612, metric_of("d2d"))
        ('97.0\xa0%', '2.61\xa0bit/s/Hz')
        >>> measured(0.5, metric_of("regress"))
        '0.5'
    """
    if metric.is_share:
        return percent(score)
    return f"{short(score)}{SPACE}{metric.unit}".rstrip(SPACE) if known(score) else UNKNOWN


def score_text(metric: Metric) -> Callable[[float], str]:
    """Return what writes a figure of merit without its unit."""
    return percent if metric.is_share else short


def tick_text(metric: Metric) -> Callable[[float], str]:
    """Return what writes the ticks of its axis."""
    return (lambda tick: percent(tick, 0)) if metric.is_share else short


def merit_axis(values: ArrayLike, metric: Metric) -> Axis:
    """Return the axis of a figure of merit: from 0 to 1 for a share, else as far as the values go.

    What has no lower bound may start far below 0, and its axis starts at -1 then.

    Args:
        values: What is drawn.
        metric: What it measures.

    Example:
        >>> from qfl.specs import metric_of
        >>> merit_axis([-40.0, 0.8], metric_of("regress"))
        Axis(low=-1.0, high=1.0, ticks=(-1.0, -0.5, 0.0, 0.5, 1.0))
    """
    if metric.is_share:
        return axis([], high=metric.high)
    if metric.low == 0:
        return axis(values)
    least = np.nanmin(np.append(np.asarray(values, dtype=np.float64), 0.0))
    return axis([], low=LOWEST if least < LOWEST / 2 else LOWEST / 2 if least < 0 else 0.0, high=metric.high)
