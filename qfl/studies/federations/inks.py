"""Colours and strokes of combinations: a colour for the choice on the last axis, a stroke for those before it."""

from collections.abc import Sequence

LIGHT = ("#6d3fb0", "#c9568f", "#2a7f83", "#d08a1f", "#1f66b0", "#4d7d2c", "#c2491d", "#5c6775")
DARK = ("#b79be0", "#e88bbb", "#5cb8bc", "#e6ab57", "#6fb0f0", "#9bcb78", "#f0906f", "#a0abb8")
STROKES = ("", "7 4", "2 3", "10 3 2 3")
"""Dashes in pixels; solid for the first choice."""


def styles_of(names: Sequence[tuple[str, ...]]) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return the number of colour and of stroke of each combination.

    Example:
        >>> styles_of([("QFL", "QAOA"), ("QFL", "SCA"), ("FL", "QAOA")])[("FL", "QAOA")]
        (0, 1)
    """
    colours = list(dict.fromkeys(own[-1] for own in names))
    strokes = list(dict.fromkeys(own[:-1] for own in names))
    return {own: (colours.index(own[-1]) % len(LIGHT), strokes.index(own[:-1]) % len(STROKES)) for own in names}


def ink_styles() -> str:
    """Return the CSS of these colours."""
    light, dark = (";".join(f"--nr-{k}:{colour}" for k, colour in enumerate(inks)) for inks in (LIGHT, DARK))
    inks = "".join(f".ink-nr-{k}{{--ink:var(--nr-{k})}}" for k in range(len(LIGHT)))
    strokes = "".join(f".stroke-{k}{{stroke-dasharray:{dash}}}" for k, dash in enumerate(STROKES) if dash)
    return (
        f":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}{inks}{strokes}"
        ".said{margin:0;padding-left:18px}.said li+li{margin-top:6px}td.strong{font-weight:650}.end{font-size:12px}"
    )
