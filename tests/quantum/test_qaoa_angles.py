"""The fixed angles find the best choice of blocks they were not fitted on; fitted angles are better still."""

import numpy as np
import pytest

from qfl.quantum.one_hot import expected_reward, normalised, one_hot_state, sample
from qfl.quantum.qaoa_angles import SCHEDULES, QaoaAngles, fixed_angles, optimise, value_and_gradient
from qfl.seeds import stream
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw


def nats(received: list[float]) -> float:
    total = 1 + sum(received)
    return sum(np.log(total / (total - one)) for one in received)


def block_reward(seed: int, levels: list[float]) -> np.ndarray:
    """Return the sum rate for every (channel, power) of two devices, all others fixed at random; rates by hand."""
    generator, gain = stream(seed, "block"), draw(UplinkScenario(), seed).gain
    devices, channels = gain.shape
    channel, power_w = generator.integers(channels, size=devices), generator.choice(levels, size=devices)
    others = [[float(power_w[i] * gain[i, c]) for i in range(2, devices) if channel[i] == c] for c in range(channels)]
    options = [(c, level) for c in range(channels) for level in levels]
    alone = [nats(own) for own in others]
    one = [[nats([*others[c], p * gain[i, c]]) - alone[c] for c, p in options] for i in (0, 1)]
    reward = np.add.outer(one[0], one[1])
    for a, (c, p) in enumerate(options):
        for b, (d, q) in enumerate(options):
            if c == d:
                reward[a, b] = nats([*others[c], p * gain[0, c], q * gain[1, c]]) - alone[c]
    return reward


def best_probability(reward: np.ndarray, ramp: QaoaAngles) -> float:
    """Return the probability of the best choices, as a multiple of what even draws give."""
    best = reward == reward.max()
    return float(np.sum(np.abs(one_hot_state(reward, *ramp)[best]) ** 2) / best.mean())


@pytest.fixture(scope="module")
def blocks() -> list[np.ndarray]:
    return [block_reward(seed, [0.25]) for seed in range(1, 13)]


def test_fixed_angles_draw_the_best_of_a_block_more_often_with_depth_and_far_more_often_than_even_draws(blocks):
    factors = [
        np.mean([best_probability(reward, fixed_angles(20, 2, layers)) for reward in blocks]) for layers in (1, 3, 5)
    ]
    assert factors[0] > 2
    assert factors[1] > 4
    assert factors[0] < factors[1] < factors[2]


def test_blocks_of_channel_and_power_have_angles_of_their_own_that_beat_even_draws():
    rewards = [block_reward(seed, [0.001, 0.25]) for seed in range(1, 5)]
    factors = [best_probability(reward, fixed_angles(40, 2, 3)) for reward in rewards]
    assert np.mean(factors) > 2


def test_the_best_of_sixteen_shots_is_better_than_the_best_of_sixteen_even_draws(blocks):
    gains = []
    for index, reward in enumerate(blocks):
        quantum, even = ([], [])
        for trial in range(20):
            ours = sample(reward, *fixed_angles(20, 2, 3), 16, stream(8, "ours", index, trial))
            theirs = stream(8, "even", index, trial).integers(20, size=(16, 2))
            quantum.append(reward[tuple(ours.T)].max())
            even.append(reward[tuple(theirs.T)].max())
        gains.append((np.mean(quantum) - np.mean(even)) / (reward.max() - reward.mean()))
    assert np.mean(gains) > 0.03
    assert np.mean(np.array(gains) > 0) > 0.9


def test_the_sign_of_the_cost_and_the_order_of_the_layers_matter(blocks):
    ramp = fixed_angles(20, 2, 3)
    negated = QaoaAngles(tuple(-gamma for gamma in ramp.gammas), ramp.betas)
    backwards = QaoaAngles(ramp.gammas[::-1], ramp.betas[::-1])
    ours, wrong, reversed_ = (
        np.mean([best_probability(reward, own) for reward in blocks]) for own in (ramp, negated, backwards)
    )
    assert wrong < 1  # worse than even draws
    assert reversed_ < ours / 2


def test_angles_for_another_number_of_options_keep_beta_times_options():
    ramp, own = fixed_angles(30, 2, 3), fixed_angles(40, 2, 3)
    assert ramp.gammas == own.gammas
    assert np.allclose(30 * np.array(ramp.betas), 40 * np.array(own.betas))


def test_a_depth_that_is_not_listed_keeps_the_ends_of_the_deepest_ramp():
    ramp, deepest = fixed_angles(20, 2, 9), SCHEDULES[20, 2, 5]
    assert len(ramp.gammas) == len(ramp.betas) == 9
    assert (ramp.gammas[0], ramp.gammas[-1]) == (deepest.gammas[0], deepest.gammas[-1])
    assert (ramp.betas[0], ramp.betas[-1]) == (deepest.betas[0], deepest.betas[-1])


def test_gammas_grow_and_betas_fall_in_every_ramp():
    for ramp in SCHEDULES.values():
        assert list(ramp.gammas) == sorted(ramp.gammas)
        assert list(ramp.betas) == sorted(ramp.betas, reverse=True)


def test_no_layers_are_refused():
    with pytest.raises(ValueError, match="at least 1"):
        fixed_angles(20, 2, 0)


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 2, 2, 2)])
def test_the_gradient_is_the_difference_quotient(shape):
    generator = stream(9, "gradient", *shape)
    energy = normalised(generator.normal(size=shape))
    angles = generator.normal(size=6)
    value, gradient = value_and_gradient(energy, angles[:3], angles[3:])
    assert abs(value - expected_reward(energy, angles[:3], angles[3:])) < 1e-12
    for index in range(6):
        step = np.zeros(6)
        step[index] = 1e-6
        above, below = (expected_reward(energy, moved[:3], moved[3:]) for moved in (angles + step, angles - step))
        assert abs(gradient[index] - (above - below) / 2e-6) < 1e-8


def test_optimised_angles_raise_the_expected_reward_over_the_fixed_ones(blocks):
    for reward in blocks[:4]:
        fixed, fitted = fixed_angles(20, 2, 3), optimise(reward, 3)
        spread = reward.std()
        assert expected_reward(reward, *fitted) > expected_reward(reward, *fixed) + 0.01 * spread
