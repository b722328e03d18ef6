"""Dimensions of dynamical Lie algebras: known ones, PennyLane's closure, and the article's circuits.

Also covers qfl/quantum/algebra.py.
"""

import numpy as np
import pytest

from qfl.models.cloud_edge.plus import pair_circuit
from qfl.models.cloud_edge.printed import cloud_circuit, edge_circuit
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import GATES, Angle, Circuit, Gate
from qfl.quantum.expressivity import closure, generators, lie_dimension
from qfl.testing.dense import gate_matrix


def circuit(num_qubits, *gates):
    """Return a circuit of (name, wires) with an angle for each that takes one."""
    made, angle = [], 0
    for name, *wires in gates:
        free = name.startswith(("R", "Ising"))
        made.append(Gate(name, tuple(wires), (Angle(angle),) if free else ()))
        angle += free
    return Circuit(num_qubits, tuple(made), ((0,),))


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_known_algebras(n):
    chain = [("IsingXX", w, w + 1) for w in range(n - 1)]
    fields = [("RZ", w) for w in range(n)]
    assert lie_dimension(circuit(n, *fields)) == n  # u(1)^n
    assert lie_dimension(circuit(n, *fields, *[("RX", w) for w in range(n)])) == 3 * n  # su(2)^n
    assert lie_dimension(circuit(n, *chain, *fields)) == n * (2 * n - 1)  # free fermions, so(2n)
    everything = [*chain, *fields, *[("RX", w) for w in range(n)]]
    assert lie_dimension(circuit(n, *everything)) == 4**n - 1  # su(2^n)


@pytest.mark.parametrize("n", [2, 3])
def test_real_circuits_stay_orthogonal(n):
    """RY and CNOT are real: at most so(2^n), dimension 2^(n-1) (2^n - 1)."""
    size = 2**n
    assert lie_dimension(classifier("amplitude", "real_ring", n, 6, size, 1)) == size * (size - 1) // 2


def test_closure_equals_pennylanes():
    import pennylane as qp

    letters = {(0, 0): "I", (1, 0): "X", (1, 1): "Y", (0, 1): "Z"}

    def word(own, n):
        axes = {w: letters[own[0] >> w & 1, own[1] >> w & 1] for w in range(n)}
        return qp.pauli.PauliWord({w: axis for w, axis in axes.items() if axis != "I"})

    rng = np.random.default_rng(2)
    for _ in range(4):
        own = {(int(x), int(z)) for x, z in rng.integers(0, 8, (4, 2)) if x or z}
        found = qp.lie_closure([qp.pauli.PauliSentence({word(one, 3): 1.0}) for one in own], pauli=True)
        assert len(closure(own)) == len(found)


def test_fixed_gates_turn_the_words():
    """C^dagger P C as matrices, for every Clifford gate in front of a rotation."""
    x, y, z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    single = {"H": (x + z) / 2**0.5, "S": np.diag([1, 1j]), "SX": (np.eye(2) * (1 + 1j) + x * (1 - 1j)) / 2, "Y": y}
    cz, cnot, swap = np.diag([1, 1, 1, -1]), np.eye(4)[[0, 1, 3, 2]], np.eye(4)[[0, 2, 1, 3]]
    paulis = {(0, 0): np.eye(2), (1, 0): x, (1, 1): y, (0, 1): z}

    def matrix(word):
        return np.kron(*(paulis[word[0] >> w & 1, word[1] >> w & 1] for w in (0, 1)))

    clifford = {name: np.kron(own, np.eye(2)) for name, own in single.items()} | {"CZ": cz, "CNOT": cnot, "SWAP": swap}
    for name, own in clifford.items():
        wires = (0, 1) if name in ("CZ", "CNOT", "SWAP") else (0,)
        for axis, turn in (
            ("IsingXX", "XX"),
            ("IsingYY", "YY"),
            ("IsingZZ", "ZZ"),
            ("RX", "X"),
            ("RY", "Y"),
            ("RZ", "Z"),
        ):
            on = (0, 1) if len(turn) == 2 else (1,)
            (found,) = generators(circuit(2, (name, *wires), (axis, *on)))
            (plain,) = generators(circuit(2, (axis, *on)))
            expected = own.conj().T @ matrix(plain) @ own
            assert np.isclose(abs(np.trace(expected @ matrix(found))), 4), (name, axis)


