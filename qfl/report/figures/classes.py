"""How well each class or target is learnt: a heat map over rounds, with the final figures as bars beside it."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float
from markupsafe import Markup

from qfl.report.axis import whole_axis
from qfl.report.figures.figure import Figure
from qfl.report.formatting import percent
from qfl.report.merit import score_text
from qfl.report.palette import HEAT_LEVELS
from qfl.report.record import Record, table
from qfl.report.svg import plain_number, tag

ROW = 24  # height of a class, in pixels
MOST_COLUMNS = 60
MAP, GAP = 66.0, 4.0  # share of the width that the map takes, and the gap to the bars, in percent


def per_class(record: Record) -> Figure | None:
    """Draw the figure of merit of every class, or target, over the evaluated rounds, and at the last of them."""
    values, rounds = table(record.rounds, "per_class"), record.column("round")
    evaluated = np.isfinite(values).any(axis=1)
    if not evaluated.any():
        return None
    values, rounds = values[evaluated], rounds[evaluated]
    final = values[-1]
    worst = int(np.nanargmin(final)) if np.isfinite(final).any() else 0
    kind, names = _kind(record, values.shape[1])
    text = score_text(record.metric)
    hardest = f"Hardest at the end: {kind} {names[worst]}, {text(float(final[worst]))}."
    about = f"Test {record.metric.noun} of every {kind}; the stronger the colour, the better. {hardest}"
    height = ROW * values.shape[1]
    kept = np.unique(np.linspace(0, len(rounds) - 1, MOST_COLUMNS).round().astype(int))
    picture = tag(
        "svg",
        _names(values.shape[1]),
        _map(values[kept], rounds[kept], [f"{kind} {name}" for name in names], text),
        _bars(final, text),
        _below(rounds[kept], height),
        role="img",
        aria_label=about,
        width="100%",
        height=height,
    )
    return Figure(f"{record.metric.title} by {kind}", about, tag("div", picture, class_="plot classes"))


def _names(num_classes: int) -> Markup:
    return Markup("").join(
        tag("text", str(label), class_="tick", x=-8, y=ROW * label + ROW / 2 + 4, text_anchor="end")
        for label in range(num_classes)
    )


def _kind(record: Record, count: int) -> tuple[str, list[str]]:
    """Return whether rows are classes or targets, and their names: numbers for classes."""
    targets = record.section("data").get("targets")
    if isinstance(targets, list) and len(targets) == count:
        return "target", [str(name) for name in targets]
    return "class", [str(label) for label in range(count)]


def _map(
    values: Float[np.ndarray, "round label"],
    rounds: Float[np.ndarray, " round"],
    names: Sequence[str],
    text: Callable[[float], str],
) -> Markup:
    wide = MAP / len(rounds)
    return Markup("").join(
        tag(
            "rect",
            tag("title", f"{names[label]}, round {rounds[column]:.0f}: {text(float(values[column, label]))}"),
            class_=f"cell heat-{_level(float(values[column, label]))}",
            x=f"{plain_number(column * wide)}%",
            y=ROW * int(label) + 1,
            width=f"{plain_number(wide + 0.1)}%",
            height=ROW - 2,
        )
        for column, label in np.argwhere(np.isfinite(values))
    )


def _level(value: float) -> int:
    """Return the level of an accuracy; its square, because the upper half is where classes differ."""
    return round(HEAT_LEVELS * min(max(value, 0.0), 1.0) ** 2)


def _bars(final: Float[np.ndarray, " label"], text: Callable[[float], str]) -> Markup:
    start, most = MAP + GAP, 100 - MAP - GAP
    pieces = []
    for label in np.flatnonzero(np.isfinite(final)):
        share, y = min(max(final[label], 0.0), 1.0), ROW * float(label)
        box = {"x": f"{start}%", "y": y + 5, "height": ROW - 10, "rx": 2}
        pieces.append(tag("rect", class_="track", width=f"{most}%", **box))
        pieces.append(tag("rect", class_="area ink-test", width=f"{plain_number(most * share)}%", **box))
        pieces.append(
            tag("text", _short(float(final[label]), text), class_="tick strong", x="100%", dx=8, y=y + ROW / 2 + 4)
        )
    return Markup("").join(pieces)


def _short(value: float, text: Callable[[float], str]) -> str:
    return percent(value, 0) if text is percent else text(value)


def _below(rounds: Float[np.ndarray, " round"], height: int) -> Markup:
    wide, low = MAP / len(rounds), height + 18
    ticks = whole_axis(int(rounds[0]), int(rounds[-1]), 4).ticks
    places = wide * (0.5 + np.interp(ticks, rounds, np.arange(len(rounds))))
    labels = [
        tag("text", f"{number:.0f}", class_="tick", x=f"{plain_number(x)}%", y=low, text_anchor="middle")
        for number, x in zip(ticks, places, strict=True)
    ]
    return Markup("").join(
        [
            *labels,
            tag("text", "round", class_="tick", x=f"{MAP / 2}%", y=low + 18, text_anchor="middle"),
            tag("text", "at the end", class_="tick", x=f"{MAP + GAP}%", y=low),
        ]
    )
