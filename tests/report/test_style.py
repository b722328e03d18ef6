"""The style sheet: it defines whatever a page draws in.

Also covers qfl/report/template.py, whose classes it styles.
"""

import re

from qfl.report.page import render
from qfl.report.palette import DARK, LIGHT
from qfl.report.record import read_record
from qfl.report.style import colour_rules, style_sheet


def test_braces_are_closed_and_every_variable_is_defined():
    sheet = style_sheet()
    assert sheet.count("{") == sheet.count("}")
    defined, used = set(re.findall(r"(--[\w-]+):", sheet)), set(re.findall(r"var\((--[\w-]+)\)", sheet))
    assert used - defined == {"--right"}  # a figure says how much it keeps free at its right


def test_a_page_draws_in_colours_that_are_defined(make_run):
    html = render(read_record(make_run()), "x")
    drawn = set(re.findall(r"\bink-([\w-]+)", html.partition("</style>")[2]))
    assert drawn and drawn <= LIGHT.keys()
    heat = {int(level) for level in re.findall(r"\bheat-(\d+)", html.partition("</style>")[2])}
    assert all(f".heat-{level}{{" in html for level in heat) and len(heat) > 5


def test_rules_are_those_of_the_colours_given():
    rules = colour_rules({"a": "#000000", 1: "#ffffff"}, {"a": "#111111", 1: "#eeeeee"}, "x-")
    assert rules.startswith(":root{--x-a:#000000;--x-1:#ffffff}")
    assert "(prefers-color-scheme:dark){:root{--x-a:#111111;--x-1:#eeeeee}}" in rules
    assert rules.endswith(".ink-x-a{--ink:var(--x-a)}.ink-x-1{--ink:var(--x-1)}")


def test_dark_colours_are_for_screens_alone():
    sheet = style_sheet()
    dark = sheet[sheet.index("prefers-color-scheme:dark") :]
    assert all(f"--{name}:{colour}" in dark for name, colour in DARK.items())
    assert not re.search(r"@media (?!screen)[^{]*prefers-color-scheme", sheet)
