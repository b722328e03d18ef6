"""Best responses against trying every change of every device.

Also covers qfl/scheduling/solvers/swap.py.
"""

import numpy as np
import pytest

from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solution import Recorder
from qfl.scheduling.solvers import best_response
from qfl.scheduling.solvers.swap import improve_by_swaps, swap, swap_gains
from qfl.scheduling.starts import random_options
from qfl.seeds import stream


@pytest.mark.parametrize(
    ("variant", "limit"), [("all_active", None), ("optional_channel", None), ("optional_power", None), ("capacity", 3)]
)
def test_at_the_end_no_change_of_one_device_improves(small_instance, variant, limit):
    problem = Problem(small_instance(5, num_devices=8, variant=variant, max_per_channel=limit))
    solution = best_response.solve(problem, seed=1)
    choice, schedule = problem.options, solution.schedule
    for device in range(8):
        for option in range(len(choice)):
            channel, power_w = schedule.channel.copy(), schedule.power_w.copy()
            channel[device], power_w[device] = choice.channel[option], choice.power_w[option]
            tried = Schedule(channel, power_w)
            assert problem.check(tried) or problem.value(tried) <= solution.value * (1 + 1e-6)
    assert solution.status.name == "CONVERGED"


def test_powers_between_the_levels_end_at_a_level(small_instance):
    problem = Problem(small_instance(6))
    start = Schedule(np.arange(6) % 3, np.full(6, 0.1))
    solution = best_response.solve(problem, seed=1, start=start)
    assert solution.trace[0][2] == problem.value(start) < solution.value
    assert set(solution.schedule.power_w) <= {1e-3, 0.251}


def test_looking_ahead_does_not_change_what_devices_choose(small_instance, monkeypatch):
    """Devices asked together, or strictly one by one: the same sequence of moves."""
    problem = Problem(small_instance(7, num_devices=40, num_channels=4))
    together = best_response.solve(problem, seed=2)
    monkeypatch.setattr(best_response, "PLACES_AT_ONCE", 1)
    one_by_one = best_response.solve(problem, seed=2)
    assert np.array_equal(together.schedule.channel, one_by_one.schedule.channel)
    assert together.evaluations == one_by_one.evaluations


def test_a_swap_gains_what_the_objective_gains(small_instance):
    instance = small_instance(8, num_devices=9, variant="capacity", max_per_channel=3)
    problem = Problem(instance, "weighted_sum_rate", weights=np.linspace(0.5, 2, 9))
    schedule = random_options(problem, 3)
    for device in range(9):
        partners, gains = swap_gains(problem, schedule, device)
        assert len(partners) == 6
        for partner, gain in zip(partners, gains, strict=True):
            change = problem.value(swap(schedule, device, int(partner))) - problem.value(schedule)
            assert 180e3 * gain == pytest.approx(change, rel=1e-6, abs=1e-3)


def test_swaps_improve_full_sub_channels_where_single_moves_cannot(small_instance):
    """Every sub-channel is full, so best responses change powers only."""
    problem = Problem(small_instance(9, num_devices=9, variant="capacity", max_per_channel=3))
    start = random_options(problem, 1)
    record = Recorder(problem, "x", "given")
    powers_only, _ = best_response.improve(problem, start, record, stream(1, "x"))
    assert np.array_equal(powers_only.channel, start.channel)
    swapped, status = improve_by_swaps(problem, powers_only, record)
    assert problem.value(swapped) > problem.value(powers_only) and not problem.check(swapped)
    assert status.name == "CONVERGED"
