"""The style sheet of the report: one for screens, light and dark, wide and narrow, and for paper."""

from collections.abc import Mapping
from typing import Any

from qfl.report.palette import DARK, HEAT_LEVELS, LIGHT


def style_sheet() -> str:
    """Return the CSS."""
    heat = "".join(f".heat-{level}{{fill:{_mixed(level)}}}" for level in range(HEAT_LEVELS + 1))
    return f"{colour_rules(LIGHT, DARK)}{heat}{RULES}"


def colour_rules(light: Mapping[Any, str], dark: Mapping[Any, str], prefix: str = "") -> str:
    """Return the CSS of named colours, in which the class ``ink-NAME`` draws.

    Args:
        light: Colours by name, on light paper.
        dark: The same names on dark screens.
        prefix: In front of every name, so that the colours of a page do not meet those of all pages.

    Example:
        >>> colour_rules({"a": "#000"}, {"a": "#fff"})
        ':root{--a:#000}@media screen and (prefers-color-scheme:dark){:root{--a:#fff}}.ink-a{--ink:var(--a)}'
    """
    on_paper, on_screen = (
        ";".join(f"--{prefix}{name}:{colour}" for name, colour in colours.items()) for colours in (light, dark)
    )
    classes = "".join(f".ink-{prefix}{name}{{--ink:var(--{prefix}{name})}}" for name in light)
    return f":root{{{on_paper}}}@media screen and (prefers-color-scheme:dark){{:root{{{on_screen}}}}}{classes}"


def _mixed(level: int) -> str:
    """Return the colour of a level of the heat map; solid, so that neighbours may overlap without a seam."""
    return f"color-mix(in srgb, var(--test) {4 + 96 * level // HEAT_LEVELS}%, var(--card))"


