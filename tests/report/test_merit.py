"""How a figure of merit is written and which axis it has: shares in percent, R2 from -1 at the lowest."""

import numpy as np
import pytest

from qfl.report.merit import measured, merit_axis, score_text, tick_text
from qfl.specs import metric_of


@pytest.mark.parametrize(
    ("task", "score", "text"),
    [
        ("classify", 0.5, "50.0\xa0%"),
        ("cell_free", 1.5, "1.5\xa0bit/s/Hz"),
        ("regress", -3.25, "-3.25"),
        ("regress", 0.9, "0.9"),
        ("regress", None, "\N{EN DASH}"),
        ("d2d", float("nan"), "\N{EN DASH}"),
    ],
)
def test_a_figure_is_a_share_or_has_its_unit(task, score, text):
    assert measured(score, metric_of(task)) == text


def test_ticks_and_scores_of_r2_are_no_shares():
    assert tick_text(metric_of("regress"))(0.5) == "0.5" and tick_text(metric_of("classify"))(0.5) == "50\xa0%"
    assert score_text(metric_of("regress"))(-0.25) == "-0.25"


@pytest.mark.parametrize(
    ("task", "values", "low", "high"),
    [
        ("classify", [0.2], 0, 1),
        ("regress", [0.2, np.nan], 0, 1),
        ("regress", [-0.2, 0.3], -0.5, 1),
        ("regress", [-1e9, 0.9], -1, 1),
        ("regress", [], 0, 1),
        ("d2d", [3.0], 0, 3),
    ],
)
def test_an_axis_ends_where_the_figure_does(task, values, low, high):
    axis = merit_axis(values, metric_of(task))
    assert (axis.low, axis.high) == (low, high)
