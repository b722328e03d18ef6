"""The parts of a figure: a frame with its grid, and what is drawn into it.

A figure has no fixed width. Across, everything is placed in percent of the plot area; down, in pixels. Text and strokes
keep their size on every screen, and only paths, which know no percent, are stretched to the width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import ArrayLike, NDArray

from qfl.report.axis import Axis
from qfl.report.svg import plain_number, tag

WIDTH = 1000  # of the stretched coordinates of paths
LINE_HEIGHT = 16  # of end labels, in pixels
MOST_HOVERS, FEW_BARS = 400, 60


@dataclass(frozen=True)
class Frame:
    """The plot area.

    Args:
        x: Axis across.
        y: Axis upwards.
        height: In pixels.
    """

    x: Axis
    y: Axis
    height: int = 210

    def across(self, value: float) -> str:
        """Return a horizontal place in percent."""
        return f"{plain_number(100 * self.x.share(value))}%"

    def down(self, value: float) -> float:
        """Return a vertical place in pixels from the top."""
        return self.height * (1 - self.y.share(value))

    def points(self, xs: ArrayLike, ys: ArrayLike) -> list[str]:
        """Return places in the stretched coordinates of paths."""
        pairs = zip(np.asarray(xs, dtype=np.float64), np.asarray(ys, dtype=np.float64), strict=True)
        return [f"{plain_number(WIDTH * self.x.share(x))} {plain_number(self.down(y))}" for x, y in pairs]


@dataclass(frozen=True)
class End:
    """What is written at the right end of a line: its name and last value, at its height."""

    name: str
    text: str
    value: float
    ink: str


def draw(
    frame: Frame,
    *layers: Markup,
    about: str,
    y_text: Callable[[float], str],
    x_text: Callable[[float], str] = plain_number,
    x_name: str = "round",
    right: int = 16,
) -> Markup:
    """Return a whole figure.

    Args:
        frame: The plot area.
        layers: What is drawn over the grid, in order.
        about: One sentence for those who cannot see it.
        y_text: How the vertical axis writes its ticks.
        x_text: How the horizontal axis writes its ticks.
        x_name: What the horizontal axis counts.
        right: Pixels kept free for end labels.
    """
    picture = tag(
        "svg",
        _grid(frame, y_text),
        *layers,
        _ticks_below(frame, x_text, x_name),
        role="img",
        aria_label=about,
        width="100%",
        height=frame.height,
    )
    return tag("div", picture, class_="plot", style=f"--right:{right}px")


def curve(frame: Frame, xs: ArrayLike, ys: ArrayLike, ink: str, stroke: str = "", dotted: bool = True) -> Markup:
    """Return a line through the known values.

    Args:
        frame: The plot area.
        xs: Horizontal values, ascending, on the frame's axis.
        ys: One value each; NaN where it is not known.
        ink: Name of its colour.
        stroke: A further class of the line, such as that of its dashes.
        dotted: Whether the last value has a dot.
    """
    x, y = _known(xs, ys)
    if not x.size:
        return Markup("")
    look = f"line ink-{ink} {stroke}".rstrip()
    line = stretched(frame, tag("path", class_=look, d="M" + "L".join(frame.points(x, y))))
    dot = tag("circle", class_=f"dot ink-{ink}", cx=frame.across(x[-1]), cy=frame.down(y[-1]), r=3.5)
    return line + dot if dotted else line


def band(frame: Frame, xs: ArrayLike, low: ArrayLike, high: ArrayLike, ink: str, opacity: float) -> Markup:
    """Return the area between two lines, over the rounds where both are known.

    Args:
        frame: The plot area.
        xs: Horizontal values, ascending, on the frame's axis.
        low: Lower ends; NaN where they are not known.
        high: Upper ends.
        ink: Name of its colour.
        opacity: From 0, unseen, to 1.
    """
    x, lower, upper = _known(xs, low, high)
    if not x.size:
        return Markup("")
    path = "M" + "L".join(frame.points(x, upper) + frame.points(x[::-1], lower[::-1])) + "Z"
    return stretched(frame, tag("path", class_=f"area ink-{ink}", d=path, opacity=opacity))


def bars(frame: Frame, xs: ArrayLike, low: ArrayLike, high: ArrayLike, ink: str, unit: float = 1.0) -> Markup:
    """Return one bar per known value, with gaps between them if they are few.

    Args:
        frame: The plot area.
        xs: Middles of the bars, on the frame's axis.
        low: Lower ends; NaN where they are not known.
        high: Upper ends.
        ink: Name of their colour.
        unit: What one bar and its gap take of the horizontal axis.
    """
    x, lower, upper = _known(xs, low, high)
    width = unit * (1.0 if x.size > FEW_BARS else 0.8)
    wide = WIDTH * width / (frame.x.high - frame.x.low)
    pieces = []
    for start, bottom, top in zip(x - width / 2, lower, upper, strict=True):
        tall = frame.down(bottom) - frame.down(top)
        if tall > 0:
            corner = f"{plain_number(WIDTH * frame.x.share(start))} {plain_number(frame.down(top))}"
            pieces.append(f"M{corner}h{plain_number(wide)}v{plain_number(tall)}h{plain_number(-wide)}z")
    return stretched(frame, tag("path", class_=f"area bars ink-{ink}", d="".join(pieces))) if pieces else Markup("")


def end_labels(frame: Frame, ends: Sequence[End]) -> Markup:
    """Return names and last values to the right of the plot, moved apart where they would overlap."""
    known = sorted((end for end in ends if np.isfinite(end.value)), key=lambda end: -end.value)
    places = _apart([frame.down(end.value) for end in known], LINE_HEIGHT, frame.height)
    return Markup("").join(
        tag(
            "text",
            tag("tspan", f"{end.text} ", class_="value") if end.text else "",
            end.name,
            class_=f"end ink-{end.ink}",
            x="100%",
            dx=9,
            y=height + 4,
        )
        for end, height in zip(known, places, strict=True)
    )


def hovers(frame: Frame, xs: ArrayLike, texts: Sequence[str]) -> Markup:
    """Return unseen columns that show a text under the pointer, where there are few enough to point at.

    Args:
        frame: The plot area.
        xs: Middles of the columns, which are one unit of the horizontal axis wide.
        texts: One for each.
    """
    if len(texts) > MOST_HOVERS:
        return Markup("")
    wide = f"{plain_number(100 / (frame.x.high - frame.x.low))}%"
    return Markup("").join(
        tag("rect", tag("title", text), class_="hover", x=frame.across(x - 0.5), y=0, width=wide, height=frame.height)
        for x, text in zip(np.asarray(xs, dtype=np.float64), texts, strict=True)
    )


def stretched(frame: Frame, *paths: Markup) -> Markup:
    """Return paths, written in thousandths of the width, stretched over the plot area."""
    box = f"0 0 {WIDTH} {frame.height}"
    return tag("svg", *paths, viewBox=box, preserveAspectRatio="none", width="100%", height=frame.height)


def _grid(frame: Frame, y_text: Callable[[float], str]) -> Markup:
    lines = []
    for value in frame.y.ticks:
        y = frame.down(value)
        kind = "base" if value == max(0.0, frame.y.low) else "grid"
        lines.append(tag("line", class_=kind, x1="0", x2="100%", y1=y, y2=y))
        lines.append(tag("text", y_text(value), class_="tick", x=-8, y=y + 4, text_anchor="end"))
    return Markup("").join(lines)


def _ticks_below(frame: Frame, x_text: Callable[[float], str], x_name: str) -> Markup:
    labels = [
        tag("text", x_text(x), class_="tick", x=frame.across(x), y=frame.height + 18, text_anchor="middle")
        for x in frame.x.ticks
    ]
    name = tag("text", x_name, class_="tick", x="50%", y=frame.height + 36, text_anchor="middle")
    return Markup("").join([*labels, name])


def _known(*columns: ArrayLike) -> NDArray[np.float64]:
    rows = np.array([np.asarray(values, dtype=np.float64) for values in columns])
    return rows[:, np.isfinite(rows).all(axis=0)]


def _apart(places: Sequence[float], gap: float, height: float) -> list[float]:
    """Push ascending places down until they are a gap apart, then up again from the lower edge."""
    moved = list(places)
    for index in range(1, len(moved)):
        moved[index] = max(moved[index], moved[index - 1] + gap)
    limit = float(height)
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - gap
    return moved
