"""Horizontal bars, one per method, named at the left and written out at the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from qfl.report.axis import Axis
from qfl.report.svg import plain_number, tag

ROW = 23  # height of a bar with its gap, in pixels


@dataclass(frozen=True)
class Bar:
    """One bar.

    Args:
        name: At its left.
        ink: Family of the method.
        value: Its length on the axis.
        text: At the right.
        low: Start of the whisker; nan = none.
        high: End of the whisker.
    """

    name: str
    ink: str
    value: float
    text: str
    low: float = float("nan")
    high: float = float("nan")


def rows_chart(bars: Sequence[Bar], axis: Axis, about: str) -> Markup:
    """Return the bars from top to bottom; they begin at the start of the axis.

    Args:
        bars: From the top down.
        axis: Where lengths lie; values beyond it are drawn at its end.
        about: One sentence for those who cannot see it.
    """
    pieces = [_bar(bar, axis, ROW * index) for index, bar in enumerate(bars)]
    picture = tag("svg", *pieces, role="img", aria_label=about, width="100%", height=ROW * len(bars))
    return tag("div", picture, class_="plot rows")


def _bar(bar: Bar, axis: Axis, top: float) -> Markup:
    middle, box = top + ROW / 2, {"y": top + 4, "height": ROW - 8, "rx": 2}
    pieces = [
        tag("text", bar.name, class_="name", x=-8, y=middle + 4, text_anchor="end"),
        tag("rect", class_="track", width="100%", **box),
        tag("rect", class_=f"area ink-of-{bar.ink}", width=_place(axis, bar.value), **box),
        tag("text", bar.text, class_="tick strong", x="100%", dx=8, y=middle + 4),
    ]
    if bar.low < bar.high:
        ends = {"x1": _place(axis, bar.low), "x2": _place(axis, bar.high), "y1": middle, "y2": middle}
        pieces.append(tag("line", class_="whisker", **ends))
    return Markup("").join(pieces)


def _place(axis: Axis, value: float) -> str:
    return f"{plain_number(100 * min(max(axis.share(value), 0.0), 1.0))}%"
