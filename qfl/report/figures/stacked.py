"""Bars stacked on each other, one per round."""

from collections.abc import Callable, Mapping

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from qfl.report.axis import Axis, axis, whole_axis
from qfl.report.plot import Frame, bars, draw, hovers

Parts = dict[str, NDArray[np.float64]]


def stacked(
    rounds: NDArray[np.float64],
    parts: Parts,
    about: str,
    y_text: Callable[[float], str],
    *,
    height: int = 210,
    whole: bool = False,
    names: Mapping[str, str] | None = None,
) -> Markup:
    """Return bars of several parts over rounds; a part that is not known counts as none.

    Args:
        rounds: Round numbers, ascending.
        parts: One value per round for each ink, from the bottom up.
        about: One sentence for those who cannot see it.
        y_text: How a value is written.
        height: In pixels.
        whole: Whether the vertical axis counts in whole numbers.
        names: What an ink stands for, where its own name does not say it.
    """
    values = np.array([np.maximum(np.nan_to_num(part), 0.0) for part in parts.values()])
    tops = np.cumsum(values, axis=0)
    y = axis(tops[-1], num_ticks=4, whole=whole)
    frame = Frame(rounds_axis(rounds), y, height)
    called = [(names or {}).get(ink, ink) for ink in parts]
    texts = [
        f"round {number:.0f}: "
        + ", ".join(f"{name} {y_text(part[index])}" for name, part in zip(called, values, strict=True) if part[index])
        for index, number in enumerate(rounds)
    ]
    layers = [bars(frame, rounds, top - value, top, ink) for ink, value, top in zip(parts, values, tops, strict=True)]
    return draw(frame, *layers, hovers(frame, rounds, texts), about=about, y_text=y_text)


def rounds_axis(rounds: NDArray[np.float64]) -> Axis:
    """Return an axis that leaves room for half a bar at both ends."""
    ticks = whole_axis(int(rounds[0]), int(rounds[-1])).ticks
    return Axis(rounds[0] - 0.5, rounds[-1] + 0.5, ticks)
