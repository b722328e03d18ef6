"""The virtual clock: uploads against the rates of fixed schedules, small cases by hand, and what is conserved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.airtime.uploads import accumulate, all_at_once, one_after_another
from qfl.scheduling.problem import Problem, Schedule, channel_loads, upload_times
from qfl.wireless.rates import rates
from qfl.wireless.uplink import UplinkInstance

NOW = np.zeros(6)


def cell(gain, bandwidth_hz=1.0):
    gain = np.asarray(gain, dtype=float)
    return UplinkInstance(gain, np.ones(len(gain)), 0.0, 1.0, bandwidth_hz, "all_active", len(gain), 0.0)


def test_one_after_another_ends_when_the_longest_queue_does(small_instance):
    problem = Problem(small_instance(), "round_time", payload_bits=np.arange(1.0, 7.0) * 1000)
    schedule = Schedule(np.array([0, 0, 1, 1, 1, 2]), np.full(6, 0.25))
    found = one_after_another(problem, schedule, NOW)
    assert found.end_s.max() == pytest.approx(channel_loads(problem, schedule).max())
    alone = upload_times(problem, schedule.power_w)[np.arange(6), schedule.channel]
    assert found.airtime_s == pytest.approx(alone) and found.sent_bits == pytest.approx(problem.payload_bits)
    assert found.energy_j == pytest.approx(0.25 * alone)


def test_a_queue_lets_the_short_ones_first_and_waits_for_who_is_not_ready():
    problem = Problem(cell(np.ones((4, 1))), "round_time", payload_bits=np.array([5.0, 1.0, 2.0, 1.0]))
    schedule = Schedule(np.zeros(4, int), np.ones(4))
    ready = np.array([0.0, 2.0, 2.0, 20.0])
    assert one_after_another(problem, schedule, ready).end_s == pytest.approx([5, 6, 8, 21])


def test_who_misses_the_end_has_sent_a_part_and_spent_its_energy():
    problem = Problem(cell(np.ones((3, 1))), "round_time", payload_bits=np.array([1.0, 2.0, 4.0]))
    found = one_after_another(problem, Schedule(np.zeros(3, int), np.ones(3)), np.zeros(3), until_s=2.0)
    assert found.end_s.tolist() == [1.0, np.inf, np.inf]
    assert found.sent_bits.tolist() == [1.0, 1.0, 0.0] and found.energy_j.tolist() == [1.0, 1.0, 0.0]


def test_silent_or_unheard_devices_never_send():
    problem = Problem(cell([[1.0], [0.0], [1.0]]), "round_time", payload_bits=np.ones(3))
    found = one_after_another(problem, Schedule(np.array([0, 0, -1]), np.array([1.0, 1.0, 0.0])), np.zeros(3))
    assert found.end_s.tolist() == [1.0, np.inf, np.inf] and found.energy_j.tolist() == [1.0, 0.0, 0.0]
    together = all_at_once(cell([[1.0], [0.0], [1.0]]), Schedule(np.array([0, 0, -1]), np.ones(3)), np.ones(3), NOW[:3])
    assert together.end_s[0] == pytest.approx(1.0) and np.isinf(together.end_s[1:]).all()


def test_at_once_a_rate_rises_when_another_device_is_done():
    """By hand: gains 3 and 1, 2 bit each: log2(1 + 3/2) until the first is done, then log2(1 + 1) = 1 bit/s."""
    found = all_at_once(cell([[3.0], [1.0]]), Schedule(np.zeros(2, int), np.ones(2)), np.full(2, 2.0), np.zeros(2))
    first = 2 / np.log2(2.5)
    assert found.end_s == pytest.approx([first, first + 2 - first * np.log2(1.25)])


def test_at_once_a_late_start_disturbs_from_then_on():
    """Alone at 1 bit/s for one second, then log2(1 + 1/2) beside the other."""
    found = all_at_once(
        cell([[1.0], [1.0]]), Schedule(np.zeros(2, int), np.ones(2)), np.full(2, 2.0), np.array([0, 1.0])
    )
    both = np.log2(1.5)
    assert found.end_s[0] == pytest.approx(1 + 1 / both)
    assert found.end_s[1] == pytest.approx(1 + 1 / both + (2 - 1))


def test_devices_on_their_own_sub_channels_take_bits_over_rate(small_instance):
    instance = small_instance(num_devices=3)
    schedule, bits = Schedule(np.arange(3), np.full(3, 0.1)), np.array([1e3, 5e3, 2e4])
    found = all_at_once(instance, schedule, bits, np.zeros(3))
    assert found.end_s == pytest.approx(bits / rates(instance, schedule.channel, schedule.power_w))


@settings(max_examples=12)
@given(seed=st.integers(0, 10_000), cut=st.floats(0.01, 0.99))
def test_cutting_the_time_in_two_changes_nothing(seed, cut):
    """What is sent up to a moment and after it is what is sent in all, whenever the moment is."""
    rng = np.random.default_rng(seed)
    instance = cell(10 ** rng.uniform(0, 4, (6, 3)), 1e3)
    schedule = Schedule(rng.integers(3, size=6), rng.uniform(0.1, 1.0, 6))
    bits, ready = rng.uniform(1e3, 1e4, 6), rng.uniform(0, 0.5, 6)
    whole = all_at_once(instance, schedule, bits, ready)
    middle = cut * whole.end_s.max()
    one = all_at_once(instance, schedule, bits, ready, 0.0, middle)
    left = np.where(np.isinf(one.end_s), bits - one.sent_bits, 0.0)
    both = accumulate(one, all_at_once(instance, schedule, left, ready, middle))
    assert both.end_s == pytest.approx(whole.end_s, rel=1e-6)
    assert both.sent_bits == pytest.approx(bits, rel=1e-6) and both.energy_j == pytest.approx(whole.energy_j, rel=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_at_once_agrees_with_small_steps_of_time(seed):
    """Against Euler's steps of a hundredth of a second, which know no events."""
    rng = np.random.default_rng(seed)
    instance = cell(10 ** rng.uniform(0, 2, (4, 2)))
    schedule = Schedule(rng.integers(2, size=4), rng.uniform(0.1, 1.0, 4))
    bits, ready = rng.uniform(1, 5, 4), rng.uniform(0, 2, 4)
    left, step = bits.copy(), 0.01
    for tick in range(300):
        on = (left > 0) & (ready <= tick * step)
        left -= step * rates(instance, np.where(on, schedule.channel, -1), schedule.power_w) * on
    found = all_at_once(instance, schedule, bits, ready, 0.0, 300 * step)
    assert found.sent_bits == pytest.approx(bits - np.maximum(left, 0), abs=0.35)
