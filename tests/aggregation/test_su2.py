"""The SU(2) mean against matrices, brute force and the circular mean."""

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given, settings

from qfl.aggregation.circular import circular_mean
from qfl.aggregation.su2 import mean_quaternion, nearest_euler, own_rotations, quaternions, su2_mean
from qfl.angles import FOUR_PI, TWO_PI, AngleLayout

ROT = AngleLayout(("phi", "theta", "omega"), (TWO_PI,) * 3, ((0, 1, 2),))
PLAIN = AngleLayout(ROT.names, ROT.periods)
seeds = st.integers(0, 2**32 - 1)
PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


def rz(angle):
    return np.diag([np.exp(-0.5j * angle), np.exp(0.5j * angle)])


def ry(angle):
    c, s = np.cos(angle / 2), np.sin(angle / 2)
    return np.array([[c, -s], [s, c]])


def gate(euler):
    phi, theta, omega = euler
    return rz(omega) @ ry(theta) @ rz(phi)


def same_gate(a, b, tolerance=1e-9):
    return abs(abs(np.trace(gate(a).conj().T @ gate(b))) - 2) < tolerance


@settings(max_examples=50)
@given(seeds)
def test_a_quaternion_gives_back_the_matrix_of_the_gate(seed):
    euler = np.random.default_rng(seed).uniform(-9, 9, 3)
    q = quaternions(euler)
    np.testing.assert_allclose(np.tensordot(q * (1, -1j, -1j, -1j), PAULI, 1), gate(euler), atol=1e-12)


def test_the_convention_is_pennylanes():
    import pennylane as qp  # slow, so only here

    euler = np.array([0.3, -1.1, 2.5])
    np.testing.assert_allclose(qp.matrix(qp.Rot(*euler, wires=0)), gate(euler), atol=1e-12)


@settings(max_examples=50)
@given(seeds)
def test_no_quaternion_agrees_better_with_the_clients_than_the_mean(seed):
    rng = np.random.default_rng(seed)
    q = quaternions(rng.uniform(-4, 4, (6, 1, 3)))
    share = rng.dirichlet(np.ones(6))
    mean, _ = mean_quaternion(q, share)
    candidates = rng.normal(size=(2000, 4))
    candidates = np.vstack([candidates / np.linalg.norm(candidates, axis=1, keepdims=True), q[:, 0]])
    near = mean[0] + 0.01 * rng.normal(size=(500, 4))
    candidates = np.vstack([candidates, near / np.linalg.norm(near, axis=1, keepdims=True)])

    def agreement(p):
        return (share * (p @ q[:, 0].T) ** 2).sum(axis=-1)

    assert agreement(mean)[0] >= agreement(candidates).max() - 1e-12


@settings(max_examples=50)
@given(seeds)
def test_euler_angles_come_back_as_the_same_gate_and_nearest_to_where_they_were(seed):
    """Nearest: no other way of writing the gate is closer, over all 2 x 3^3 neighbouring branches."""
    rng = np.random.default_rng(seed)
    euler, near = rng.uniform(-6, 6, (1, 3)), rng.uniform(-6, 6, (1, 3))
    found = nearest_euler(quaternions(euler), near)
    assert same_gate(found[0], euler[0])
    flips = [found, found * (1, -1, 1) + (np.pi, 0, -np.pi)]
    turns = TWO_PI * (np.stack(np.meshgrid(*[[-1, 0, 1]] * 3), axis=-1).reshape(-1, 3))
    others = np.concatenate([flip + turns for flip in flips])
    assert np.linalg.norm(found - near) <= np.linalg.norm(others - near, axis=1).min() + 1e-9


@pytest.mark.parametrize("theta", [0.0, np.pi, -np.pi, TWO_PI, 1e-8])
def test_at_the_poles_the_undetermined_combination_of_angles_stays(theta):
    received = np.array([0.7, theta, -0.4])
    result = su2_mean(received, np.tile(received, (3, 1)), np.ones(3), ROT)
    np.testing.assert_allclose(result.angles, received, atol=2e-8)


@settings(max_examples=50)
@given(seeds, st.sampled_from([0, 1, 2]))
def test_rotations_about_one_axis_have_the_circular_mean_and_its_resultant(seed, place):
    rng = np.random.default_rng(seed)
    received, updates = np.zeros(3), np.zeros((4, 3))
    updates[:, place] = rng.uniform(-9, 9, 4)
    weights = rng.uniform(1, 3, 4)
    su2, circular = su2_mean(received, updates, weights, ROT), circular_mean(received, updates, weights, PLAIN)
    assert su2.diagnostics["resultant_min"] == pytest.approx(circular.diagnostics["resultant_min"], abs=1e-9)
    if circular.diagnostics["resultant_min"] > 1e-2:
        assert same_gate(su2.angles, circular.angles)


@settings(max_examples=50)
@given(seeds)
def test_two_ways_of_writing_each_clients_gate_give_one_mean(seed):
    """Unlike single angles: (phi + pi, -theta, omega - pi) is the same gate as (phi, theta, omega)."""
    rng = np.random.default_rng(seed)
    received = rng.uniform(0.5, 2.5, 3)
    updates = received + rng.normal(0, 0.4, (5, 3))
    other = updates * (1, -1, 1) + (np.pi, 0, -np.pi)
    first, second = (su2_mean(received, u, np.ones(5), ROT).angles for u in (updates, other))
    np.testing.assert_allclose(first, second, atol=1e-8)


def test_the_server_step_goes_a_fraction_of_the_great_circle():
    received, target = np.array([0.2, 0.4, -0.3]), np.array([1.0, 1.9, 0.5])
    angle = 2 * np.arccos(abs(np.trace(gate(received).conj().T @ gate(target))) / 2)
    for fraction in (0.25, 0.5, 1.0):
        moved = su2_mean(received, target[None], np.ones(1), ROT, learning_rate=fraction).angles
        done = 2 * np.arccos(abs(np.trace(gate(received).conj().T @ gate(moved))) / 2)
        left = 2 * np.arccos(min(1, abs(np.trace(gate(moved).conj().T @ gate(target))) / 2))
        np.testing.assert_allclose([done, left], [fraction * angle, (1 - fraction) * angle], atol=1e-7)


def test_gates_that_cancel_leave_the_received_gate_and_count_as_three_angles():
    updates = np.array([[0.0, 0.0, 0.0], [np.pi, 0.0, 0.0]])  # I and Z, up to a phase
    received = np.array([0.5, 0.6, 0.7])
    result = su2_mean(received, updates, np.ones(2), ROT)
    np.testing.assert_array_equal(result.angles, received)
    assert result.diagnostics["fallbacks"] == 3


def test_a_triple_that_shares_an_angle_or_has_another_period_is_not_a_gate_of_its_own():
    names = tuple("abcdefgh")
    shared = AngleLayout(names, (TWO_PI,) * 8, ((0, 1, 2), (2, 3, 4), (5, 6, 7)))
    assert own_rotations(shared).tolist() == [[5, 6, 7]]
    controlled = AngleLayout(names[:3], (TWO_PI, FOUR_PI, TWO_PI), ((0, 1, 2),))
    assert own_rotations(controlled).tolist() == []


def test_without_rot_gates_it_is_the_circular_mean():
    rng = np.random.default_rng(5)
    received, updates, weights = rng.normal(size=3), rng.normal(size=(4, 3)), rng.uniform(1, 2, 4)
    su2, circular = (rule(received, updates, weights, PLAIN) for rule in (su2_mean, circular_mean))
    np.testing.assert_array_equal(su2.angles, circular.angles)
    assert su2.diagnostics == circular.diagnostics
