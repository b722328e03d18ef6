"""Bounds against exhaustive search, written out schedule by schedule.

Also covers qfl/scheduling/solvers/brute_force.py, qfl/scheduling/solvers/matching.py, qfl/scheduling/options.py.
"""

from itertools import product

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.bounds import bound, matching_bound, round_time_bound
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solvers import brute_force, matching


def best_by_enumeration(problem):
    """The best value over all M^N schedules, by `Problem.value` alone."""
    choice = problem.options
    schedules = (Schedule(*choice.at(np.array(p))) for p in product(range(len(choice)), repeat=problem.num_devices))
    values = [problem.value(s) for s in schedules if not problem.check(s)]
    return max(values) if problem.maximise else min(values)


CASES = [("all_active", None), ("optional_channel", None), ("optional_power", None), ("capacity", 2)]


@pytest.mark.parametrize(("variant", "limit"), CASES)
@pytest.mark.parametrize("decades", [1, 5])
def test_no_schedule_beats_the_matching_bound_and_brute_force_finds_the_best(small_instance, variant, limit, decades):
    for seed in range(3):
        arguments = {"num_devices": 4, "num_channels": 2, "variant": variant, "max_per_channel": limit}
        problem = Problem(small_instance(seed, decades=decades, **arguments))
        best = best_by_enumeration(problem)
        solution = brute_force.solve(problem, seed=0)
        assert solution.value == pytest.approx(best)
        assert not problem.check(solution.schedule)
        assert matching_bound(problem).value >= best * (1 - 1e-12)


@pytest.mark.parametrize("se_cap", [0.5, 3.0])
def test_a_cap_keeps_the_bound_a_bound(small_instance, se_cap):
    problem = Problem(small_instance(1, num_devices=4, num_channels=2, se_cap=se_cap))
    best = best_by_enumeration(problem)
    certificate = matching_bound(problem)
    assert certificate.value >= best and not certificate.tight
    assert brute_force.solve(problem, seed=0).value == pytest.approx(best)


def test_weights_and_round_time_are_searched_exhaustively_too(small_instance):
    instance = small_instance(2, num_devices=4, num_channels=2)
    weighted = Problem(instance, "weighted_sum_rate", weights=np.array([0.1, 3.0, 1.0, 0.5]))
    timed = Problem(instance, "round_time", payload_bits=np.array([1e3, 5e3, 2e3, 2e3]))
    for problem in (weighted, timed):
        assert brute_force.solve(problem, seed=0).value == pytest.approx(best_by_enumeration(problem))
    assert round_time_bound(timed).value <= best_by_enumeration(timed)


@pytest.mark.parametrize("variant", ["optional_channel", "optional_power"])
def test_matching_is_optimal_where_its_bound_is_tight_and_not_claimed_elsewhere(small_instance, variant):
    claims = []
    for seed in range(12):
        problem = Problem(small_instance(seed, num_devices=5, variant=variant, decades=4))
        certificate = matching_bound(problem)
        claims.append(certificate.tight)
        solution = matching.solve(problem, seed=0)
        if certificate.tight:
            best = brute_force.solve(problem, seed=0).value
            assert solution.value == pytest.approx(best) == pytest.approx(certificate.value)
            assert problem.value(certificate.schedule) == pytest.approx(certificate.value)
        assert (solution.status.name == "OPTIMAL") == certificate.tight
    assert True in claims and False in claims


def test_random_powers_never_beat_the_corners(small_instance):
    """Lemma 1: over random boxes no interior point is better than the best corner, weights or not."""
    rng = np.random.default_rng(5)
    for seed in range(10):
        instance = small_instance(seed, num_devices=4, num_channels=1, decades=3)
        problem = Problem(instance, "weighted_sum_rate", weights=rng.uniform(0.1, 3, 4))
        best = best_by_enumeration(problem)
        inside = rng.uniform(instance.min_power_w, instance.max_power_w, (200, 4))
        assert max(problem.value(Schedule(np.zeros(4, int), powers)) for powers in inside) <= best


def test_the_round_time_bound_is_reached_by_equal_uploads(small_instance):
    instance = small_instance(num_devices=4, num_channels=2)
    same = type(instance)(np.ones((4, 2)), np.ones(4), 0.0, 1.0, 1.0, "all_active", 4, 0.0)
    problem = Problem(same, "round_time", payload_bits=np.ones(4))
    assert bound(problem).value == pytest.approx(best_by_enumeration(problem))
    assert "TDMA" in bound(problem).holds_for


def test_no_bound_is_claimed_for_weights(small_instance):
    problem = Problem(small_instance(), "weighted_sum_rate", weights=np.ones(6))
    with pytest.raises(ConfigError, match="proved for sum_rate and the objective is weighted_sum_rate"):
        bound(problem)


def test_brute_force_refuses_what_it_cannot_search(small_instance):
    with pytest.raises(ConfigError, match="at most 12 devices and 13 were given"):
        brute_force.solve(Problem(small_instance(num_devices=13)), seed=0)
