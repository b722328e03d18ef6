"""Fading over rounds: correlation against Bessel's function, marginals, and independence of the order asked."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import j0
from scipy.stats import kstest

from qfl.config.setting import settings_of
from qfl.errors import ConfigError
from qfl.wireless.fading import GaussMarkov, Trajectory, doppler_hz, jakes
from qfl.wireless.motion import Motion
from qfl.wireless.path_loss import coupling_loss_db
from qfl.wireless.rician import white
from qfl.wireless.uplink import UplinkScenario, draw

MOTIONS, FADINGS = (settings_of(Motion)[name].choices for name in ("motion", "fading"))
SMALL = UplinkScenario(num_devices=5, num_channels=3, shadowing_db=6.0, correlated=True)
WALK = Motion("waypoint", fading="gauss_markov", min_speed_mps=1.0, max_speed_mps=1.0, interval_s=2e-3)


def correlation(first, later):
    return float(np.mean(first * later.conj()).real)


@pytest.mark.parametrize("cycles", [0.05, 0.2, 0.383, 0.6, 1.0, 4.0])
def test_jakes_fading_is_correlated_as_bessels_function(cycles):
    """E[g(0) g(t)*] = J_0(2 pi f_D t), over 4000 devices x 10 sub-channels."""
    still, moved = (jakes(np.random.default_rng(1), np.full(4000, n), 10) for n in (0.0, cycles))
    assert correlation(still, moved) == pytest.approx(j0(2 * np.pi * cycles), abs=4 / np.sqrt(40_000))


def test_jakes_fading_is_circular_gaussian_of_power_one():
    g = jakes(np.random.default_rng(2), np.full(1500, 3.7), 2)
    assert kstest(np.abs(g).ravel() ** 2, "expon").pvalue > 0.01
    assert kstest(np.angle(g).ravel() / (2 * np.pi) + 0.5, "uniform").pvalue > 0.01


def test_gauss_markov_is_stationary_and_forgets_by_powers():
    rho = 0.8

    def fresh(t):
        return white(np.random.default_rng((3, t)), (20_000,))

    states = [GaussMarkov(np.array(rho), fresh).at(t) for t in range(5)]
    for n, state in enumerate(states):
        assert correlation(states[0], state) == pytest.approx(rho**n, abs=4 / np.sqrt(20_000))
        assert np.mean(np.abs(state) ** 2) == pytest.approx(1.0, abs=4 / np.sqrt(20_000))


def test_walkers_keep_the_right_part_of_their_fading():
    """Rayleigh, one round of 2 ms at 1 m/s: powers of exponential variables correlate as J_0 squared."""
    cell = UplinkScenario(num_devices=3000, num_channels=10, rician_k_db=-np.inf, min_distance_m=1700.0)
    trajectory = Trajectory(cell, 1, replace(WALK, interval_s=20e-3))
    first, later = trajectory.at(0).gain.ravel(), trajectory.at(1).gain.ravel()
    scale = np.repeat(trajectory.at(0).distance_m, 10) ** 3.76  # take the path loss out
    expected = float(j0(2 * np.pi * doppler_hz(cell, np.array([1.0]))[0] * 20e-3)) ** 2
    assert np.corrcoef(first * scale, later * scale)[0, 1] == pytest.approx(expected, abs=0.04)


@pytest.mark.parametrize("fading", FADINGS)
@pytest.mark.parametrize("model", MOTIONS)
def test_a_round_is_the_same_in_whatever_order_and_process_it_is_asked(model, fading):
    motion = Motion(model, fading=fading, interval_s=1e-3)
    in_order = Trajectory(SMALL, 1, motion)
    rounds = [in_order.at(t).gain for t in range(6)]
    assert np.array_equal(Trajectory(SMALL, 1, motion).at(5).gain, rounds[5])
    assert np.array_equal(in_order.at(2).gain, rounds[2])
    assert not np.any(Trajectory(SMALL, 2, motion).at(5).gain == rounds[5])


@pytest.mark.parametrize("fading", ["independent", "gauss_markov"])
def test_round_zero_is_the_static_draw(fading):
    for model in MOTIONS:
        assert np.array_equal(Trajectory(SMALL, 3, Motion(model, fading=fading)).at(0).gain, draw(SMALL, 3).gain)


def test_block_fading_of_still_devices_changes_nothing_but_the_fading():
    trajectory = Trajectory(SMALL, 1)
    first, later = trajectory.at(0), trajectory.at(9)
    assert np.array_equal(first.distance_m, later.distance_m)
    assert not np.any(first.gain == later.gain)


def test_still_devices_with_memory_keep_their_channel():
    trajectory = Trajectory(SMALL, 1, Motion(fading="gauss_markov"))
    assert trajectory.at(7).gain == pytest.approx(trajectory.at(0).gain)


def test_shadowing_is_remembered_over_the_way_walked():
    """Steady rays only (K = 60 dB): the loss less the model is the shadowing; its correlation exp(-10 m / 37 m)."""
    cell = UplinkScenario(num_devices=4000, num_channels=1, rician_k_db=60.0, shadowing_db=6.0, min_distance_m=900.0)
    motion = Motion("velocity", min_speed_mps=1.0, max_speed_mps=1.0, interval_s=10.0)
    trajectory, zeros = Trajectory(cell, 1, motion), np.zeros(4000)

    def shadow(t):
        instance = trajectory.at(t)
        return 10 * np.log10(instance.gain[:, 0]) + coupling_loss_db(cell, instance.distance_m, zeros, zeros)

    assert np.std(shadow(0)) == pytest.approx(6.0, rel=0.06)
    assert np.corrcoef(shadow(0), shadow(1))[0, 1] == pytest.approx(np.exp(-10 / 37), abs=0.04)


def test_a_negative_round_is_refused():
    with pytest.raises(ConfigError, match="round is -1; give a round of 0 or more"):
        Trajectory(SMALL, 1).at(-1)
