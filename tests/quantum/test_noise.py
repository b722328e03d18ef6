"""Noise: closed forms on small circuits, dense Kraus sums on random ones, and strengths that follow the seed."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.config import NoiseSettings
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.devices import expectations
from qfl.quantum.noise import NoiseModel, client_noise, expected_errors
from qfl.testing.circuits import random_circuit
from qfl.testing.dense import dense_expectations

THETA = torch.tensor([0.7], dtype=torch.float64)
ROTATED = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
PARITY = Circuit(3, (Gate("RY", (0,), (Angle(0),)), Gate("CNOT", (0, 2))), ((0,), (0, 2), (1,)))


@pytest.mark.parametrize("p", [0.01, 0.3])
def test_depolarising_shrinks_z_by_one_minus_four_thirds_p_per_gate(p):
    noise = NoiseModel(depolarising=p)
    np.testing.assert_allclose(expectations(ROTATED, THETA, noise=noise), [[(1 - 4 * p / 3) * np.cos(0.7)]], atol=1e-12)
    twice = Circuit(1, (*ROTATED.gates, Gate("RY", (0,), (0.2,))), ((0,),))
    np.testing.assert_allclose(expectations(twice, THETA, noise=noise), [[(1 - 4 * p / 3) ** 2 * np.cos(0.9)]])


@pytest.mark.parametrize("r", [0.02, 0.5])
def test_readout_shrinks_z_by_one_minus_two_r_and_zz_by_its_square(r):
    values = expectations(PARITY, THETA, noise=NoiseModel(readout=r))[0]
    z, zz, idle = 1 - 2 * r, (1 - 2 * r) ** 2, 1 - 2 * r
    np.testing.assert_allclose(values, [z * np.cos(0.7), zz, idle], atol=1e-12)


def test_readout_with_shots_flips_samples():
    noise = NoiseModel(readout=0.1)
    values = expectations(PARITY, THETA, noise=noise, shots=40_000, seed=1)[0]
    np.testing.assert_allclose(values, [0.8 * np.cos(0.7), 0.64, 0.8], atol=0.025)


@settings(max_examples=40)
@given(
    st.integers(0, 2**32),
    st.integers(1, 3),
    st.integers(1, 12),
    st.booleans(),
    st.floats(0, 0.5),
    st.floats(0, 0.5),
)
def test_noisy_values_equal_dense_kraus_sums(seed, num_qubits, num_gates, amplitudes, p, r):
    rng, noise = np.random.default_rng(seed), NoiseModel(p, r)
    circuit = random_circuit(rng, num_qubits, num_gates, amplitudes=amplitudes)
    angles, inputs = rng.uniform(-3, 3, circuit.num_angles), rng.normal(size=(2, circuit.num_features))
    found = expectations(circuit, torch.from_numpy(angles), torch.from_numpy(inputs), noise=noise)
    np.testing.assert_allclose(found, dense_expectations(circuit, angles, inputs, noise), atol=1e-7)


@pytest.mark.parametrize("noise", [NoiseModel(), NoiseModel(0.1), NoiseModel(0.0, 0.1), NoiseModel(0.02, 0.05)])
def test_gradients_are_finite_and_right_where_basis_states_have_probability_zero(noise):
    angles = torch.tensor([0.7], dtype=torch.float64, requires_grad=True)
    values = expectations(PARITY, angles, device="default.mixed", noise=noise)
    (grad,) = torch.autograd.grad(values[0, 0], angles)
    factor = (1 - 4 * noise.depolarising / 3) ** 2 * (1 - 2 * noise.readout)
    np.testing.assert_allclose(grad, -factor * np.sin([0.7]), atol=1e-12)


def test_no_noise_on_the_mixed_simulator_is_the_pure_state():
    rng = np.random.default_rng(2)
    circuit = random_circuit(rng, 3, 15)
    angles, inputs = torch.from_numpy(rng.normal(size=circuit.num_angles)), torch.from_numpy(rng.normal(size=(4, 3)))
    pure = expectations(circuit, angles, inputs, noise=NoiseModel())
    torch.testing.assert_close(expectations(circuit, angles, inputs, device="default.mixed"), pure, atol=1e-7, rtol=0)


def strengths(settings, round_number, clients=1500):
    return np.array([client_noise(settings, 3, client, round_number).depolarising for client in range(clients)])


def test_strength_over_clients_has_the_mean_and_the_spread_of_the_settings():
    found = strengths(NoiseSettings(depolarising=0.01, spread=0.5), 0)
    assert abs(found.mean() / 0.01 - 1) < 0.05
    assert abs(found.std() / 0.01 - 0.5) < 0.08


def test_strength_walks_by_the_drift_per_round_and_keeps_its_mean():
    settings = NoiseSettings(depolarising=0.01, drift=0.1)
    walk = np.log(np.stack([strengths(settings, round_number) for round_number in range(4)]))
    steps = np.diff(walk, axis=0)
    np.testing.assert_allclose(walk[0], np.log(0.01))
    np.testing.assert_allclose(steps.std(axis=1), 0.1, rtol=0.06)
    assert abs(np.corrcoef(steps)[~np.eye(3, dtype=bool)]).max() < 0.08
    assert abs(np.exp(walk[3]).mean() / 0.01 - 1) < 0.02


def test_rounds_asked_in_any_order_give_the_same_noise():
    settings = NoiseSettings(depolarising=0.01, readout=0.02, spread=0.3, drift=0.2)
    forward = [client_noise(settings, 1, 5, round_number) for round_number in range(6)]
    backward = [client_noise(settings, 1, 5, round_number) for round_number in reversed(range(6))]
    assert forward == backward[::-1]
    assert len(set(forward)) == 6
    assert client_noise(settings, 2, 5, 3) != forward[3] != client_noise(settings, 1, 6, 3)


def test_one_strength_scales_both_kinds_of_noise():
    noise = client_noise(NoiseSettings(depolarising=0.01, readout=0.02, spread=0.3, drift=0.2), 1, 5, 3)
    assert noise.readout == pytest.approx(2 * noise.depolarising)


def test_no_spread_and_no_drift_is_the_same_noise_everywhere():
    settings = NoiseSettings(depolarising=0.01, readout=0.02)
    assert {client_noise(settings, 1, client, 4) for client in range(5)} == {NoiseModel(0.01, 0.02)}


def test_strength_is_clipped_at_one_half():
    found = strengths(NoiseSettings(depolarising=0.4, spread=5.0, drift=1.0), 20, clients=300)
    assert found.max() == 0.5 and found.min() >= 0


@pytest.mark.parametrize("values", [(-0.1, 0.0), (0.0, 0.6), (float("nan"), 0.0)])
def test_a_probability_out_of_range_is_refused(values):
    with pytest.raises(ValueError, match=r"between 0 and 0\.5"):
        NoiseModel(*values)


def test_expected_errors_add_up_over_places_and_measured_bits():
    assert expected_errors(PARITY, NoiseModel(0.1, 0.01)) == pytest.approx(3 * 0.1 + 3 * 0.01)
