"""Matrices of gates are PennyLane's, and block matrices are Kronecker products of products."""

from functools import reduce

import numpy as np
import pennylane as qp
import pytest
import torch

from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.matrices import CONSTANT, block_matrices, constant_matrix, plan_matrices, rotation
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.quantum.program import compile_circuit

VALUES = torch.tensor([[0.3, -1.2, 2.5], [4.0, 0.0, -0.7]], dtype=torch.float64)


@pytest.mark.parametrize("name", CONSTANT)
def test_constants_are_pennylanes(name):
    operator = qp.Identity(0) if name == "I" else pennylane_gate(Gate(name, (0,)))
    np.testing.assert_allclose(CONSTANT[name], qp.matrix(operator), atol=1e-15)


@pytest.mark.parametrize("name", ["RX", "RY", "RZ", "PhaseShift", "Rot"])
def test_rotations_are_pennylanes_for_many_angles_at_once(name):
    given = VALUES.T if name == "Rot" else VALUES[None, :, 0]
    made = rotation(name, *given)
    for row in range(2):
        expected = qp.matrix(getattr(qp, name)(*(float(value) for value in given[:, row]), wires=0))
        np.testing.assert_allclose(made[row].numpy(), expected, atol=1e-14)


def test_a_gate_of_numbers_is_a_constant():
    np.testing.assert_allclose(constant_matrix(Gate("RX", (0,), (0.4,))), qp.matrix(qp.RX(0.4, 0)), atol=1e-14)


def test_a_trained_angle_that_is_none_is_refused():
    from qfl.quantum.matrices import _index

    with pytest.raises(TypeError, match=r"expected a trained angle, not 0.5"):
        _index(0.5)


@pytest.mark.parametrize("num_qubits", [1, 2, 3])
def test_a_block_is_the_product_of_its_wires_gates(num_qubits):
    """Two gates on each wire, then a ring that cuts the block: the first matrices are their Kronecker product."""
    gates = [Gate("RY", (w,), (Angle(2 * w),)) for w in range(num_qubits)]
    gates += [Gate("RX", (w,), (Angle(2 * w + 1),)) for w in range(num_qubits)]
    circuit = Circuit(num_qubits, tuple(gates), ((0,),), num_features=2**num_qubits, amplitudes=True)
    angles = torch.linspace(-2, 3, 2 * 2 * num_qubits, dtype=torch.float64).view(2, -1)
    (size,), blocks = zip(
        *block_matrices(plan_matrices(compile_circuit(circuit)), angles, real=False).items(), strict=True
    )
    for client in range(2):
        wires = [
            qp.matrix(qp.RX(float(angles[client, 2 * w + 1]), 0)) @ qp.matrix(qp.RY(float(angles[client, 2 * w]), 0))
            for w in range(num_qubits)
        ]
        assert blocks[0].shape == (2, 1, 2**num_qubits, 2**num_qubits) and size == num_qubits
        np.testing.assert_allclose(blocks[0][client, 0].numpy(), reduce(np.kron, wires), atol=1e-13)
