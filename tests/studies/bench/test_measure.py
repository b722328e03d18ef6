"""Seconds are taken by turns, with the clock that is given, and summed up as by hand."""

import pytest

from qfl.studies.bench.measure import ratio, summary, take_turns


def test_everybody_warms_up_once_and_then_all_take_turns():
    order = []
    take_turns({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, repeats=2)
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_seconds_are_those_of_the_clock_while_the_contestant_runs():
    now = [0.0]

    def work(seconds):
        now[0] += seconds

    seconds = take_turns({"slow": lambda: work(3.0), "fast": lambda: work(0.5)}, 3, lambda: now[0])
    assert seconds == {"slow": [3.0] * 3, "fast": [0.5] * 3}
    assert ratio(seconds["slow"], seconds["fast"]) == 6


def test_a_slow_turn_does_not_move_the_median():
    assert summary([1.0, 1.0, 90.0]) == {"median_s": 1.0, "min_s": 1.0, "max_s": 90.0}
    assert ratio([2.0, 2.0, 90.0], [1.0, 1.0, 50.0]) == pytest.approx(2)
