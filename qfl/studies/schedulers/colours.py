"""Colours of the families of methods, on light paper and on dark."""

from qfl.report.style import colour_rules

LIGHT = {
    "own": "#b3261e",
    "qaoa": "#6d3fb0",
    "exact": "#1f66b0",
    "sampling": "#2a7f83",
    "matching": "#1d2530",
    "response": "#8a6d1d",
    "annealing": "#c2491d",
    "greedy": "#4d7d2c",
    "sca": "#c9568f",
    "last": "#7d2c55",
    "power": "#d08a1f",
    "random": "#8b95a1",
    "bound": "#5c6775",
}
DARK = LIGHT | {
    "own": "#ff8a80",
    "qaoa": "#b79be0",
    "exact": "#6fb0f0",
    "sampling": "#5cb8bc",
    "matching": "#e6e9ec",
    "response": "#d9b655",
    "annealing": "#f0906f",
    "greedy": "#9bcb78",
    "sca": "#e88bbb",
    "last": "#c77a9f",
    "power": "#e6ab57",
    "random": "#8b95a1",
    "bound": "#a0abb8",
}
"""After Okabe and Ito, 2008, toned down; every line and bar is named beside it as well."""


def colour_styles() -> str:
    """Return the CSS of these colours, and of what only this page has."""
    return colour_rules(LIGHT, DARK, "of-") + RULES


RULES = """
.whisker { stroke: var(--text); stroke-opacity: 0.55; stroke-width: 1.2 }
.rows { padding: 4px 88px 4px 150px }
.rows .name { fill: var(--text); font-size: 12.5px }
.end { font-size: 12px }
td.method { min-width: 19em }
.panel th { white-space: normal }
@media (max-width: 640px) {
  .rows { padding: 4px 66px 4px 132px }
  .rows .name { font-size: 10.5px }
  .end { font-size: 10px }
}
"""
