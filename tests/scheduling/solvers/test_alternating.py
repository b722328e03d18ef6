"""Alternation: a turn at fixed powers is the true problem, and QAOA, exact blocks and SCA alternate alike."""

from itertools import product

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solvers import alternating
from qfl.scheduling.solvers.registry import solve
from qfl.scheduling.starts import random_options
from qfl.wireless.uplink import UplinkScenario, draw

NAMES = ("qaoa_alternating", "exact_alternating", "sca_alternating", "sca_alternating_1opt")


def problem(num_devices=30, num_channels=4, variant="all_active", seed=1):
    return Problem(draw(UplinkScenario(num_devices=num_devices, num_channels=num_channels, variant=variant), seed))


@pytest.mark.parametrize("variant", ["all_active", "optional_channel", "optional_power"])
def test_at_fixed_powers_every_choice_of_sub_channels_is_worth_what_it_is_worth(variant):
    given = problem(5, 2, variant)
    schedule = random_options(given, 7)
    fixed, unit, unit_w = alternating.at_powers(given, schedule)
    assert fixed.value(unit) == pytest.approx(given.value(schedule), rel=1e-12)
    for channels in product(range(2), repeat=5):
        there = np.where(schedule.channel < 0, -1, np.array(channels))
        mine, theirs = Schedule(there, unit.power_w), Schedule(there, unit.power_w * unit_w)
        assert fixed.value(mine) == pytest.approx(given.value(theirs), rel=1e-12)
    assert len(fixed.options) == 2 * len(fixed.options.levels) + (variant == "optional_channel")


def test_a_turn_leaves_no_device_that_another_sub_channel_at_its_power_would_serve_better_alone():
    """Exact blocks of one device, repeated, end where no single device gains."""
    given = problem(6, 3)
    found = alternating.with_exact(given, seed=3, num_iterations=40, block_size=1).schedule
    fixed, unit, _ = alternating.at_powers(given, found)
    for device, channel in product(range(6), range(3)):
        moved = unit.replaced(np.array([device]), np.array([channel]), np.ones(1))
        assert fixed.value(moved) <= fixed.value(unit) * (1 + 1e-9)


def test_more_turns_are_no_worse_and_the_start_is_kept():
    given = problem()
    for name in NAMES:
        few, many = (solve(given, name, seed=2, num_iterations=count) for count in (2, 8))
        assert few.iterations >= 2 and few.value <= many.value + 1e-6
        begun = solve(given, name, seed=5, num_iterations=1, start=many.schedule)
        assert begun.value >= many.value * (1 - 1e-9) and begun.start == "given"


def test_the_polish_is_no_worse_and_exact_blocks_reach_brute_force_on_a_small_cell():
    given = problem(5, 2)
    best = solve(given, "brute_force", seed=1).value
    values = {name: solve(given, name, seed=1, num_iterations=20).value for name in NAMES}
    assert values["sca_alternating"] <= values["sca_alternating_1opt"] <= best * (1 + 1e-9)
    assert max(solve(given, "exact_alternating", seed=s, num_iterations=20).value for s in range(4)) >= 0.999 * best


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_do_is_refused(name):
    with pytest.raises(ConfigError, match="give 1 or more alternations"):
        solve(problem(4, 2), name, seed=1, num_iterations=0)
