"""PennyLane's execution: equal to dense matrices, differentiable, reproducible with shots, clear about bad devices.

Also covers qfl/quantum/device_list.py.
"""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import ConfigError
from qfl.quantum import devices
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.device_list import open_device, usable_devices
from qfl.quantum.devices import expectations, on_device, qnode
from qfl.quantum.noise import NoiseModel
from qfl.testing.circuits import random_circuit
from qfl.testing.dense import dense_expectations

ROTATED = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
BLANK = torch.zeros(1, 0, dtype=torch.float64)


def case(seed: int, num_qubits: int, num_gates: int, amplitudes: bool, samples: int = 3):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, num_qubits, num_gates, amplitudes=amplitudes)
    angles = torch.from_numpy(rng.uniform(-3, 3, circuit.num_angles))
    return circuit, angles, torch.from_numpy(rng.normal(size=(samples, circuit.num_features)))


def gradients(circuit, angles, inputs, weight, **options):
    """Return the gradients of a weighted sum of the values, for the angles and (where they have one) the inputs."""
    no_inputs = circuit.amplitudes and options.get("device", "default.qubit") not in devices.SIMULATORS
    leaves = angles.clone().requires_grad_(), inputs.clone().requires_grad_(not no_inputs)
    values = (expectations(circuit, *leaves, **options) * weight).sum() + 0 * sum(leaf.sum() for leaf in leaves)
    return torch.autograd.grad(values, leaves[: 1 if no_inputs else 2])


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 4), st.integers(1, 14), st.booleans())
def test_values_equal_those_of_dense_matrices(seed, num_qubits, num_gates, amplitudes):
    circuit, angles, inputs = case(seed, num_qubits, num_gates, amplitudes)
    expected = dense_expectations(circuit, angles.numpy(), inputs.numpy())
    np.testing.assert_allclose(expectations(circuit, angles, inputs), expected, atol=1e-10)


@settings(max_examples=15)
@given(st.integers(0, 2**32), st.integers(1, 3), st.booleans())
def test_gradients_equal_central_differences_of_dense_matrices(seed, num_qubits, amplitudes):
    circuit, angles, inputs = case(seed, num_qubits, 6, amplitudes, samples=2)
    weight = torch.linspace(-1, 2, 2 * len(circuit.observables), dtype=torch.float64).reshape(2, -1)

    def loss(flat):
        own, samples = flat[: len(angles)], flat[len(angles) :].reshape(inputs.shape)
        return float((dense_expectations(circuit, own, samples) * weight.numpy()).sum())

    point, step = np.concatenate([angles, inputs.flatten()]), 1e-6
    expected = [(loss(point + e) - loss(point - e)) / (2 * step) for e in step * np.eye(len(point))]
    found = gradients(circuit, angles, inputs, weight)
    np.testing.assert_allclose(torch.cat([grad.flatten() for grad in found]), expected, atol=1e-8)


@pytest.mark.parametrize("device", [name for name, reason in usable_devices().items() if reason is None])
@pytest.mark.parametrize("amplitudes", [False, True])
def test_every_usable_device_gives_the_values_and_gradients_of_default_qubit(device, amplitudes):
    circuit, angles, inputs = case(11, 3, 12, amplitudes)
    torch.testing.assert_close(
        expectations(circuit, angles, inputs, device=device), expectations(circuit, angles, inputs), atol=1e-6, rtol=0
    )
    found, expected = (gradients(circuit, angles, inputs, 1.0, device=name) for name in (device, "default.qubit"))
    torch.testing.assert_close(found, expected[: len(found)], atol=1e-6, rtol=0)


def test_stacked_clients_give_what_each_gives_alone():
    circuit, angles, inputs = case(5, 3, 10, True, samples=4)
    angles, inputs = torch.stack([angles, angles + 1]), torch.stack([inputs, inputs * inputs])
    together = expectations(circuit, angles, inputs)
    assert together.shape == (2, 4, len(circuit.observables))
    for own, samples, values in zip(angles, inputs, together, strict=True):
        torch.testing.assert_close(expectations(circuit, own, samples), values, atol=1e-12, rtol=0)
        torch.testing.assert_close(qnode(circuit)(own, samples[1]), values[1], atol=1e-12, rtol=0)


def test_a_circuit_without_features_gives_every_sample_the_same_value():
    angles = torch.tensor([1.0], dtype=torch.float64)
    assert expectations(ROTATED, angles).shape == (1, 1)
    torch.testing.assert_close(expectations(ROTATED, angles, torch.zeros(5, 0)), angles.cos().expand(5, 1))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_values_and_gradients_have_the_precision_of_the_angles(dtype):
    angles = torch.tensor([0.4], dtype=dtype, requires_grad=True)
    values = expectations(ROTATED, angles)
    (grad,) = torch.autograd.grad(values.sum(), angles)
    assert values.dtype == grad.dtype == dtype


