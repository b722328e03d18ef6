"""Rates against the double sum of the definition."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.wireless.rates import channel_rates, rates, sinr
from qfl.wireless.uplink import UplinkScenario, draw


def by_definition(instance, channel, power_w):
    """Bits per second, device by device and interferer by interferer."""
    out = []
    for i, c in enumerate(channel):
        if c < 0:
            out.append(0.0)
            continue
        others = [j for j in range(len(channel)) if j != i and channel[j] == c]
        noise = 1 + sum(power_w[j] * instance.gain[j, c] for j in others)
        efficiency = np.log2(1 + power_w[i] * instance.gain[i, c] / noise)
        out.append(instance.bandwidth_hz * min(efficiency, instance.se_cap or np.inf))
    return np.array(out)


@given(st.integers(0, 10**6), st.sampled_from([0.0, 7.4]))
def test_rates_are_those_of_the_definition(seed, cap):
    generator = np.random.default_rng(seed)
    instance = replace(draw(UplinkScenario(num_devices=9, num_channels=3), seed), se_cap=cap)
    channel, power_w = generator.integers(-1, 3, 9), generator.uniform(0, 0.25, 9)
    expected = by_definition(instance, channel, power_w)
    assert rates(instance, channel, power_w) == pytest.approx(expected, rel=1e-6)
    totals = [expected[channel == c].sum() for c in range(3)]
    assert channel_rates(instance, channel, power_w) == pytest.approx(totals, rel=1e-6)


def test_a_silent_device_neither_sends_nor_disturbs():
    instance = draw(UplinkScenario(num_devices=2, num_channels=2), 3)
    alone = rates(instance, np.array([1, -1]), np.array([0.2, 0.2]))
    assert alone[1] == 0
    assert alone[0] == pytest.approx(180e3 * np.log2(1 + 0.2 * instance.gain[0, 1]))


def test_a_signal_beyond_the_precision_of_the_sum_is_not_divided_by_nothing():
    """With q = 1e18 the sum 1 + q loses the noise; the ratio is q over noise all the same."""
    instance = replace(draw(UplinkScenario(num_devices=1, num_channels=1), 1), gain=np.array([[1e18]]))
    assert sinr(instance, np.array([0]), np.array([1.0])).tolist() == [1e18]
