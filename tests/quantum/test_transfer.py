"""Noise in the star tensors equals PennyLane's default.mixed, gate for gate."""

import numpy as np
import pytest
import torch

from qfl.quantum import devices
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.star import pauli_tensor, star_bloch
from qfl.quantum.star_chain import bloch, chain
from qfl.quantum.star_circuit import AXES, star_circuit
from qfl.quantum.transfer import (
    amplitude_damping,
    bit_flip,
    channel,
    depolarising,
    kept_tensor,
    measured,
    noisy_bloch,
    phase_damping,
)
from qfl.seeds import stream

CHANNELS = {
    "DepolarizingChannel": depolarising,
    "BitFlip": bit_flip,
    "AmplitudeDamping": amplitude_damping,
    "PhaseDamping": phase_damping,
}
FORMS = [name for name, block in BLOCKS.items() if block.gates and block.num_wires == 2]


def draw(seed, *shape):
    return torch.from_numpy(stream(seed, "transfer").uniform(-np.pi, np.pi, shape))


def noisy_star(form, k, noise, angles, inputs):
    """Bloch vectors [sample 3] of the centre with a channel after every gate."""
    tensors = kept_tensor(BLOCKS[form], angles.view(2, 1, -1), noise)
    qubits = noisy_bloch(inputs.unflatten(-1, (-1, 2)).permute(2, 1, 0)[None], noise)
    centre, neighbour, edge = qubits.split((1, k, k), 2)
    return star_bloch(*tensors, centre.squeeze(2), neighbour, edge)


@pytest.mark.parametrize(("name", "form"), [*zip(CHANNELS, FORMS, strict=True), ("DepolarizingChannel", FORMS[-1])])
def test_a_channel_after_every_gate_is_default_mixeds(name, form):
    import pennylane as qp

    k = 1 + (form == "cartan")
    circuit = star_circuit(k, Convolution(form, form))
    angles, inputs = draw(1, circuit.num_angles), draw(2, 1, circuit.num_features)

    @qp.qnode(qp.device("default.mixed", wires=circuit.num_qubits), interface="torch")
    def run():
        for gate in circuit.gates:
            values = [
                angles[p.index] if hasattr(p, "index") and not hasattr(p, "scale") else inputs[0, p.index]
                for p in gate.parameters
            ]
            getattr(qp, gate.name)(*values, wires=gate.wires)
            for wire in gate.wires:
                getattr(qp, name)(0.07, wires=wire)
        return qp.density_matrix(0)

    rho = run()
    pauli = torch.tensor([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=rho.dtype)
    expected = torch.einsum("aij,ji->a", pauli, rho).real
    found = noisy_star(form, k, CHANNELS[name](0.07), angles, inputs).flatten()
    assert (found - star_bloch_without_noise(form, k, angles, inputs)).abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=1e-7, rtol=0)  # default.mixed rounds diagonal gates to single


def star_bloch_without_noise(form, k, angles, inputs):
    return noisy_star(form, k, channel([np.eye(2)]), angles, inputs).flatten()


@pytest.mark.parametrize("axis", AXES)
def test_noise_of_a_run_file_with_readout_and_basis_change(axis):
    noise, k, samples = NoiseModel(depolarising=0.02, readout=0.03), 2, 3
    circuit = star_circuit(k, axis=axis)
    angles, inputs = draw(3, circuit.num_angles), draw(4, samples, circuit.num_features)
    angles.requires_grad_(), inputs.requires_grad_()
    expected = devices.expectations(circuit, angles, inputs, noise=noise)[:, 0]
    found = measured(noisy_star("cartan", k, depolarising(0.02), angles, inputs), noise)[0, AXES.index(axis)]
    torch.testing.assert_close(found, expected, atol=1e-7, rtol=0)
    gradients = [torch.autograd.grad(value.sum(), (angles, inputs)) for value in (found, expected)]
    torch.testing.assert_close(*gradients, atol=1e-6, rtol=0)


def test_noise_of_one_unitary_per_leaf():
    noise, circuit = NoiseModel(depolarising=0.02), star_circuit(1, Convolution("triangle"))
    angles, inputs = draw(7, circuit.num_angles), draw(8, 2, circuit.num_features)
    joint = Convolution("triangle").joint(angles[None], depolarising(0.02))
    qubits = noisy_bloch(inputs.unflatten(-1, (-1, 2)).permute(2, 1, 0)[None], depolarising(0.02))
    centre, neighbour, edge = qubits.split(1, 2)
    found = chain(joint, centre.squeeze(2), neighbour, edge)[0, 2]
    expected = devices.expectations(circuit, angles, inputs, noise=noise)[:, 0]
    torch.testing.assert_close(found, expected, atol=1e-7, rtol=0)


@pytest.mark.parametrize("form", [*FORMS, "exponential"])
def test_without_noise_the_tensor_is_the_unitarys(form):
    angles = draw(5, 3, BLOCKS[form].num_angles)
    nothing = channel([np.eye(2)])
    expected = pauli_tensor(BLOCKS[form].unitary(angles))
    torch.testing.assert_close(kept_tensor(BLOCKS[form], angles, nothing), expected, atol=1e-12, rtol=0)
    torch.testing.assert_close(noisy_bloch(draw(6, 2, 2, 5), nothing), bloch(draw(6, 2, 2, 5)), atol=1e-12, rtol=0)


def test_operators_that_lose_probability_are_refused():
    with pytest.raises(ValueError, match="not to the identity"):
        channel([np.diag([1.0, 0.5])])
