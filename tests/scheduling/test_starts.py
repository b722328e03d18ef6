"""Random starts take options that there are, and fill sub-channels evenly where they hold few."""

import numpy as np
import pytest

from qfl.scheduling.problem import Problem
from qfl.scheduling.starts import random_channels, random_options


@pytest.mark.parametrize(("variant", "limit"), [("all_active", None), ("optional_power", None), ("capacity", 2)])
def test_a_random_start_is_feasible_and_takes_one_of_the_powers(small_instance, variant, limit):
    problem = Problem(small_instance(variant=variant, max_per_channel=limit))
    starts = [random_options(problem, seed) for seed in range(20)]
    assert not any(problem.check(start) for start in starts)
    assert {power for start in starts for power in start.power_w.tolist()} == set(problem.options.levels.tolist())
    assert len({tuple(start.channel.tolist()) for start in starts}) > 10


def test_under_a_limit_sub_channels_are_filled_evenly(small_instance):
    problem = Problem(small_instance(num_devices=7, variant="capacity", max_per_channel=3))
    for seed in range(5):
        assert sorted(np.bincount(random_channels(problem, seed), minlength=3)) == [2, 2, 3]
