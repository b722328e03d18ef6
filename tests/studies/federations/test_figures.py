"""Learning curves of a comparison: where lines end, what is written there, and which axis has them."""

from xml.etree import ElementTree

import numpy as np
import pytest

from qfl.report.record import Record
from qfl.studies.bands import Curve
from qfl.studies.federations import figures


def runs(seeds, end=0.5, task="classify"):
    name = {"classify": "accuracy", "d2d": "sum_rate"}[task]
    return [
        Record(
            {"settings": {"task": task}},
            [
                {"round": number, name: end * number / 4, f"train_{name}": 0.1, "radio": {"clock_s": 3.0 * number}}
                for number in range(5)
            ],
            [],
        )
        for _ in range(seeds)
    ]


def written(figure, name):
    found = ElementTree.fromstring(str(figure.picture)).iter("text")
    return ["".join(each.itertext()) for each in found if name in each.get("class").split()]


def test_every_combination_is_named_with_its_last_value():
    figure = figures.learning({"A + x": runs(1, 0.5), "A + y": runs(1, 0.8)}, False, "rounds")
    assert written(figure, "end") == [
        "80.0\N{NO-BREAK SPACE}% A + y",
        "50.0\N{NO-BREAK SPACE}% A + x",
    ]
    assert figure.title == "Test accuracy over rounds" and "on the test set" in figure.about


def test_a_rate_has_its_own_axis_and_unit():
    figure = figures.learning({"A": runs(1, 6.0, "d2d")}, False, "seconds")
    assert written(figure, "end") == ["6\N{NO-BREAK SPACE}bit/s/Hz A"]
    assert "5" in written(figure, "tick") and "simulated seconds since the start" in written(figure, "tick")


def test_short_axes_of_seconds_are_labelled_at_one_two_and_five():
    figure = figures.learning({"A": runs(1)}, True, "seconds")  # from 3 to 12 s
    assert {"5", "10"} <= set(written(figure, "tick")) and figure.title == "Training accuracy over simulated seconds"


def test_a_band_is_drawn_from_three_seeds_on():
    for seeds, said in ((2, "a 95 % band is drawn from 3 seeds on"), (3, "mean over the seeds and its 95 % band")):
        figure = figures.learning({"A": runs(seeds)}, False, "rounds")
        areas = [p for p in ElementTree.fromstring(str(figure.picture)).iter("path") if "area" in p.get("class")]
        assert len(areas) == (seeds == 3) and said in figure.about


def test_without_values_there_is_no_figure():
    assert figures.learning({"A": []}, False, "rounds") is None


@pytest.mark.parametrize("banded", [[True, True], [True, False]])
def test_lines_are_explained_as_they_are_drawn(banded):
    x = np.ones(1)
    said = figures.means([Curve("A", x, x, x, x, each) for each in banded])
    assert ("is drawn from" in said) == (not all(banded))
