"""The figure over an axis of numbers: its points are the means over the seeds, its bars their 95 % intervals."""

from xml.etree import ElementTree

import numpy as np
import pytest
from scipy import stats

from qfl.report.record import Record
from qfl.studies.federations.axis_figures import numeric_axes, over_axis, points_of
from qfl.studies.federations.sweep import grid_of

ENDS = {10: [0.2, 0.3, 0.4], 40: [0.5, 0.9, 0.7]}


def records(settings, ends):
    found = {}
    for layers, values in ends.items():
        for name in ("fedavg", "median"):
            runs = [Record({}, [{"round": 1, "accuracy": value}], []) for value in values]
            found[f"model.layers={layers} + strategy.name={name}"] = runs
    return found


@pytest.fixture
def settings():
    return grid_of({}, {"model.layers": [40, 10], "strategy.name": ["fedavg", "median"]}, 3)


def test_points_are_means_with_students_interval(settings):
    assert numeric_axes(settings) == ["model.layers"]
    lines = points_of(settings, records(settings, ENDS), "model.layers")
    assert list(lines) == ["strategy.name=fedavg", "strategy.name=median"]
    for (x, middle, low, high), (layers, values) in zip(lines["strategy.name=median"], ENDS.items(), strict=True):
        assert x == layers and middle == pytest.approx(np.mean(values))
        expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        assert (low, high) == pytest.approx((expected.low, expected.high))


def test_every_point_has_a_dot_and_a_bar_and_one_seed_has_no_bar(settings):
    for ends, bars in ((ENDS, 4), ({key: values[:1] for key, values in ENDS.items()}, 0)):
        figure = over_axis(settings, records(settings, ends), "model.layers")
        tree = ElementTree.fromstring(str(figure.picture))
        dots = [each for each in tree.iter("circle") if "dot" in each.get("class")]
        lines = [each for each in tree.iter("line") if "ink" in each.get("class")]
        assert (len(dots), len(lines)) == (4, bars)
        assert figure.title == "Test accuracy over model.layers"
        texts = ["".join(each.itertext()) for each in tree.iter("text")]
        assert {"10", "40", "model.layers"} <= set(texts)


def test_without_a_run_there_is_no_figure(settings):
    assert over_axis(settings, {}, "model.layers") is None
