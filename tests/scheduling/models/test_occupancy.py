"""Aggregates per sub-channel against the objective itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.scheduling.models.occupancy import insertion_gains, occupy, without
from qfl.scheduling.problem import Problem, Schedule
from qfl.wireless.uplink import UplinkInstance


def random_case(seed, num_devices=7, num_channels=3, se_cap=0.0):
    rng = np.random.default_rng(seed)
    gain = 10 ** rng.uniform(0, 7, (num_devices, num_channels))
    instance = UplinkInstance(gain, np.ones(num_devices), 1e-3, 0.25, 1.0, "optional_channel", num_devices, se_cap)
    problem = Problem(instance, "weighted_sum_rate", weights=rng.uniform(0, 2, num_devices))
    channel = rng.integers(-1, num_channels, num_devices)
    return problem, Schedule(channel, np.where(channel < 0, 0.0, rng.uniform(1e-3, 0.25, num_devices))), rng


def silenced(schedule, devices):
    channel, power_w = schedule.channel.copy(), schedule.power_w.copy()
    channel[devices], power_w[devices] = -1, 0.0
    return Schedule(channel, power_w)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 2.0]))
@settings(max_examples=15)
def test_the_aggregates_give_the_objective_before_and_after_devices_leave(seed, se_cap):
    problem, schedule, rng = random_case(seed, se_cap=se_cap)
    present = occupy(problem, schedule)
    assert present.rate() == pytest.approx(problem.value(schedule), rel=1e-7)
    cases = rng.permuted(np.tile(np.arange(7), (2, 1)), axis=1)[:, :3]
    rest = without(present, cases)
    for case, devices in enumerate(cases):
        expected = problem.value(silenced(schedule, devices))
        assert rest.rates_at(rest.total)[case].sum() == pytest.approx(expected, rel=1e-7, abs=1e-9)
        alone = silenced(schedule, devices).channel
        assert rest.count[case].tolist() == np.bincount(alone[alone >= 0], minlength=3).tolist()


@given(st.integers(0, 10_000), st.sampled_from([0.0, 2.0]))
@settings(max_examples=15)
def test_an_insertion_gains_what_the_objective_gains(seed, se_cap):
    problem, schedule, rng = random_case(seed, se_cap=se_cap)
    device, levels = int(rng.integers(7)), np.array([1e-3, 0.25])
    rest = silenced(schedule, [device])
    received = levels[:, None] * problem.instance.gain[[device]][:, None]
    gains = insertion_gains(
        without(occupy(problem, schedule), np.array([[device]])), received, problem.weights[[device]]
    )
    for level in range(2):
        for c in range(3):
            channel, power_w = rest.channel.copy(), rest.power_w.copy()
            channel[device], power_w[device] = c, levels[level]
            change = problem.value(Schedule(channel, power_w)) - problem.value(rest)
            assert gains[0, level, c] == pytest.approx(change, rel=1e-6, abs=1e-7)