def test_recomputing_a_large_graph_changes_neither_values_nor_gradients(monkeypatch):
    circuit, angles, inputs = case(3, 3, 12, False, samples=7)
    weight = torch.linspace(-1, 1, 7, dtype=torch.float64)[:, None]
    values, expected = expectations(circuit, angles, inputs), gradients(circuit, angles, inputs, weight)
    monkeypatch.setattr(devices, "GRAPH_BYTES", 2 * devices._sample_bytes(circuit, "default.qubit", 0, None))
    torch.testing.assert_close(expectations(circuit, angles, inputs), values, atol=1e-12, rtol=0)
    torch.testing.assert_close(gradients(circuit, angles, inputs, weight), expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("device", ["default.qubit", "default.mixed", "lightning.qubit"])
def test_shots_scatter_around_the_exact_value_and_follow_the_seed(device):
    angles, options = torch.tensor([torch.pi / 3]), {"device": device, "shots": 4000}
    found = [float(expectations(ROTATED, angles, seed=(1, 2, round_number), **options)) for round_number in (3, 3, 4)]
    assert found[0] == found[1] != found[2]
    assert all(0 < abs(value - 0.5) < 5 * np.sqrt(0.75 / 4000) for value in found)


@pytest.mark.parametrize("encoded", [False, True])
def test_gradients_with_shots_scatter_around_the_exact_gradient(encoded):
    parameter = Feature(0) if encoded else Angle(0)
    circuit = Circuit(1, (Gate("RY", (0,), (parameter,)),), ((0,),), num_features=int(encoded))
    angles = torch.zeros(0, dtype=torch.float64) if encoded else torch.tensor([1.0], dtype=torch.float64)
    inputs = torch.ones(2, 1, dtype=torch.float64) if encoded else torch.zeros(2, 0, dtype=torch.float64)
    grad = gradients(circuit, angles, inputs, 0.5, shots=10_000)[encoded].sum()
    assert 0 < abs(grad + np.sin(1.0)) < 0.05


def test_steps_on_one_device_draw_new_shots_and_a_second_run_repeats_them():
    first, second = (on_device(shots=100, seed=(1, 7, 3)) for _ in range(2))
    angles = torch.tensor([1.2], dtype=torch.float64)
    steps = [float(first(ROTATED, angles, BLANK)) for _ in range(4)]
    assert len(set(steps)) > 1
    assert [float(second(ROTATED, angles, BLANK)) for _ in range(4)] == steps


def test_a_classifier_trains_on_a_device_with_shots():
    circuit = classifier("angle", "hardware_efficient", 2, 1, 2, 2)
    angles = torch.full((circuit.num_angles,), 0.3, requires_grad=True)
    execute, losses = on_device(shots=500, seed=0), []
    for _ in range(8):
        losses.append(execute(circuit, angles, torch.tensor([[0.1, 0.2]])).sum())
        (grad,) = torch.autograd.grad(losses[-1], angles)
        angles.data -= 0.3 * grad
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.parametrize("name", ["defualt.qubit", "default.gaussian", "default.qutrit", "null.qubit", "qiskit.remote"])
def test_a_device_that_cannot_be_used_is_one_sentence_with_those_that_can(name):
    with pytest.raises(ConfigError) as raised:
        expectations(ROTATED, torch.zeros(1), device=name)
    (sentence,) = raised.value.faults
    assert f"device.name = {name!r}" in sentence
    assert "default.mixed, default.qubit" in sentence and "\n" not in sentence


def test_only_a_simulator_of_mixed_states_takes_noise():
    with pytest.raises(ConfigError, match=r"noise needs device.name = \"default.mixed\", not 'lightning.qubit'"):
        expectations(ROTATED, torch.zeros(1), device="lightning.qubit", noise=NoiseModel(0.1))


def test_unusable_devices_have_a_reason_and_usable_ones_open():
    found = usable_devices()
    assert found["default.qubit"] is None and found["default.mixed"] is None
    assert "RY" in str(found["default.gaussian"]) and found["null.qubit"]
    for name in [name for name, reason in found.items() if reason is None]:
        assert len(open_device(name, 3, seed=1).wires) == 3


@pytest.mark.parametrize(("num_angles", "shape"), [(0, (2, 0)), (2, (2, 0)), (1, (2, 1))])
def test_lengths_that_do_not_fit_are_refused(num_angles, shape):
    with pytest.raises(ValueError, match="angles and features"):
        expectations(ROTATED, torch.zeros(num_angles), torch.zeros(*shape))


def test_amplitudes_without_a_gradient_are_refused():
    circuit = Circuit(1, (), ((0,),), amplitudes=True, num_features=2)
    for options in ({"shots": 10}, {"device": "lightning.qubit"}):
        with pytest.raises(ValueError, match="no gradient"):
            expectations(circuit, torch.zeros(0), torch.ones(1, 2, requires_grad=True), **options)


def test_a_sample_of_zeros_has_no_amplitude_encoding():
    circuit = Circuit(1, (), ((0,),), amplitudes=True, num_features=2)
    with pytest.raises(ValueError, match="all zeros"):
        expectations(circuit, torch.zeros(0), torch.tensor([[1.0, 0.0], [0.0, 0.0]]))