def test_the_articles_circuits():
    """The printed cloud has su(2) for each access point, however its gates are read and counted; ours is universal."""
    cloud = cloud_circuit(4, 3, num_layers=2)
    assert lie_dimension(cloud, entanglers=False) == 3 * 4 + 4
    assert lie_dimension(cloud) == 3 * 4 + 4  # the controlled gates come last
    assert (
        lie_dimension(cloud_circuit(4, 3, 2, order="time")) == 3 * 4 + 4
    )  # or behind all R_Z, which they commute with
    assert lie_dimension(pair_circuit(3, 2, 2)) == 4**3 - 1


def test_shared_angles_and_other_gates_are_refused():
    with pytest.raises(ValueError, match="several gates share"):
        lie_dimension(edge_circuit(3, 2))
    with pytest.raises(ValueError, match="neither a Pauli rotation nor a Clifford gate"):
        lie_dimension(circuit(2, ("T", 0)))


def one(*gates, qubits=1):
    return lie_dimension(Circuit(qubits, gates, ((0,),)))


def test_rotations_by_a_constant_angle_turn_what_follows():
    first, last = Gate("RZ", (0,), (Angle(0),)), Gate("RZ", (0,), (Angle(1),))
    for angle, dimension in ((0.0, 1), (0.3, 3), (np.pi / 2, 3), (np.pi, 1), (-2 * np.pi, 1), (1e-4, 3)):
        assert one(first, Gate("RX", (0,), (angle,)), last) == dimension, angle
    assert one(first, Gate("RZ", (0,), (0.3,)), last) == 1
    assert one(Gate("RX", (0,), (0.3,)), first, last) == 1  # the same for both
    assert one(Gate("Rot", (0,), (Angle(0), 0.0, 0.0))) == 1
    assert one(Gate("Rot", (0,), (Angle(0), 0.3, Angle(1)))) == 3
    assert one(Gate("Rot", (0,), (0.3, 0.4, 0.5))) == 0


@pytest.mark.parametrize("seed", range(8))
def test_partly_trained_circuits_have_the_rank_of_their_tangents(seed):
    """Independent: the circuit is repeated with many random angles; its tangents span what the algebra spans."""
    rng, n, gates, angle = np.random.default_rng(seed), 2, [], 0
    for _ in range(5):
        name = str(rng.choice(["RX", "RY", "RZ", "Rot", "IsingXX", "IsingZZ", "H", "S", "CNOT", "CZ", "PhaseShift"]))
        wires = tuple(int(w) for w in rng.permutation(n)[: GATES[name][0]])
        parameters = []
        for _ in range(GATES[name][1]):
            free = rng.random() < 0.5
            parameters.append(Angle(angle) if free else float(rng.choice([0.3, 1.1, np.pi / 2])))
            angle += free
        gates.append(Gate(name, wires, tuple(parameters)))
    own = Circuit(n, tuple(gates), ((0,),))
    assert lie_dimension(own) == tangent_rank(own, rng)


def tangent_rank(circuit, rng):
    """Return the rank of U^dagger dU over a circuit of many repetitions, traceless parts; derivatives by differences.

    Every repetition is followed by the inverse of the one at angles zero, so that fixed gates generate nothing.
    """
    n, num_angles = circuit.num_qubits, circuit.num_angles

    def unitary(angles):
        matrix = np.eye(2**n, dtype=complex)
        for gate in circuit.gates:
            matrix = gate_matrix(circuit, gate, angles, np.zeros(0)) @ matrix
        return matrix

    zero, rows, path = unitary(np.zeros(num_angles)).conj().T, [], np.eye(2**n)
    for _ in range(12):
        angles = rng.uniform(-3, 3, num_angles)
        step = zero @ unitary(angles)
        for index in range(num_angles):
            move = 1e-5 * np.eye(num_angles)[index]
            slope = zero @ (unitary(angles + move) - unitary(angles - move)) / 2e-5
            tangent = path.conj().T @ step.conj().T @ slope @ path
            tangent = tangent - np.trace(tangent) / 2**n * np.eye(2**n)
            rows.append(np.concatenate((tangent.real.ravel(), tangent.imag.ravel())))
        path = step @ path
    return int(np.linalg.matrix_rank(np.array(rows), tol=1e-5)) if rows else 0


def test_constant_angles_on_many_qubits_are_refused_where_they_mix():
    gates = [Gate("RX", (w,), (0.3,)) for w in range(7)]
    trained = [Gate("RZ", (w,), (Angle(w),)) for w in range(7)]
    with pytest.raises(ValueError, match="mix the Pauli words of 7 qubits"):
        one(*gates, *trained, qubits=7)
    assert one(*[Gate("RX", (w,), (np.pi / 2,)) for w in range(7)], *trained, qubits=7) == 7
