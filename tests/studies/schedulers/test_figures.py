"""Figures of a comparison: lines and bars lie where the numbers are.

Also covers qfl/studies/schedulers/rows_chart.py.
"""

import re
from xml.etree import ElementTree

import pytest

from qfl.report.axis import Axis
from qfl.studies.schedulers import figures
from qfl.studies.schedulers.rows_chart import ROW, Bar, rows_chart
from qfl.studies.schedulers.summary import summarise

TIMES = {"tdma_lpt_s": [1.0, 3.0, 2.0], "bound_s": [0.5, 0.5, 0.5]}


def elements(picture, kind, name):
    found = ElementTree.fromstring(str(picture)).iter(kind)
    return [each for each in found if name in (each.get("class") or "").split()]


def widths(figure):
    rows = ElementTree.fromstring(str(figure.picture)).iter("rect")
    bars = [float(each.get("width").rstrip("%")) for each in rows if "area" in each.get("class").split()]
    names = [each.text for each in elements(figure.picture, "text", "name")]
    return dict(zip(names, bars, strict=True))


@pytest.fixture
def rows(make_row):
    steps = [(0, 0.0, 10e6), (10, 1.0, 50e6)]
    better = [(0, 0.0, 20e6), (100, 2.0, 80e6)]
    return [make_row("greedy", 1, steps), make_row("qaoa_bcd_3000", 1, better), make_row("best_response", 1, better)]


def test_a_bar_is_as_long_as_its_share_of_the_bound(rows):
    assert widths(figures.share_of_bound(summarise(rows))) == {"greedy": 50, "qaoa_bcd_3000": 80, "best_response": 80}


def test_methods_that_are_traced_are_drawn_on_the_way_and_the_others_at_their_end_alone(rows):
    figure = figures.value_over(rows, "evaluations")
    ends = {"".join(each.itertext()) for each in elements(figure.picture, "text", "end")}
    assert ends == {"80.0 qaoa_bcd_3000", "80.0 best_response"}
    (line,) = elements(figure.picture, "path", "ink-of-qaoa")[-1:]
    heights = [float(y) for _, y in re.findall(r"([\d.]+) ([\d.]+)", line.get("d"))]
    assert heights[0] == pytest.approx(0.8 * figures.HEIGHT, abs=0.01)  # 20 % of the bound, from the top
    assert heights[-1] == pytest.approx(0.2 * figures.HEIGHT, abs=0.01)


def test_without_a_trace_there_is_no_figure(make_row):
    assert figures.value_over([make_row("greedy", 1, [(0, 0.0, 1e6)])], "seconds") is None


def test_times_are_logarithmic_and_what_never_ends_is_as_long_as_the_longest(make_row):
    rows = [make_row("greedy", 1, [(0, 0.0, 1e6)], round_time_s=20.0)]
    rows += [make_row("random", 1, [(0, 0.0, 1e6)], round_time_s=None)]
    figure = figures.collection_time(summarise(rows), TIMES)
    long = widths(figure)
    assert long["random"] == long["greedy"] == 100 > long["tdma_lpt"] > long["its lower bound"] > 0
    texts = [each.text for each in elements(figure.picture, "text", "strong")]
    assert "never" in texts and "20\N{NO-BREAK SPACE}s" in texts and "2\N{NO-BREAK SPACE}s" in texts
    assert figures.collection_time(summarise(rows), {"tdma_lpt_s": [], "bound_s": []}) is None


def test_the_rates_of_devices_end_at_all_of_them(rows):
    figure = figures.device_rates(rows)
    for line in elements(figure.picture, "path", "line"):
        *_, last = re.findall(r"[\d.]+ ([\d.]+)", line.get("d"))
        assert float(last) == 0  # the top


def test_bars_stand_below_each_other_and_stay_inside_their_axis():
    bars = [Bar("a", "sca", 0.5, "half", 0.25, 0.75), Bar("b", "sca", 7.0, "much"), Bar("c", "sca", -1.0, "none")]
    picture = rows_chart(bars, Axis(0.0, 1.0, ()), "about")
    drawn = elements(picture, "rect", "area")
    assert [each.get("width") for each in drawn] == ["50%", "100%", "0%"]
    tops = [float(each.get("y")) for each in drawn]
    assert tops[1] - tops[0] == tops[2] - tops[1] == ROW
    (whisker,) = elements(picture, "line", "whisker")
    assert (whisker.get("x1"), whisker.get("x2")) == ("25%", "75%")
