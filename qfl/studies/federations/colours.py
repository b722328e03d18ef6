"""Colours and strokes of combinations: a colour for the choice on the last axis, a stroke for those before it."""

from collections.abc import Iterable

from qfl.report.style import colour_rules

LIGHT = ("#6d3fb0", "#c9568f", "#2a7f83", "#d08a1f", "#1f66b0", "#4d7d2c", "#c2491d", "#5c6775")
DARK = ("#b79be0", "#e88bbb", "#5cb8bc", "#e6ab57", "#6fb0f0", "#9bcb78", "#f0906f", "#a0abb8")
STROKES = ("", "7 4", "2 3", "10 3 2 3")
"""Dashes in pixels; solid for the first choice."""


def styles_of(labels: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the number of colour and of stroke of each combination.

    Example:
        >>> styles_of(["QFL + QAOA", "QFL + SCA", "FL + QAOA"])["FL + QAOA"]
        (0, 1)
    """
    choices = {label: label.rpartition(" + ") for label in labels}
    colours = list(dict.fromkeys(last for *_, last in choices.values()))
    strokes = list(dict.fromkeys(first for first, *_ in choices.values()))
    return {
        label: (colours.index(last) % len(LIGHT), strokes.index(first) % len(STROKES))
        for label, (first, _, last) in choices.items()
    }


def colour_styles() -> str:
    """Return the CSS of these colours."""
    strokes = "".join(f".stroke-{k}{{stroke-dasharray:{dash}}}" for k, dash in enumerate(STROKES) if dash)
    return colour_rules(dict(enumerate(LIGHT)), dict(enumerate(DARK)), "nr-") + strokes + ".end{font-size:12px}"
