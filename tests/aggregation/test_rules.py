"""Properties that every aggregation rule has; a new rule is a new row of `RULES`."""

from functools import partial
from math import inf

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from qfl.aggregation.circular import circular_mean
from qfl.aggregation.delta import delta_mean
from qfl.aggregation.noise_aware import noise_aware_mean
from qfl.aggregation.su2 import su2_mean
from qfl.angles import FOUR_PI, TWO_PI, AngleLayout

# two Rot gates, a rotation, a controlled rotation, a bias
LAYOUT = AngleLayout(tuple("abcdefghi"), (TWO_PI,) * 7 + (FOUR_PI, inf), ((0, 1, 2), (3, 4, 5)))
PERIODS = np.array(LAYOUT.periods)
WHOLE = np.where(np.isfinite(PERIODS), PERIODS, 0.0)  # adding multiples of this changes no model
NOISE = np.linspace(0.0, 2.0, 5)


def noisy(received, updates, weights, layout, **parameters):
    return noise_aware_mean(received, updates, weights, layout, noise=NOISE[: len(updates)], **parameters)


RULES = {"delta": delta_mean, "circular": circular_mean, "su2": su2_mean, "noise-aware": noisy}
PERIODIC = {"circular": circular_mean, "su2": su2_mean}
seeds = st.integers(0, 2**32 - 1)
every_rule = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
fifty = settings(max_examples=50)


def case(seed, spread, num_clients=5, away_from_poles=False):
    """Return received angles, updates scattered around them, and weights."""
    rng = np.random.default_rng(seed)
    received = rng.uniform(-7, 7, len(LAYOUT))
    if away_from_poles:
        received[[1, 4]] = rng.uniform(0.6, 2.5, 2)
    updates = received + rng.normal(0, spread, (num_clients, len(LAYOUT)))
    return received, updates, rng.uniform(0.5, 9.0, num_clients)


def wrapped(angles):
    """Return angles in (-P/2, P/2], as a client might send them, and other entries as they are."""
    turns = np.where(np.isfinite(PERIODS), np.round(angles / PERIODS), 0.0)
    return angles - turns * WHOLE


@every_rule
@fifty
@given(seeds)
def test_if_nobody_moved_the_angles_stay(rule, seed):
    received, _, weights = case(seed, 0.0)
    updates = np.tile(received, (5, 1))
    np.testing.assert_allclose(rule(received, updates, weights, LAYOUT).angles, received, rtol=0, atol=1e-9)


@every_rule
@fifty
@given(seeds)
def test_if_all_moved_alike_the_angles_go_where_they_went(rule, seed):
    received, updates, weights = case(seed, 0.3, away_from_poles=True)
    together = np.tile(updates[0], (5, 1))
    np.testing.assert_allclose(rule(received, together, weights, LAYOUT).angles, updates[0], rtol=0, atol=1e-9)


@pytest.mark.parametrize("rule", [delta_mean, circular_mean, su2_mean])  # noise-aware: test_noise_aware.py
@fifty
@given(seeds)
def test_the_order_of_clients_does_not_matter(rule, seed):
    received, updates, weights = case(seed, 1.0)
    order = np.random.default_rng(seed).permutation(5)
    first, second = (rule(received, updates[o], weights[o], LAYOUT).angles for o in (np.arange(5), order))
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-12)


@every_rule
@fifty
@given(seeds)
def test_small_movements_are_averaged_as_fedavg_does(rule, seed):
    received, updates, weights = case(seed, 1e-5, away_from_poles=True)
    if rule is noisy:
        rule = partial(noise_aware_mean, noise=np.ones(5))
    fedavg = np.average(updates, axis=0, weights=weights)
    np.testing.assert_allclose(rule(received, updates, weights, LAYOUT).angles, fedavg, rtol=0, atol=1e-8)


@every_rule
@given(seeds)
@fifty
def test_half_the_step_size_goes_half_the_way_for_small_movements(rule, seed):
    received, updates, weights = case(seed, 1e-5, away_from_poles=True)
    whole = rule(received, updates, weights, LAYOUT).angles - received
    half = rule(received, updates, weights, LAYOUT, learning_rate=0.5).angles - received
    np.testing.assert_allclose(half, whole / 2, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rule", PERIODIC.values(), ids=PERIODIC)
@fifty
@given(seeds)
def test_whole_periods_added_to_any_clients_angles_change_nothing(rule, seed):
    received, updates, weights = case(seed, 0.5)
    turns = np.random.default_rng(seed).integers(-3, 4, updates.shape)
    moved = updates + turns * WHOLE
    first, second = (rule(received, u, weights, LAYOUT).angles for u in (updates, moved))
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rule", PERIODIC.values(), ids=PERIODIC)
@fifty
@given(seeds)
def test_a_whole_period_added_to_the_received_angles_shifts_the_result_by_it(rule, seed):
    """So curves of angles over rounds never jump."""
    received, updates, weights = case(seed, 0.5)
    shift = np.random.default_rng(seed).integers(-2, 3, len(LAYOUT)) * WHOLE
    first = rule(received, updates, weights, LAYOUT).angles
    second = rule(received + shift, updates + shift, weights, LAYOUT).angles
    np.testing.assert_allclose(second, first + shift, rtol=0, atol=1e-8)


@pytest.mark.parametrize("rule", PERIODIC.values(), ids=PERIODIC)
@fifty
@given(seeds)
def test_no_angle_moves_by_more_than_half_its_period(rule, seed):
    received, updates, weights = case(seed, 3.0)
    step = rule(received, updates, weights, LAYOUT).angles - received
    assert np.all(np.abs(step[:8]) <= PERIODS[:8] / 2 + 1e-9)


@pytest.mark.parametrize("rule", PERIODIC.values(), ids=PERIODIC)
@fifty
@given(seeds)
def test_updates_wrapped_into_one_period_give_what_unwrapped_ones_give(rule, seed):
    received, updates, weights = case(seed, 0.3)
    first, second = (rule(received, u, weights, LAYOUT).angles for u in (updates, wrapped(updates)))
    np.testing.assert_allclose(first, second, rtol=0, atol=1e-8)


def test_the_delta_mean_of_wrapped_updates_is_wrong_which_is_why_there_is_a_circular_mean():
    received, updates = np.full(9, 3.1), np.array([[3.1], [3.2]]) * np.ones(9)
    delta, circular = (
        rule(received, wrapped(updates), np.ones(2), LAYOUT).angles for rule in (delta_mean, circular_mean)
    )
    np.testing.assert_allclose(circular, 3.15, atol=1e-9)
    np.testing.assert_allclose(delta[:7], 3.15 - np.pi, atol=1e-9)


@every_rule
@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0], [np.inf, 1.0]], ids=str)
def test_weights_that_are_no_weights_are_refused(rule, weights):
    with pytest.raises(ValueError, match="weights must be finite, not negative and not all zero"):
        rule(np.zeros(9), np.zeros((2, 9)), np.array(weights), LAYOUT)


@every_rule
def test_a_client_of_weight_zero_has_no_say(rule):
    received, updates, weights = case(3, 0.4)
    weights[4] = 0.0
    updates[4] = 1e3
    with_it = rule(received, updates, weights, LAYOUT).angles
    without = rule(received, updates[:4], weights[:4], LAYOUT).angles
    np.testing.assert_allclose(with_it, without, rtol=0, atol=1e-12)
