"""The one-hot state is the state of all qubits, computed where it lives; draws follow its probabilities."""

from functools import reduce
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from qfl.quantum.one_hot import expected_reward, normalised, one_hot_state, one_hot_states, sample
from qfl.seeds import stream

X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
GAMMAS, BETAS = (0.5, 0.9, 1.4), (0.41, 0.17, 0.08)
SIZES = [(3,), (3, 3), (2, 4), (2, 2, 2), (4, 4)]


def on_wires(factors: dict[int, np.ndarray], num_qubits: int) -> np.ndarray:
    return reduce(np.kron, [factors.get(wire, np.eye(2)) for wire in range(num_qubits)])


def qubit_state(reward: np.ndarray, gammas, betas, everywhere: np.ndarray) -> np.ndarray:
    """Run QAOA on all qubits with dense matrices; ``everywhere`` holds the energies of all 2^n basis states."""
    n = sum(reward.shape)
    starts = np.cumsum([0, *reward.shape])
    wires = [range(a, b) for a, b in pairwise(starts)]
    pairs = [pair for own in wires for pair in combinations(own, 2)]
    mixer = (
        sum((on_wires({a: P, b: P}, n) for a, b in pairs for P in (X, Y)), np.zeros((2**n, 2**n), dtype=complex)) / 2
    )
    psi = np.zeros(2**n, dtype=complex)
    psi[basis_states(reward.shape)] = 1 / np.sqrt(reward.size)
    for gamma, beta in zip(gammas, betas, strict=True):
        psi = expm(-1j * beta * mixer) @ (np.exp(-1j * gamma * everywhere) * psi)
    return psi


def basis_states(shape: tuple[int, ...]) -> np.ndarray:
    """Return the index, among all 2^n, of the one-hot state of every choice."""
    n, starts = sum(shape), np.cumsum([0, *shape])
    index = [
        sum(2 ** (n - 1 - start - o) for start, o in zip(starts, choice, strict=False))
        for choice in product(*map(range, shape))
    ]
    return np.array(index).reshape(shape)


@pytest.mark.parametrize("shape", SIZES)
def test_the_state_is_that_of_all_qubits_and_nothing_leaks_out_of_the_one_hot_states(shape):
    """Against dense matrices with arbitrary energies on the states that are not one-hot."""
    generator = stream(1, "one-hot", *shape)
    reward = generator.normal(size=shape)
    everywhere = generator.normal(size=2 ** sum(shape))
    feasible = basis_states(shape)
    everywhere[feasible] = (reward - reward.mean()) / reward.std()
    psi = qubit_state(reward, GAMMAS, BETAS, everywhere)
    np.testing.assert_allclose(one_hot_state(reward, GAMMAS, BETAS), psi[feasible], atol=1e-12, rtol=0)
    assert np.sum(np.abs(np.delete(psi, feasible.ravel())) ** 2) < 1e-24


@given(
    st.lists(st.integers(1, 7), min_size=1, max_size=3),
    st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), max_size=4),
    st.integers(0, 2**32),
)
@settings(max_examples=60)
def test_the_norm_is_one_at_any_angles(shape, layers, seed):
    reward = stream(seed, "norm").normal(size=shape)
    psi = one_hot_state(reward, [gamma for gamma, _ in layers], [beta for _, beta in layers])
    assert abs(np.vdot(psi, psi) - 1) < 1e-12


def test_many_rewards_in_one_program_give_the_states_of_each():
    rewards = stream(2, "tables").normal(size=(5, 4, 3)) * np.arange(1, 6)[:, None, None]
    together = one_hot_states(rewards, GAMMAS, BETAS)
    for reward, psi in zip(rewards, together, strict=True):
        np.testing.assert_allclose(psi, one_hot_state(reward, GAMMAS, BETAS), atol=1e-14, rtol=0)


def test_the_state_does_not_depend_on_the_unit_or_the_zero_of_the_reward():
    reward = stream(3, "unit").normal(size=(5, 5))
    np.testing.assert_allclose(
        one_hot_state(reward, GAMMAS, BETAS), one_hot_state(180e3 * reward - 7e6, GAMMAS, BETAS), atol=1e-9
    )


def test_a_constant_reward_leaves_the_even_superposition():
    np.testing.assert_allclose(np.abs(one_hot_state(np.full((3, 4), 2.5), GAMMAS, BETAS)) ** 2, 1 / 12, atol=1e-15)


def test_drawn_choices_follow_the_probabilities():
    reward = stream(4, "draw").normal(size=(3, 4))
    shots = 40_000
    drawn = sample(reward, GAMMAS, BETAS, shots, stream(4, "shots"))
    counts = np.zeros((3, 4))
    np.add.at(counts, tuple(drawn.T), 1)
    expected = shots * np.abs(one_hot_state(reward, GAMMAS, BETAS)) ** 2
    # chi-squared of 11 degrees of freedom exceeds 31.3 once in a thousand times
    assert np.sum((counts - expected) ** 2 / expected) < 31.3
    assert abs(reward[tuple(drawn.T)].mean() - expected_reward(reward, GAMMAS, BETAS)) < 4 / np.sqrt(shots)


def test_the_same_generator_draws_the_same_choices():
    reward = stream(5, "again").normal(size=(6, 6))
    first, second = (sample(reward, GAMMAS, BETAS, 50, stream(5, "shots")) for _ in range(2))
    assert np.array_equal(first, second) and first.dtype == np.int64 and first.shape == (50, 2)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_reward_that_is_no_number_is_refused(bad):
    with pytest.raises(ValueError, match="finite"):
        one_hot_state(np.array([1.0, bad, 2.0]), GAMMAS, BETAS)


def test_every_layer_takes_a_gamma_and_a_beta():
    with pytest.raises(ValueError, match="3 gammas and 2 betas"):
        one_hot_state(np.eye(3), GAMMAS, BETAS[:2])


def test_normalised_rewards_have_mean_zero_and_deviation_one_in_each_table():
    tables = normalised(stream(6, "normal").exponential(size=(4, 3, 5)), (1, 2))
    np.testing.assert_allclose(tables.mean(axis=(1, 2)), 0, atol=1e-15)
    np.testing.assert_allclose(tables.std(axis=(1, 2)), 1, atol=1e-15)


def test_eighty_qubits_of_one_hot_registers_are_simulated_exactly():
    """Four devices of 20 options are 160,000 amplitudes; under a sum of own rewards they are a product of states."""
    own = stream(7, "product").normal(size=(4, 20))
    reward = reduce(np.add.outer, own)
    psi = one_hot_state(reward, GAMMAS, BETAS)
    # one device alone, under the same scale of energies
    scale = reward.std()
    factors = [one_hot_state(row, np.array(GAMMAS) * row.std() / scale, BETAS) for row in own]
    np.testing.assert_allclose(psi, reduce(np.multiply.outer, factors), atol=1e-12, rtol=0)
