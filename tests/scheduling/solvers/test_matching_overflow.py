"""Matching + dump + 1-opt on the radio's own instances."""

from itertools import pairwise

import numpy as np
import pytest

from qfl.scheduling.bounds import matching_bound
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import best_response, matching_overflow
from qfl.wireless.uplink import UplinkScenario, draw


def test_it_comes_within_four_percent_of_the_bound_and_ahead_of_best_responses():
    """The default cell: 200 devices, 20 sub-channels, everybody must transmit."""
    for seed in range(3):
        problem = Problem(draw(UplinkScenario(), seed))
        bound, solution = matching_bound(problem).value, matching_overflow.solve(problem, seed=seed)
        assert 0.96 * bound < solution.value <= bound
        assert solution.value > best_response.solve(problem, seed=seed).value


@pytest.mark.parametrize("variant", ["optional_channel", "optional_power"])
def test_where_silence_is_allowed_it_is_the_matching(variant):
    problem = Problem(draw(UplinkScenario(variant=variant, num_devices=60, num_channels=6), 1))
    assert matching_bound(problem).tight
    assert matching_overflow.solve(problem, seed=1).value == pytest.approx(matching_bound(problem).value)


def test_all_but_one_sub_channel_are_clean():
    problem = Problem(draw(UplinkScenario(num_devices=60, num_channels=6), 2))
    schedule = matching_overflow.match_with_overflow(problem)
    assert sorted(np.bincount(schedule.channel, minlength=6)) == [1, 1, 1, 1, 1, 55]
    assert np.sum(schedule.power_w == problem.instance.max_power_w) == 5


def test_devices_that_fit_get_a_sub_channel_each():
    problem = Problem(draw(UplinkScenario(num_devices=4, num_channels=6), 3))
    schedule = matching_overflow.match_with_overflow(problem)
    assert len(set(schedule.channel)) == 4
    assert problem.value(schedule) == pytest.approx(matching_bound(problem).value)


def test_full_sub_channels_are_filled_by_strength():
    """capacity: strong devices that nobody matched sit together, under the weakest matched device."""
    problem = Problem(draw(UplinkScenario(variant="capacity", num_devices=60, num_channels=6), 4))
    schedule = matching_overflow.match_with_overflow(problem)
    assert not problem.check(schedule)
    strength = problem.instance.gain.mean(axis=1)
    low = schedule.power_w == problem.instance.min_power_w
    groups = [strength[low & (schedule.channel == c)] for c in range(6)]
    spans = sorted((group.min(), group.max()) for group in groups)
    assert all(high <= low for (_, high), (low, _) in pairwise(spans))
