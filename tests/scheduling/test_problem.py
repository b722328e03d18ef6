"""Problems: what a schedule is worth, what it breaks, and what is refused."""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem, Schedule, channel_loads


def test_the_sum_rate_is_shannons_formula_device_by_device(small_instance):
    instance = small_instance()
    channel, power_w = np.array([0, 0, 1, 2, 2, -1]), np.array([0.1, 0.2, 0.001, 0.25, 0.1, 0.0])
    expected = 0.0
    for i in range(5):
        others = [j for j in range(5) if j != i and channel[j] == channel[i]]
        noise = 1 + sum(power_w[j] * instance.gain[j, channel[i]] for j in others)
        expected += 180e3 * np.log2(1 + power_w[i] * instance.gain[i, channel[i]] / noise)
    assert Problem(instance).value(Schedule(channel, power_w)) == pytest.approx(expected)


def test_weights_multiply_rates(small_instance):
    instance, schedule = small_instance(), Schedule(np.arange(6) % 3, np.full(6, 0.1))
    only_third = Problem(instance, "weighted_sum_rate", weights=np.array([0.0, 0, 2, 0, 0, 0]))
    doubled = Problem(instance, "weighted_sum_rate", weights=np.full(6, 2.0))
    assert 0 < only_third.value(schedule) < doubled.value(schedule)
    assert doubled.value(schedule) == pytest.approx(2 * Problem(instance).value(schedule))


def test_the_round_time_is_the_longest_queue(small_instance):
    instance, bits = small_instance(), np.arange(1.0, 7.0) * 1000
    problem = Problem(instance, "round_time", payload_bits=bits)
    schedule = Schedule(np.array([0, 0, 1, 1, 2, 2]), np.full(6, 0.25))
    queues = [0.0, 0.0, 0.0]
    for i, c in enumerate(schedule.channel):
        queues[c] += bits[i] / (180e3 * np.log2(1 + 0.25 * instance.gain[i, c]))
    assert channel_loads(problem, schedule) == pytest.approx(queues)
    assert problem.value(schedule) == pytest.approx(max(queues))


def test_a_device_that_never_sends_makes_the_round_endless(small_instance):
    problem = Problem(small_instance(), "round_time", payload_bits=np.ones(6))
    assert problem.value(Schedule(np.array([0, 0, 1, 1, 2, -1]), np.full(6, 0.25))) == np.inf


@pytest.mark.parametrize(
    ("variant", "channel", "power_w", "found"),
    [
        ("all_active", [0, 1, -1], [0.1, 0.1, 0.0], "1 of 3 devices have no sub-channel"),
        ("optional_channel", [0, 1, -1], [0.1, 0.1, 0.0], None),
        ("optional_power", [0, 1, -1], [0.1, 0.1, 0.0], "1 of 3 devices have no sub-channel"),
        ("all_active", [0, 1, 1], [0.1, 0.1, 0.0], "1 of 3 devices are outside [0.001, 0.251] W"),
        ("optional_power", [0, 1, 1], [0.1, 0.1, 0.0], None),
        ("optional_channel", [0, 1, 1], [0.1, 0.1, 0.0], "1 of 3 devices are outside [0.001, 0.251] W"),
        ("capacity", [0, 1, 1], [0.1, 0.1, 0.1], None),
        ("capacity", [1, 1, 1], [0.1, 0.1, 0.1], "1 sub-channels have more than 2 devices"),
        ("optional_channel", [0, 1, -1], [0.1, 0.1, 0.1], "1 of 3 devices are silent with a power above 0"),
        ("all_active", [0, 1, 2], [0.1, 0.1, 0.3], "1 of 3 devices are outside [0.001, 0.251] W"),
        ("all_active", [0, 1, 3], [0.1, 0.1, 0.1], "1 of 3 devices have a sub-channel above 2"),
    ],
)
def test_each_variant_forbids_what_it_says(small_instance, variant, channel, power_w, found):
    limit = 2 if variant == "capacity" else None
    problem = Problem(small_instance(num_devices=3, variant=variant, max_per_channel=limit))
    assert problem.check(Schedule(np.array(channel), np.array(power_w))) == ([found] if found else [])


def test_one_device_at_a_time_needs_no_limit_on_sharing(small_instance):
    instance = small_instance(num_devices=3, variant="capacity", max_per_channel=1)
    queue = Schedule(np.zeros(3, int), np.full(3, 0.1))
    assert Problem(instance).check(queue)
    assert not Problem(instance, "round_time", payload_bits=np.ones(3)).check(queue)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"objective": "throughput"}, "objective is 'throughput'; give one of sum_rate"),
        ({"objective": "round_time"}, "round_time needs payload_bits"),
        ({"objective": "weighted_sum_rate"}, "weighted_sum_rate needs weights"),
        ({"weights": np.ones(5)}, "weights has 5 numbers for 6 devices"),
        ({"weights": -np.ones(6)}, "weights has numbers that are negative or not finite"),
        ({"weights": np.zeros(6)}, "weights are all 0"),
        ({"payload_bits": np.full(6, np.nan)}, "payload_bits has numbers that are negative or not finite"),
        ({"payload_bits": np.zeros(6)}, "payload_bits has zeros"),
    ],
)
def test_a_problem_that_cannot_be_is_refused_in_a_sentence(small_instance, arguments, sentence):
    with pytest.raises(ConfigError, match=sentence):
        Problem(small_instance(), **arguments)


def test_gains_that_are_no_numbers_are_refused(small_instance):
    instance = small_instance()
    broken = instance.gain.copy()
    broken[2, 1] = np.nan
    with pytest.raises(ConfigError, match="1 of 18 gains are negative or not a number"):
        type(instance)(broken, np.ones(6), 1e-3, 0.251, 180e3, "all_active", 6, 0.0)
