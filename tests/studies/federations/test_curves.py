"""Curves over rounds and seconds: where they begin and end, and what a round without a clock counts as."""

import numpy as np
import pytest

from qfl.report.record import Record
from qfl.studies.federations.curves import POINTS, curve_of, metric_of_runs


def record(values, clocks=None, header=None):
    rows = [{"round": number, "accuracy": value} for number, value in enumerate(values)]
    for row, clock in zip(rows, clocks or [], strict=False):
        row["radio"] = {"clock_s": clock}
    return Record(header or {}, rows, [])


def test_rounds_are_counted_one_by_one_from_the_first_trained():
    curve = curve_of("A", [record([0.1, 0.2, 0.4])], "accuracy", "rounds")
    assert curve.x.tolist() == [1, 2] and curve.mean.tolist() == [0.2, 0.4] and not curve.banded


def test_seconds_are_spaced_evenly_in_their_logarithm():
    curve = curve_of("A", [record([0.1, 0.2, 0.4], [0.0, 1.0, 100.0])], "accuracy", "seconds")
    assert len(curve.x) == POINTS and np.allclose(np.diff(np.log(curve.x)), np.log(100) / (POINTS - 1))
    assert curve.mean[0] == 0.2 == curve.mean[-2] and curve.mean[-1] == 0.4


def test_a_round_whose_end_the_clock_did_not_see_ended_when_the_one_before_did():
    curve = curve_of("A", [record([0.1, 0.2, 0.9, 0.4], [0.0, 1.0, None, 4.0])], "accuracy", "seconds")
    assert (curve.mean[0], curve.mean[-1]) == (0.9, 0.4) and curve.x[[0, -1]] == pytest.approx([1, 4])


def test_a_run_without_a_value_is_left_out_and_without_any_there_is_no_curve():
    nothing = record([None, None, None])
    both = curve_of("A", [nothing, record([0.1, 0.2, 0.4])], "accuracy", "rounds")
    assert both.mean.tolist() == [0.2, 0.4]
    assert curve_of("A", [nothing], "accuracy", "rounds") is None
    assert curve_of("A", [record([0.1, 0.2])], "accuracy", "seconds") is None
    assert curve_of("A", [], "accuracy", "rounds") is None


def test_the_metric_is_that_of_the_task():
    d2d = record([0.1], header={"settings": {"task": "d2d"}})
    assert metric_of_runs({"A": [], "B": [d2d]}).name == "sum_rate"
    assert metric_of_runs({}).name == "accuracy"
