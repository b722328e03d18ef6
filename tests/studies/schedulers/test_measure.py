"""One row: settled and thinned as by hand, failures kept apart, and TDMA no faster than its bound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.errors import ConfigError
from qfl.studies.schedulers import measure as measuring
from qfl.studies.schedulers.measure import KEPT, Job, measure, measure_round_time, settled, thinned
from qfl.studies.schedulers.panel import PANEL
from qfl.wireless.scenario import UplinkScenario

CELL = UplinkScenario(num_devices=6, num_channels=2)
GREEDY = next(entry for entry in PANEL if entry.name == "greedy")
VALUES = st.lists(st.floats(0, 1e9), min_size=1, max_size=400)


@given(VALUES)
def test_from_where_a_trace_has_settled_it_never_leaves_one_percent_again(values):
    trace = [(10 * index, 0.1 * index, value) for index, value in enumerate(values)]
    first, evaluations, seconds = settled(trace)
    inside = [abs(value - values[-1]) <= 0.01 * abs(values[-1]) for value in values]
    assert all(inside[first:]) and (first == 0 or not inside[first - 1])
    assert (evaluations, seconds) == (10 * first, 0.1 * first)


@given(VALUES)
def test_a_thinned_trace_keeps_both_ends_and_the_points_themselves(values):
    trace = [(10 * index, 0.1 * index, value) for index, value in enumerate(values)]
    kept = thinned(trace)
    assert len(kept) <= KEPT and kept[0][0] == 0 and kept[-1][0] == len(values) - 1
    assert all(tuple(rest) == trace[index] for index, *rest in kept)
    assert [index for index, *_ in kept] == sorted({index for index, *_ in kept})


def test_a_method_that_fails_leaves_a_row_that_says_why(monkeypatch):
    def broken(name):
        def solve(problem, **options):
            raise FloatingPointError("no step")

        return solve

    monkeypatch.setattr(measuring, "solver", broken)
    row = measure(Job("main", CELL, 1920.0, 1, GREEDY))
    assert row["value"] is None and row["status"] == "failed" and row["error"] == "FloatingPointError: no step"
    assert row["bound"] > 0  # what does not depend on the method is there


def test_a_users_mistake_is_no_failure_of_the_method(monkeypatch):
    def refuse(name):
        raise ConfigError("give another solver")

    monkeypatch.setattr(measuring, "solver", refuse)
    with pytest.raises(ConfigError, match="give another solver"):
        measure(Job("main", CELL, 1920.0, 1, GREEDY))


def test_one_device_after_the_other_is_no_faster_than_its_bound_and_twice_the_bits_take_twice_as_long():
    once, twice = (measure_round_time(CELL, (1, 2, 3), bits) for bits in (1920.0, 3840.0))
    assert len(once["tdma_lpt_s"]) == len(once["bound_s"]) == 3
    assert all(0 < bound <= time * (1 + 1e-12) for bound, time in zip(once["bound_s"], once["tdma_lpt_s"], strict=True))
    assert np.allclose(twice["tdma_lpt_s"], np.multiply(2, once["tdma_lpt_s"]))
