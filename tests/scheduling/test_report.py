"""The figures of a schedule."""

import numpy as np
import pytest

from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.report import report


def test_all_at_once_waits_for_the_slowest_and_pays_for_every_second(small_instance):
    instance, bits = small_instance(decades=3), np.full(6, 1e4)
    problem = Problem(instance, payload_bits=bits)
    found = report(problem, Schedule(np.arange(6) % 3, np.full(6, 0.1)))
    assert found.sum_rate_bps == pytest.approx(found.rates.sum())
    assert found.round_time_s == pytest.approx(max(bits / found.rates))
    assert found.energy_j == pytest.approx(sum(0.1 * bits / found.rates))
    assert found.jain == pytest.approx(found.rates.sum() ** 2 / (6 * (found.rates**2).sum()))
    assert found.participants == np.sum(found.rates >= 10e3) and not found.violations


def test_a_silent_device_spends_nothing_and_makes_the_round_endless(small_instance):
    problem = Problem(small_instance(variant="optional_channel"), payload_bits=np.ones(6))
    found = report(problem, Schedule(np.array([0, 1, 2, -1, -1, -1]), np.array([0.1, 0.1, 0.1, 0, 0, 0])))
    assert found.round_time_s == np.inf and np.isfinite(found.energy_j) and found.participants == 3


def test_one_after_the_other_everybody_takes_part(small_instance):
    instance, bits = small_instance(decades=3), np.full(6, 1e4)
    problem = Problem(instance, "round_time", payload_bits=bits)
    schedule = Schedule(np.arange(6) % 3, np.full(6, 0.25))
    found = report(problem, schedule)
    assert found.participants == 6 and found.round_time_s == pytest.approx(problem.value(schedule))
    alone = [180e3 * np.log2(1 + 0.25 * instance.gain[i, i % 3]) for i in range(6)]
    assert found.rates == pytest.approx(alone)
    assert found.sum_rate_bps == pytest.approx(bits.sum() / found.round_time_s)


def test_without_payloads_times_are_not_known_and_faults_are_listed(small_instance):
    found = report(Problem(small_instance()), Schedule(np.full(6, -1), np.zeros(6)))
    assert np.isnan(found.round_time_s) and found.jain == 0 and found.participants == 0
    assert found.violations == ("6 of 6 devices have no sub-channel",)
