"""The two executions of a circuit agree: values and gradients, stacked clients, samples, encodings, shared angles.

Also covers qfl/quantum/pennylane_program.py.
"""

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qfl.quantum import devices, exact
from qfl.quantum.ansatze import ANSATZE, classifier
from qfl.quantum.circuit import GATES, Circuit, Gate
from qfl.testing.circuits import random_circuit


def values_and_gradients(execute, circuit, angles, inputs):
    """Return values, and the gradients of a sum that weighs every value differently."""
    leaves = angles.clone().requires_grad_(), inputs.clone().requires_grad_()
    values = execute(circuit, *leaves)
    weight = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).reshape(values.shape)
    total = (values * weight).sum() + 0 * sum(leaf.sum() for leaf in leaves)
    return values.detach(), *torch.autograd.grad(total, leaves)


def assert_agree(circuit, rng, *axes, atol=1e-10):
    """Compare both executions at random angles [*client angle] and inputs [*client sample feature]."""
    *clients, samples = axes
    angles = torch.from_numpy(rng.uniform(-4, 4, (*clients, circuit.num_angles)))
    inputs = torch.from_numpy(rng.normal(size=(*clients, samples, circuit.num_features)))
    found = values_and_gradients(exact.expectations, circuit, angles, inputs)
    expected = values_and_gradients(devices.expectations, circuit, angles, inputs)
    assert found[0].shape == (*axes, len(circuit.observables))
    torch.testing.assert_close(found, expected, atol=atol, rtol=0)


@settings(max_examples=120)
@given(
    seed=st.integers(0, 2**32),
    num_qubits=st.integers(1, 5),
    num_gates=st.integers(0, 25),
    amplitudes=st.booleans(),
    axes=st.sampled_from([(1,), (3,), (1, 2), (3, 2), (2, 40)]),
)
@example(seed=7, num_qubits=5, num_gates=60, amplitudes=True, axes=(2, 40))
@example(seed=8, num_qubits=5, num_gates=60, amplitudes=False, axes=(2, 3))
def test_random_circuits(seed, num_qubits, num_gates, amplitudes, axes):
    rng = np.random.default_rng(seed)
    assert_agree(random_circuit(rng, num_qubits, num_gates, amplitudes=amplitudes), rng, *axes)


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    num_qubits=st.integers(1, 5),
    num_gates=st.integers(0, 25),
    amplitudes=st.booleans(),
    axes=st.sampled_from([(1,), (1, 2), (3, 2), (2, 40)]),
)
@example(seed=9, num_qubits=4, num_gates=60, amplitudes=True, axes=(2, 20))
@example(seed=10, num_qubits=6, num_gates=60, amplitudes=False, axes=(2, 3))
def test_random_circuits_of_wide_gates_sums_and_pauli_words(seed, num_qubits, num_gates, amplitudes, axes):
    rng = np.random.default_rng(seed)
    assert_agree(random_circuit(rng, num_qubits, num_gates, amplitudes=amplitudes, wide=True), rng, *axes)


@settings(max_examples=20)
@given(seed=st.integers(0, 2**32), num_qubits=st.integers(6, 8), amplitudes=st.booleans())
def test_random_circuits_of_several_blocks(seed, num_qubits, amplitudes):
    rng = np.random.default_rng(seed)
    assert_agree(random_circuit(rng, num_qubits, 30, amplitudes=amplitudes), rng, 2, 2)


@pytest.mark.parametrize("ansatz", ANSATZE)
@pytest.mark.parametrize("encoding", ["amplitude", "angle", "reupload"])
@pytest.mark.parametrize("num_qubits", [1, 4, 7])
def test_classifiers(ansatz, encoding, num_qubits):
    num_features = {"amplitude": 2**num_qubits - 1, "angle": num_qubits, "reupload": num_qubits + 2}[encoding]
    circuit = classifier(encoding, ansatz, num_qubits, 3, num_features, num_qubits)
    assert_agree(circuit, np.random.default_rng(num_qubits), 2, 3)


@pytest.mark.parametrize("name", GATES)
def test_every_gate_on_every_order_of_its_wires(name):
    """Basis changes before and after make every phase and every order of the wires visible."""
    rng = np.random.default_rng(5)
    num_wires, num_parameters, _ = GATES[name]
    turns = tuple(Gate("Rot", (wire,), tuple(rng.uniform(-3, 3, 3).tolist())) for wire in range(3))
    for wires in ((0, 1, 2), (2, 0, 1), (1, 2, 0), (0, 2, 1)):
        gate = Gate(name, wires[:num_wires], tuple(rng.uniform(-3, 3, num_parameters).tolist()))
        assert_agree(Circuit(3, (*turns, gate, *turns), ((0,), (1,), (2,), (0, 1, 2))), rng, 1)


def test_single_precision_agrees_to_single_precision():
    rng = np.random.default_rng(3)
    circuit = classifier("amplitude", "strongly_entangling", 6, 4, 64, 8)
    angles = torch.from_numpy(rng.normal(size=(2, circuit.num_angles))).float()
    inputs = torch.from_numpy(rng.normal(size=(2, 3, 64))).float()
    found = values_and_gradients(exact.expectations, circuit, angles, inputs)
    expected = values_and_gradients(devices.expectations, circuit, angles, inputs)
    torch.testing.assert_close(found, expected, atol=2e-5, rtol=0)
