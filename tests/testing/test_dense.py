"""The slow simulator is itself measured: gate by gate against PennyLane's matrices, and with its noise."""

import numpy as np
import pennylane as qp
import pytest

from qfl.quantum.circuit import GATES, Circuit, Gate
from qfl.quantum.noise import NoiseModel
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.testing.dense import dense_expectations, gate_matrix


@pytest.mark.parametrize("name", GATES)
def test_every_gate_on_any_wires_is_pennylanes(name):
    num_wires, num_parameters, _ = GATES[name]
    wires, values = (2, 0, 1)[:num_wires], (0.7, -1.1, 2.3)[:num_parameters]
    circuit = Circuit(3, (Gate(name, wires, values),), ((0,),))
    expected = qp.matrix(pennylane_gate(circuit.gates[0], *values), wire_order=range(3))
    np.testing.assert_allclose(gate_matrix(circuit, circuit.gates[0], np.zeros(0), np.zeros(0)), expected, atol=1e-14)


def test_noise_shrinks_as_its_formulas_say():
    circuit = Circuit(2, (Gate("X", (0,)),), ((0,), (0, 1)))
    noisy = dense_expectations(circuit, np.zeros(0), np.zeros((1, 0)), NoiseModel(depolarising=0.03, readout=0.1))
    single = -(1 - 4 * 0.03 / 3) * (1 - 2 * 0.1)
    np.testing.assert_allclose(noisy, [[single, single * (1 - 2 * 0.1)]], atol=1e-14)
