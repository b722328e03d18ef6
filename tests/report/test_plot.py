"""The parts of a figure, read back from the SVG: every mark lies where its value belongs."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.report.axis import Axis
from qfl.report.plot import End, Frame, band, bars, curve, draw, end_labels, hovers

FRAME = Frame(Axis(0, 10, (0, 5, 10)), Axis(0, 2, (0, 1, 2)), height=200)


def parse(markup) -> ElementTree.Element:
    return ElementTree.fromstring(f"<g>{markup}</g>")


def values(path: str) -> np.ndarray:
    """Return the values of a path's points, by undoing the stretch to 1000 by 200."""
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), dtype=float)
    return points * [0.01, -0.01] + [0, 2]


def test_a_line_passes_through_its_values_and_ends_in_a_dot():
    found = parse(curve(FRAME, [0, 4, 10], [0.5, 2.0, 1.0], "test"))
    assert values(found.find(".//path").get("d")) == pytest.approx(np.array([(0, 0.5), (4, 2.0), (10, 1.0)]))
    dot = found.find("circle")
    assert (dot.get("cx"), dot.get("cy")) == ("100%", "100")


def test_a_line_skips_what_is_unknown():
    found = parse(curve(FRAME, [0, 4, 10], [0.5, math.nan, math.nan], "test"))
    assert values(found.find(".//path").get("d")) == pytest.approx(np.array([(0, 0.5)]))
    assert found.find("circle").get("cx") == "0%"


@pytest.mark.parametrize("part", [curve(FRAME, [1], [math.nan], "a"), band(FRAME, [1], [math.nan], [1], "a", 1)])
def test_nothing_known_draws_nothing(part):
    assert part == ""


def test_a_band_runs_along_its_upper_edge_and_back_along_its_lower():
    path = parse(band(FRAME, [0, 10], [0.5, 0.7], [1.5, 1.9], "drift", 0.2)).find(".//path").get("d")
    assert values(path) == pytest.approx(np.array([(0, 1.5), (10, 1.9), (10, 0.7), (0, 0.5)]))


def test_bars_stand_on_their_lower_end_and_reach_their_upper():
    path = parse(bars(FRAME, [2, 5], [0, 1], [0.5, 2], "model")).find(".//path").get("d")
    corners = re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", path)
    assert np.array(corners, dtype=float) == pytest.approx(np.array([[160, 150, 80, 50], [460, 0, 80, 100]]))


def test_many_bars_touch_each_other():
    frame = Frame(Axis(0.5, 100.5, ()), Axis(0, 1, ()))
    path = parse(bars(frame, range(1, 101), [0] * 100, [1] * 100, "model")).find(".//path").get("d")
    starts = np.array(re.findall(r"M([\d.]+) ", path), dtype=float)
    assert np.diff(starts) == pytest.approx(np.full(99, 10)) and set(re.findall(r"h([\d.]+)", path)) == {"10"}


@given(st.lists(st.floats(0, 2), min_size=1, max_size=8))
def test_end_labels_never_overlap_and_stay_in_order(ends):
    markup = end_labels(FRAME, [End(f"n{index}", "", value, "test") for index, value in enumerate(ends)])
    texts = parse(markup).findall("text")
    places = [float(text.get("y")) for text in texts]
    # coordinates are written with two decimals
    assert all(after - before >= 15.98 for before, after in pairwise(places))
    order = [ends[int(text.text[1:] if text.text else text[0].tail[2:])] for text in texts]
    assert order == sorted(ends, reverse=True)


def test_an_end_label_that_meets_no_other_stands_at_its_value():
    text = parse(end_labels(FRAME, [End("test", "1.5", 1.5, "test")])).find("text")
    assert float(text.get("y")) == FRAME.down(1.5) + 4


def test_ticks_are_written_at_their_values():
    found = parse(draw(FRAME, about="a", y_text=lambda tick: f"y{tick:g}", x_text=lambda tick: f"x{tick:g}"))
    places = {text.text: (text.get("x"), text.get("y")) for text in found.iter("text")}
    assert places["x5"] == ("50%", "218") and places["y1"] == ("-8", "104") and "round" in places


def test_there_are_no_more_columns_to_point_at_than_a_page_can_bear():
    assert hovers(FRAME, range(401), ["t"] * 401) == ""
    assert len(parse(hovers(FRAME, range(400), ["t"] * 400)).findall("rect")) == 400


def test_texts_in_a_figure_are_escaped():
    hostile = "</text><script>alert(1)</script>"
    markup = draw(
        FRAME, end_labels(FRAME, [End(hostile, hostile, 1, hostile)]), about=hostile, y_text=lambda _: hostile
    )
    assert "<script" not in markup
    assert parse(markup).find(".//svg").get("aria-label") == hostile
