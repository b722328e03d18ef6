"""The star engine equals PennyLane: values and gradients of X, Y and Z of the centre, k = 1 ... 6, every block.

Also covers qfl/quantum/blocks.py, qfl/quantum/convolution.py and qfl/quantum/star_chain.py.
"""

import numpy as np
import pytest
import torch

from qfl.quantum import devices
from qfl.quantum.blocks import BLOCKS
from qfl.quantum.convolution import Convolution
from qfl.quantum.noise import NoiseModel
from qfl.quantum.pennylane_program import queue_gates
from qfl.quantum.star import pauli_tensor, star_bloch
from qfl.quantum.star_chain import bloch
from qfl.quantum.star_circuit import AXES, expectations, star_circuit
from qfl.seeds import stream

WITH_GATES = [name for name, block in BLOCKS.items() if block.gates and block.num_wires == 2]


def draw(seed, *shape):
    return torch.from_numpy(stream(seed, "star").uniform(-np.pi, np.pi, shape))


def values_and_gradients(execute, circuit, angles, inputs):
    leaves = angles.clone().requires_grad_(), inputs.clone().requires_grad_()
    values = execute(circuit, *leaves)
    weight = torch.linspace(-1, 2, values.numel(), dtype=values.dtype).reshape(values.shape)
    return values.detach(), *torch.autograd.grad((values * weight).sum(), leaves)


def pennylane_axes(circuit, angles, inputs):
    """<X>, <Y> and <Z> of the centre from one run of PennyLane's statevector."""
    import pennylane as qp

    @qp.qnode(qp.device("default.qubit", wires=circuit.num_qubits), interface="torch")
    def run():
        queue_gates(circuit, NoiseModel(), angles[0], inputs[0])
        return [qp.expval(axis(0)) for axis in (qp.X, qp.Y, qp.Z)]

    return torch.stack(run()).mT[None]


def engine_axes(circuit, angles, inputs):
    k = circuit.num_qubits // 2
    runs = [expectations(star_circuit(k, axis=axis), angles, inputs) for axis in AXES]
    return torch.cat(runs, -1)


@pytest.mark.parametrize(("k", "samples"), [(1, 4), (2, 4), (3, 3), (4, 2), (5, 2), (6, 1)])
def test_values_and_gradients_are_pennylanes(k, samples):
    circuit = star_circuit(k)
    angles, inputs = draw(k, 1, circuit.num_angles), draw(-k, 1, samples, circuit.num_features)
    found = values_and_gradients(engine_axes, circuit, angles, inputs)
    expected = values_and_gradients(pennylane_axes, circuit, angles, inputs)
    assert expected[0].abs().amax((0, 1)).min() > 1e-3 and expected[1].abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("axis", AXES)
def test_an_axis_is_turned_to_z_before_it_is_measured(axis):
    circuit = star_circuit(2, axis=axis)
    angles, inputs = draw(1, circuit.num_angles), draw(2, 3, circuit.num_features)
    found, expected = (run(circuit, angles, inputs) for run in (expectations, devices.expectations))
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize(("message", "update"), [*zip(WITH_GATES, WITH_GATES[1:] + WITH_GATES[:1], strict=True)])
def test_every_block_and_several_clients(message, update):
    circuit = star_circuit(2, Convolution(message, update))
    angles, inputs = draw(3, 2, circuit.num_angles), draw(4, 2, 3, circuit.num_features)
    found = values_and_gradients(expectations, circuit, angles, inputs)
    expected = values_and_gradients(devices.expectations, circuit, angles, inputs)
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize(
    "convolution", [Convolution("triangle"), Convolution("cartan_gated"), Convolution("cartan", "gated")]
)
def test_blocks_that_meet_leaf_edge_and_centre_are_pennylanes(k, convolution):
    circuit = star_circuit(k, convolution, "Y")
    angles, inputs = draw(k, 2, circuit.num_angles), draw(-k, 2, 2, circuit.num_features)
    found = values_and_gradients(expectations, circuit, angles, inputs)
    expected = values_and_gradients(devices.expectations, circuit, angles, inputs)
    assert expected[0].abs().max() > 1e-3
    torch.testing.assert_close(found, expected, atol=1e-10, rtol=0)


