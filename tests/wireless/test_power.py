"""Powers: monotone, inside their range, and against an exhaustive search over the ends of the ranges."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from qfl.errors import ConfigError
from qfl.wireless.power import power_range, sca_power, wmmse_power
from qfl.wireless.rates import rates
from qfl.wireless.uplink import UplinkScenario, draw

METHODS = {"wmmse": wmmse_power, "sca": sca_power}
methods = pytest.mark.parametrize("solve", METHODS.values(), ids=METHODS)


def small(seed, devices=6, channels=2, **changes):
    instance = draw(UplinkScenario(num_devices=devices, num_channels=channels, **changes), seed)
    return instance, np.random.default_rng(seed).integers(0, channels, devices)


def best_of_the_ends(instance, channel):
    ends = product([instance.min_power_w, instance.max_power_w], repeat=len(channel))
    return max(rates(instance, channel, np.array(p)).sum() for p in ends)


@given(st.integers(0, 10**6), st.floats(-40, 20))
@settings(max_examples=40)
def test_no_power_inside_the_range_beats_the_ends(seed, min_dbm):
    """Lemma 1: over any box of powers the sum rate of a channel is largest at a corner (search and random points)."""
    instance, channel = small(seed, devices=4, channels=1, min_power_dbm=min_dbm)
    low, high = instance.min_power_w, instance.max_power_w
    generator = np.random.default_rng(seed)
    points = generator.uniform(low, high, (60, 4))
    climbed = [
        minimize(lambda p: -rates(instance, channel, p).sum() / 1e6, x, bounds=[(low, high)] * 4, method="L-BFGS-B").x
        for x in points[:2]
    ]
    inside = max(rates(instance, channel, np.clip(p, low, high)).sum() for p in [*points, *climbed])
    assert inside <= best_of_the_ends(instance, channel) * (1 + 1e-9)


@methods
@given(seed=st.integers(0, 10**6), weighted=st.booleans())
@settings(max_examples=40)
def test_the_rate_never_falls_and_ends_no_lower_than_at_highest_power(solve, seed, weighted):
    instance, channel = small(seed, devices=12, channels=3)
    channel[:2] = -1
    weights = np.random.default_rng(seed + 1).uniform(0, 2, 12) if weighted else np.ones(12)
    solution = solve(instance, channel, weights=weights)
    assert np.all(np.diff(solution.trace) >= 0)
    low, high = power_range(instance, channel)
    assert np.all((low <= solution.power_w) & (solution.power_w <= high))
    assert solution.trace[0] == pytest.approx((weights * rates(instance, channel, high)).sum(), rel=1e-6)
    assert solution.trace[-1] == pytest.approx((weights * rates(instance, channel, solution.power_w)).sum(), rel=1e-6)


@methods
@pytest.mark.parametrize("exponent", [-1000, -600, -100, 30, 100, 900, 1022])
def test_powers_depend_on_the_ratios_of_weights_alone(solve, exponent):
    """Powers of two scale without rounding, so the powers are the same to the last bit."""
    instance, channel = small(4, devices=7, channels=3)
    weights = np.random.default_rng(4).uniform(0, 2, 7)
    channel[0], channel[1:] = 2, channel[1:] % 2  # one is alone on its sub-channel
    scaled = solve(instance, channel, weights=weights * 2.0**exponent)
    assert scaled.power_w.tolist() == solve(instance, channel, weights=weights).power_w.tolist()


@methods
def test_powers_come_close_to_the_best_corner(solve):
    """At least 85 % of the exhaustive optimum on average, and never more than it."""
    part = []
    for seed in range(12):
        instance, channel = small(seed)
        part.append(solve(instance, channel, iterations=100).trace[-1] / best_of_the_ends(instance, channel))
    assert np.mean(part) >= 0.85
    assert max(part) <= 1 + 1e-9


@pytest.mark.parametrize(("solve", "mean", "deviation"), [(wmmse_power, 40.84, 4.06), (sca_power, 40.28, 4.17)])
def test_the_default_cell_gives_the_rate_an_independent_implementation_found(solve, mean, deviation):
    """On random channels, over 12 seeds of its own; two such means differ by three standard errors at most."""
    value = []
    for seed in range(12):
        instance, channel = small(seed, devices=200, channels=20)
        value.append(rates(instance, channel, solve(instance, channel).power_w).sum() / 1e6)
    assert np.mean(value) == pytest.approx(mean, abs=3 * deviation * np.sqrt(2 / 12))


@methods
def test_a_device_alone_sends_at_highest_power(solve):
    instance, _ = small(1, devices=3, channels=3)
    assert solve(instance, np.arange(3)).power_w == pytest.approx(np.full(3, instance.max_power_w))


def test_from_below_convex_approximation_jumps_to_highest_power_and_wmmse_creeps():
    """Alone at a high ratio q, a WMMSE iteration gives (1 + q)^2 / q, about q + 2; one step of the other gives all."""
    instance, _ = small(1, devices=1, channels=1)
    channel, low, gain = np.zeros(1, dtype=int), np.array([instance.min_power_w]), instance.gain[0, 0]
    assert sca_power(instance, channel, start=low, iterations=1).power_w == pytest.approx([instance.max_power_w])
    crept = wmmse_power(instance, channel, start=low, iterations=1).power_w * gain
    assert crept == pytest.approx((1 + low * gain) ** 2 / (low * gain))


def test_successive_convex_approximation_fills_up_exactly():
    """One step against a numerical maximum of the same concave program."""
    instance, channel = small(5, devices=4, channels=1)
    gain, weights = instance.gain[:, 0], np.array([1.0, 0.5, 2.0, 1.5])
    q0 = gain * instance.max_power_w
    total = 1 + q0.sum()
    slope = np.array([sum(weights[i] / (total - q0[i]) for i in range(4) if i != k) for k in range(4)])

    def surrogate(q):
        return weights.sum() * np.log(1 + q.sum()) - slope @ q

    solution = sca_power(instance, channel, weights=weights, iterations=1)
    bounds = [(g * instance.min_power_w, g * instance.max_power_w) for g in gain]
    starts = [np.array([b[k] for b, k in zip(bounds, ends, strict=True)]) for ends in product((0, 1), repeat=4)]
    scale = q0.max()
    found = max(
        -minimize(lambda x: -surrogate(x * scale), q / scale, bounds=[(a / scale, b / scale) for a, b in bounds]).fun
        for q in starts
    )
    assert surrogate(solution.power_w * gain) >= found - 1e-6 * abs(found)


def test_in_v3_an_assigned_device_may_fall_silent():
    instance, channel = small(2, variant="optional_power")
    assert power_range(instance, channel)[0].tolist() == [0.0] * 6
    assert sca_power(instance, channel, iterations=50).power_w.min() == 0
    assert power_range(replace(instance, variant="all_active"), channel)[0].tolist() == [1e-3] * 6


@methods
def test_a_start_outside_the_range_is_refused(solve):
    instance, channel = small(1)
    with pytest.raises(ConfigError, match="6 of 6 starting powers are outside their range"):
        solve(instance, channel, start=np.full(6, 1.0))
    with pytest.raises(ConfigError, match="1 of 6 starting powers"):
        solve(instance, channel, start=np.array([np.nan, *[0.1] * 5]))
