"""Realisations of the default cell against what is known of it, and instances that cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.seeds import stream
from qfl.wireless.rates import rates
from qfl.wireless.uplink import UplinkScenario, draw, noise_power_w

SEEDS = range(12)


@pytest.fixture(scope="module")
def cells():
    return [draw(UplinkScenario(), seed) for seed in SEEDS]


def test_noise_is_the_thermal_density_over_the_bandwidth_and_the_noise_figure():
    """-174 dBm/Hz + 10 log10(180e3) + 5 dB = -116.45 dBm."""
    assert 10 * np.log10(noise_power_w(UplinkScenario()) * 1000) == pytest.approx(-116.447, abs=1e-3)


def test_signals_are_as_strong_as_an_independent_implementation_found(cells):
    """At 24 dBm on its best sub-channel: best device 74 dB, median 17 dB, worst about 5 dB, over these seeds."""
    snr = np.array([10 * np.log10(cell.max_power_w * np.sort(cell.gain.max(axis=1))) for cell in cells])
    assert snr[:, -1].mean() == pytest.approx(74.0, abs=1.0)
    assert np.median(snr, axis=1).mean() == pytest.approx(17.0, abs=1.5)
    assert snr[:, 0].mean() == pytest.approx(5.0, abs=1.0)


def test_random_channels_at_highest_power_give_the_rate_an_independent_implementation_found(cells):
    """It had 16.77 Mbit/s, deviation 3.14, over 12 seeds of its own: such means differ by three errors at most."""
    value = []
    for seed, cell in zip(SEEDS, cells, strict=True):
        channel = stream(seed, "test", "channel").integers(0, 20, 200)
        value.append(rates(cell, channel, np.full(200, cell.max_power_w)).sum() / 1e6)
    assert np.mean(value) == pytest.approx(16.77, abs=3 * 3.14 * np.sqrt(2 / 12))


def test_scenarios_share_what_they_have_in_common():
    plain, rayleigh = UplinkScenario(num_devices=5, num_channels=3), UplinkScenario(5, 3, rician_k_db=-np.inf)
    assert np.array_equal(draw(plain, 1).distance_m, draw(rayleigh, 1).distance_m)
    assert not np.any(draw(plain, 1).gain == draw(rayleigh, 1).gain)


def test_gain_falls_by_the_antenna_gain_and_the_noise_figure():
    """Far from the mast, where no floor holds, decibels add up."""
    far = UplinkScenario(num_devices=20, num_channels=2, min_distance_m=500.0)
    other = replace(far, antenna_gain_dbi=15.0, noise_figure_db=3.0)
    change_db = 10 * np.log10(draw(other, 1).gain / draw(far, 1).gain)
    assert change_db == pytest.approx(np.full((20, 2), 17.0), abs=1e-9)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"gain": np.array([[1.0, np.nan], [-1.0, 2.0]])}, "2 of 4 gains are negative or not a number"),
        ({"distance_m": np.array([1.0, -2.0])}, "a distance is negative"),
        ({"min_power_w": 0.3}, "min_power_w is 0.3 and max_power_w is 0.251189"),
        ({"bandwidth_hz": 0.0}, "bandwidth_hz is 0"),
        ({"variant": "V7"}, "variant is 'V7'"),
        ({"max_per_channel": 0}, "2 sub-channels of at most 0 devices hold 0 of the 2 devices"),
    ],
)
def test_an_instance_that_cannot_be_is_refused(change, sentence):
    instance = draw(UplinkScenario(num_devices=2, num_channels=2), 1)
    with pytest.raises(ConfigError, match=sentence):
        replace(instance, **change)


def test_sub_channels_need_not_hold_devices_that_may_go_without_one():
    instance = draw(UplinkScenario(num_devices=5, num_channels=2, variant="optional_channel"), 1)
    assert replace(instance, max_per_channel=1).max_per_channel == 1


def test_a_bad_scenario_is_refused_before_drawing():
    with pytest.raises(ConfigError, match="min_distance_m is -1"):
        draw(UplinkScenario(min_distance_m=-1.0), 1)