RULES = """
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body {
  margin: 0; background: var(--paper); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI",
  Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif; font-variant-numeric: tabular-nums;
}
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 56px }
h1 { font-size: 30px; line-height: 1.25; letter-spacing: -0.015em; font-weight: 650; margin: 10px 0 0; max-width: 26em;
  text-wrap: balance }
h2 { font-size: 20px; letter-spacing: -0.01em; font-weight: 650; margin: 52px 0 14px }
h3 { font-size: 15px; font-weight: 650; margin: 0 }
h3 + .scroll, .about + pre, .about + .scroll, h3 + .facts { margin-top: 12px }
p { margin: 0 }
.soft, figcaption p, .about { color: var(--soft); font-size: 13.5px; line-height: 1.45 }
.run { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: center; color: var(--soft); font-size: 13.5px;
  overflow-wrap: anywhere }
.state { border-radius: 99px; padding: 1px 10px; font-weight: 600; font-size: 12.5px; border: 1px solid currentColor }
.state.completed { color: var(--good) }
.state.failed { color: var(--bad) }
.trouble { margin-top: 14px; padding: 10px 14px; border-left: 3px solid var(--bad); background: var(--card);
  overflow-wrap: anywhere }
.tiles { display: flex; flex-wrap: wrap; margin: 26px 0 0; gap: 18px 40px; padding: 0 }
.tile dt { color: var(--soft); font-size: 13px }
.tile dd { margin: 0 }
.tile .value { font-size: 25px; font-weight: 600; letter-spacing: -0.015em; line-height: 1.3; white-space: nowrap }
.tile .remark { color: var(--soft); font-size: 12.5px; min-height: 1.5em }
.tile:first-child .value { color: var(--test) }
.cards { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)) }
.cards.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)) }
.card { margin: 0; min-width: 0; background: var(--card); border: 1px solid var(--rule); border-radius: 12px;
  padding: 18px 20px 18px; break-inside: avoid }
.cards > .card:last-child:nth-child(odd) { grid-column: 1 / -1 }
.cards.small > .card:nth-child(n) { grid-column: auto }
.card + .wide, .cards + .wide, .wide + .cards, .cards + details.card { margin-top: 18px }
.cards > figure { display: grid; grid-row: span 3; grid-template-rows: subgrid; row-gap: 0;
  align-content: start }
figcaption { margin-bottom: 14px }
.wide figcaption p { max-width: 100ch }
figcaption p { margin-top: 2px; max-width: 62ch }
.plot { padding: 6px var(--right) 40px 52px }
.plot.bare { padding: 0 }
.plot.classes { padding: 4px 48px 40px 24px }
svg { display: block; overflow: visible }
.tick { fill: var(--soft); font-size: 12px }
.tick.strong { fill: var(--text) }
.end { fill: var(--ink); font-size: 13px }
.end .value { font-weight: 650 }
.grid { stroke: var(--grid) }
.base { stroke: var(--soft); stroke-opacity: 0.6 }
.line { fill: none; stroke: var(--ink); stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round;
  vector-effect: non-scaling-stroke }
.area, .dot { fill: var(--ink) }
.cell, .bars { shape-rendering: crispEdges }
.part { stroke: var(--card); stroke-width: 1.5 }
.track { fill: var(--track) }
.inside { font-size: 13px; font-weight: 600; fill: #22180a }
.inside.ink-model { fill: #fff }
.hover { fill: transparent }
.hover:hover { fill: var(--text); fill-opacity: 0.07 }
.legend { display: flex; flex-wrap: wrap; align-content: start; gap: 2px 18px; margin: 12px 0 0; padding: 0;
  list-style: none; font-size: 13px }
.legend li { display: flex; align-items: baseline; gap: 7px }
.legend i { width: 10px; height: 10px; border-radius: 3px; background: var(--ink) }
.legend span { color: var(--soft) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 13.5px }
th { text-align: left; color: var(--soft); font-weight: 500; font-size: 12.5px; padding: 0 18px 6px 0;
  vertical-align: bottom }
td { border-top: 1px solid var(--rule); padding: 7px 18px 7px 0; vertical-align: top }
th:last-child, td:last-child { padding-right: 0 }
.num { text-align: right }
.ours td { font-weight: 600 }
td.strong { font-weight: 650 }
.said { margin: 0; padding-left: 18px }
.said li + li { margin-top: 6px }
.key, .num { white-space: nowrap }
.sentence { min-width: 16em; overflow-wrap: anywhere }
.names { min-width: 9em }
.word { min-width: 8.5em; max-width: 18em; overflow-wrap: anywhere }
code, pre, .hex { font: 12.5px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace }
pre { margin: 0; overflow: auto; max-height: 560px; padding: 14px 16px; border-radius: 8px; background: var(--paper);
  border: 1px solid var(--rule); line-height: 1.45 }
.drawing { font-size: 12.5px; line-height: 1.22 }
img.drawing { max-width: none; background: #fff }
details { margin-top: 14px }
summary { cursor: pointer; color: var(--soft); font-size: 13.5px }
details[open] summary { margin-bottom: 12px }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 18px; margin: 0; font-size: 13.5px }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; overflow-wrap: anywhere }
.empty { padding: 40px 20px; text-align: center; color: var(--soft) }
footer { margin-top: 44px; color: var(--soft); font-size: 12.5px }
@media (max-width: 1000px), print {
  .slim .name { display: none }
}
@media (max-width: 640px) {
  main { padding: 24px 14px 40px }
  h1 { font-size: 23px }
  h2 { margin-top: 38px }
  .card { padding: 15px 14px }
  .tiles { display: grid; grid-template-columns: 1fr 1fr; gap: 16px 14px }
  .tile .value { font-size: 21px }
  .plot:not(.bare, .classes) { padding: 4px calc(var(--right) * 0.6) 40px 46px }
  table { font-size: 13px }
  th, td { padding-right: 12px }
  .end .value, .inside .name { display: none }
}
@media print {
  body { background: none; font-size: 12px }
  main { max-width: none; padding: 0 }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  h2 { break-after: avoid; margin-top: 28px }
  pre { max-height: none; white-space: pre-wrap }
  .drawing { white-space: pre }
}
"""