def test_the_exponential_block_is_pennylanes_special_unitary():
    import pennylane as qp

    angles = draw(5, 7, 15)
    expected = np.stack([qp.SpecialUnitary.compute_matrix(row, 2) for row in angles])
    np.testing.assert_allclose(BLOCKS["exponential"].unitary(angles).numpy(), expected, atol=1e-12)


@pytest.mark.parametrize("name", [*WITH_GATES, "exponential"])
def test_a_tensor_keeps_trace_and_is_the_definition(name):
    pauli = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
    unitary = BLOCKS[name].unitary(draw(6, BLOCKS[name].num_angles)).numpy()
    words = np.einsum("bij,ckl->bcikjl", pauli, pauli).reshape(4, 4, 4, 4)
    expected = np.einsum("aij,jk,bckl,il->abc", words[0], unitary, words, unitary.conj()).real / 4
    tensor = pauli_tensor(torch.from_numpy(unitary)).numpy()
    np.testing.assert_allclose(tensor, expected, atol=1e-12)
    np.testing.assert_allclose(tensor[0], np.eye(16)[0].reshape(4, 4), atol=1e-12)


def chain_in_autograd(message, update, centre, neighbour, edge):
    """The same contraction in plain einsum: what the hand-written gradient must equal."""
    one = torch.ones_like(centre[:, :1])
    state = torch.cat((one, centre), 1)
    for step in range(neighbour.shape[2]):
        near, far = (torch.cat((one, part[:, :, step]), 1) for part in (neighbour, edge))
        told = torch.einsum("gabc,gbs,gcs->gas", message, far, near)
        state = torch.einsum("gabc,gbs,gcs->gas", update, told, state)
    return state[:, 1:]


@pytest.mark.parametrize("k", [1, 5, 30])
def test_the_hand_written_gradient_is_autograds(k):
    leaves = [(0.1 * draw(k, 2, 2, 15)).requires_grad_()]
    leaves += [(draw(place, 2, 3, *more, 4) / 6).requires_grad_() for place, more in enumerate(((), (k,), (k,)))]
    results = []
    for run in (star_bloch, chain_in_autograd):
        value = run(*pauli_tensor(BLOCKS["cartan"].unitary(leaves[0])), *leaves[1:])
        results.append((value.detach(), *torch.autograd.grad(value.square().sum(), leaves)))
    assert all(part.abs().max() > 1e-3 for part in results[1])
    torch.testing.assert_close(results[0], results[1], atol=1e-10, rtol=0)


def test_encoding_gradient_is_autograds():
    angles = draw(9, 2, 2, 3, 4).requires_grad_()
    assert torch.autograd.gradcheck(bloch, angles)


def test_single_precision_agrees_to_single_precision():
    circuit = star_circuit(12)
    angles, inputs = draw(1, 1, circuit.num_angles), draw(2, 1, 5, circuit.num_features)
    double = values_and_gradients(expectations, circuit, angles, inputs)
    single = values_and_gradients(expectations, circuit, angles.float(), inputs.float())
    torch.testing.assert_close(tuple(part.double() for part in single), double, atol=2e-5, rtol=0)


def influence(k, spread, heads=64):
    """How much the edge of each neighbour moves the centre, [head neighbour], for random unitaries and features."""
    generator = stream(k, "influence")
    angles = torch.from_numpy(spread * generator.standard_normal((2, heads, 15)))
    shapes = (heads, 2, 1), (heads, 2, k, 1), (heads, 2, k, 1)
    qubits = [bloch(torch.from_numpy(generator.uniform(-np.pi, np.pi, shape))) for shape in shapes]
    edge = qubits[2].requires_grad_()
    centre = star_bloch(*pauli_tensor(BLOCKS["cartan"].unitary(angles)), qubits[0], qubits[1], edge)
    rows = [torch.autograd.grad(centre[:, axis].sum(), edge, retain_graph=True)[0] for axis in range(3)]
    return torch.stack(rows).square().sum((0, 2, 4)).sqrt()


def test_a_long_chain_of_generic_unitaries_forgets_its_first_neighbours():
    size = influence(79, spread=1.0)
    assert (size[:, 0] / size[:, -1]).median() < 1e-12


def test_near_the_identity_the_first_neighbours_count_as_much_as_the_last():
    size = influence(79, spread=0.1)
    assert 0.1 < (size[:, 0] / size[:, -1]).median() < 10
