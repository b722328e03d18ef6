"""OpenQASM out and in keeps every expectation value, and what is not read is a sentence.

Also covers qfl/quantum/qasm_writing.py and qfl/quantum/qasm_reading.py.
"""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, Circuit, Gate
from qfl.quantum.exact import expectations
from qfl.quantum.qasm_reading import from_qasm
from qfl.quantum.qasm_writing import to_qasm
from qfl.quantum.unitaries import check_unitary
from qfl.testing.circuits import random_circuit, random_unitary

pytest.importorskip("openqasm3")
HEAD = 'OPENQASM 3.0; include "stdgates.inc"; qubit[2] q; '


def values(circuit, angles, sample):
    return expectations(circuit, angles, sample[None])[0].numpy()


@pytest.mark.parametrize("seed", range(12))
def test_a_round_trip_keeps_values(seed):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, 3, 20, wide=True)
    gates = tuple(gate for gate in circuit.gates if gate.name != "QubitUnitary" or len(gate.wires) == 1)
    own = {index for gate in gates for index in gate.used()}
    if own != set(range(len(own))):
        gates = (*gates, *(Gate("RX", (0,), (p,)) for g in circuit.gates for p in g.parameters if g not in gates))
    circuit = Circuit(3, gates, circuit.observables, False, circuit.num_features)
    angles, sample = rng.uniform(-2, 2, circuit.num_angles), rng.uniform(-1, 1, circuit.num_features)
    expected = values(circuit, angles, sample)
    back = from_qasm(to_qasm(circuit))
    assert back.num_angles == circuit.num_angles
    np.testing.assert_allclose(values(back, angles, sample), expected, atol=1e-12)
    bound = from_qasm(to_qasm(circuit, angles, sample))
    assert (bound.num_angles, bound.num_features) == (0, 0)
    np.testing.assert_allclose(values(bound, np.zeros(0), np.zeros(0)), expected, atol=1e-12)


@pytest.mark.parametrize("name", GATES)
def test_every_gate_is_written_and_read(name):
    rng = np.random.default_rng(2)
    num_wires, num_parameters, _ = GATES[name]
    turns = tuple(Gate("Rot", (wire,), tuple(rng.uniform(-3, 3, 3).tolist())) for wire in range(3))
    gate = Gate(name, (2, 0, 1)[:num_wires], tuple(rng.uniform(-3, 3, num_parameters).tolist()))
    circuit = Circuit(3, (*turns, gate, *turns), ((0,), (1, 2), (0, 2)))
    found, expected = (values(own, np.zeros(0), np.zeros(0)) for own in (from_qasm(to_qasm(circuit)), circuit))
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    "matrix",
    [*(random_unitary(np.random.default_rng(s), 1) for s in range(4)), [[0, 1j], [1, 0]], [[1, 0], [0, -1]]],
    ids=str,
)
def test_a_unitary_of_one_qubit_is_a_gate_of_three_angles(matrix):
    turn = Gate("Rot", (0,), (0.3, 1.1, -0.4))
    own = Gate("QubitUnitary", (0,), matrix=check_unitary("QubitUnitary", matrix, 1))
    circuit = Circuit(1, (turn, own, turn), ((0,),))
    found, expected = (values(own, np.zeros(0), np.zeros(0)) for own in (from_qasm(to_qasm(circuit)), circuit))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_registers_inverses_and_arithmetic_are_read():
    circuit = from_qasm(
        HEAD + "input float a; input float x0; h q; inv @ s q[1]; inv @ rx((a - 3) / 2) q[0]; ry(a * x0 + pi) q[1];"
    )
    assert [gate.name for gate in circuit.gates] == ["H", "H", "Adjoint(S)", "RX", "RY"]
    assert circuit.gates[3].parameters[0].value([1.0], [5.0]) == 1.0
    assert circuit.gates[4].parameters[0].value([1.0], [5.0]) == 5.0 + np.pi
    assert circuit.observables == ((0,), (1,))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("OPENQASM 3.0; qubit[", "this is no OpenQASM 3"),
        (HEAD + "bit c; c = measure q[0];", "measures or resets"),
        (HEAD + "if (true) { x q[0]; }", "is a BranchingStatement, which is not read"),
        (HEAD + "frobnicate q[0];", "calls frobnicate, which is not read"),
        (HEAD + "ctrl @ x q[0], q[1];", "the modifier ctrl; only inv"),
        (HEAD + "x q[2];", "q has the qubits 0 to 1"),
        (HEAD + "x r[0];", "names the qubit 'r', which is not declared"),
        (HEAD + "rx(sin(0.2)) q[0];", "an expression that is not read"),
        (HEAD + "input float a; rx(1 / a) q[0];", "divides by an input"),
        (HEAD + "input float a; x q[0];", "no gate uses the input 'a'"),
        (HEAD + "rx q[0];", "RX takes 1 parameters"),
        (HEAD + "\n// observable: 1 Q0\n", "is no sum of Pauli words"),
        ("OPENQASM 3.0; qubit[21] q;", "has 21 qubits; give 1 to 20"),
        ('OPENQASM 3.0; include "mine.inc";', "only stdgates.inc"),
    ],
)
def test_what_is_not_read_is_one_sentence(text, says):
    with pytest.raises(ConfigError, match=says):
        from_qasm(text)


def test_what_cannot_be_written_is_one_sentence():
    with pytest.raises(ConfigError, match="its initial state is no OpenQASM"):
        to_qasm(Circuit(1, (), ((0,),), amplitudes=True, num_features=2))
    swap = Gate("QubitUnitary", (0, 1), matrix=random_unitary(np.random.default_rng(1), 2))
    with pytest.raises(ConfigError, match="no gate of OpenQASM"):
        to_qasm(Circuit(2, (swap,), ((0,),)))
    with pytest.raises(ConfigError, match="angles are given; the circuit takes 0"):
        to_qasm(Circuit(1, (), ((0,),)), [0.1])


def test_pennylane_reads_what_we_write():
    qml = pytest.importorskip("pennylane")
    circuit = Circuit(2, (Gate("RY", (0,), (0.7,)), Gate("CRZ", (0, 1), (0.4,)), Gate("CNOT", (0, 1))), ((0, 1),))
    program = qml.from_qasm3(to_qasm(circuit).replace('include "stdgates.inc";', ""))

    @qml.qnode(qml.device("default.qubit", wires=["q[0]", "q[1]"]))
    def node():
        program()
        return qml.expval(qml.Z("q[0]") @ qml.Z("q[1]"))

    np.testing.assert_allclose(node(), values(circuit, np.zeros(0), np.zeros(0))[0], atol=1e-12)
