"""Circuits are drawn to the letter as PennyLane draws them, whatever their gates, wires and widths."""

import numpy as np
import pennylane as qp
import pytest
from pennylane.drawer import tape_text

from qfl.quantum.circuit import GATES, Gate
from qfl.quantum.circuit_text import circuit_text
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.testing.circuits import random_circuit


def theirs(gates, num_qubits, prepared, width, symbol):
    wires = range(num_qubits)
    start = [qp.BasisState([0] * num_qubits, wires=wires)] if prepared else []
    tape = qp.tape.QuantumScript([*start, *(pennylane_gate(gate, *map(symbol, gate.parameters)) for gate in gates)])
    text = tape_text(tape, wire_order=wires, show_all_wires=True, decimals=3, max_length=width)
    return [line.rstrip() for line in text.splitlines()]


def assert_alike(*drawing):
    assert [line.rstrip() for line in circuit_text(*drawing).splitlines()] == theirs(*drawing)


@pytest.mark.parametrize("seed", range(20))
def test_random_circuits_of_all_gates(seed):
    rng = np.random.default_rng(seed)
    num_qubits = int(rng.choice([1, 2, 3, 4, 12]))
    circuit = random_circuit(rng, num_qubits, int(rng.integers(0, 60)), wide=num_qubits < 5)  # matrices of 16 x 16
    gates = [gate for gate in circuit.gates if gate.name != "PauliRot"]  # PennyLane draws these with numbers only
    names = iter(f"p{number}" for number in range(1000))
    known = {}
    for prepared, width in ((False, 100), (True, 60)):
        assert_alike(
            gates, num_qubits, prepared, width, lambda parameter: known.setdefault(repr(parameter), next(names))
        )


@pytest.mark.parametrize("name", GATES)
def test_every_gate_on_wires_that_are_apart_and_turned_round(name):
    num_wires, num_parameters, _ = GATES[name]
    gates = [Gate(name, wires[:num_wires], (0.25,) * num_parameters) for wires in ((0, 2, 5), (4, 1, 3))]
    assert_alike(gates, 6, False, 100, lambda value: f"{value:.3f}")


def test_words_of_paulis_as_pennylane_draws_their_numbers():
    gates = [
        Gate("PauliRot", (0, 2), (0.25,), "XY"),
        Gate("PauliRot", (1,), (-1.5,), "Z"),
        Gate("MultiRZ", (2, 0), (1,)),
    ]
    text = circuit_text(gates, 3, False, 100, lambda value: f"{value:.3f}")
    tape = qp.tape.QuantumScript([pennylane_gate(gate, *gate.parameters) for gate in gates])
    assert text == tape_text(tape, wire_order=range(3), show_all_wires=True, decimals=3).rstrip(" ").replace("┤  ", "┤")


def test_equal_matrices_have_one_number_and_stand_below():
    root = 0.5**0.5
    matrices = [((root, root), (root, -root)), ((0, 1), (1, 0)), ((root, root), (root, -root))]
    assert_alike([Gate("QubitUnitary", (0,), (), "", matrix) for matrix in matrices], 2, False, 100, str)
    assert_alike([], 2, False, 100, str)
