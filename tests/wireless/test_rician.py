"""Rician amplitudes against their moments."""

import numpy as np
import pytest
from scipy.stats import kstest, rice

from qfl.wireless.rician import channel_correlation, colour, rician, white
from qfl.wireless.scenario import UplinkScenario


def powers(k_db, devices=400, channels=100, seed=0):
    generator = np.random.default_rng(seed)
    phase = generator.uniform(0, 2 * np.pi, devices)
    return np.abs(rician(k_db, phase, white(generator, (devices, channels)))) ** 2


@pytest.mark.parametrize("k_db", [-np.inf, 0.0, 9.0, 15.0])
def test_the_power_has_mean_one_and_the_variance_of_rice(k_db):
    """Closed form: mean 1, variance (2K + 1)/(K + 1)^2; forty thousand draws, four standard errors."""
    power, k = powers(k_db), 10 ** (k_db / 10)
    variance = (2 * k + 1) / (k + 1) ** 2
    assert power.mean() == pytest.approx(1.0, abs=4 * np.sqrt(variance / power.size))
    assert power.var() == pytest.approx(variance, rel=0.06)


def test_the_amplitude_is_rice_distributed():
    k = 10**0.9
    amplitude = np.sqrt(powers(9.0, devices=60, channels=50)).ravel()
    assert kstest(amplitude, rice(np.sqrt(2 * k), scale=np.sqrt(0.5 / (k + 1))).cdf).pvalue > 0.01


def test_the_steady_ray_is_common_to_the_sub_channels_of_a_device_and_no_two_devices_share_it():
    h = rician(60.0, np.array([0.3, 1.7]), white(np.random.default_rng(1), (2, 5)))
    assert np.angle(h) == pytest.approx(np.array([[0.3] * 5, [1.7] * 5]), abs=0.01)


def test_sub_channels_are_correlated_as_the_delay_profile_says():
    """Compared with the integral of the exponential profile over a phase ramp, done numerically."""
    scenario = UplinkScenario(num_channels=4, correlated=True, delay_spread_s=500e-9)
    delay = np.linspace(0, 20e-6, 200_001)
    profile = np.exp(-delay / 500e-9) / 500e-9
    expected = [np.trapezoid(profile * np.exp(-2j * np.pi * 180e3 * n * delay), delay) for n in range(4)]
    assert channel_correlation(scenario)[:, 0] == pytest.approx(expected, abs=1e-4)
    g = colour(scenario, white(np.random.default_rng(2), (40_000, 4)))
    assert np.abs(g.T @ g.conj() / 40_000 - channel_correlation(scenario)).max() < 0.02


def test_without_delay_spread_all_sub_channels_fade_alike_and_uncorrelated_ones_are_left_alone():
    flat = UplinkScenario(num_channels=3, correlated=True, delay_spread_s=0.0)
    independent = white(np.random.default_rng(3), (10, 3))
    g = colour(flat, independent)
    assert np.abs(g - g[:, :1]).max() < 1e-3
    assert colour(UplinkScenario(num_channels=3), independent) is independent
