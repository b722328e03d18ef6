"""Sums of Pauli words, sums as parameters and fixed unitaries: what they are, and what is refused.

Also covers qfl/quantum/sums.py, qfl/quantum/unitaries.py, qfl/quantum/lowering.py and qfl/quantum/pauli_values.py.
"""

from math import inf, pi

import numpy as np
import pennylane as qp
import pytest

from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations
from qfl.quantum.lowering import decomposed
from qfl.quantum.observables import PauliSum, only_z_words, pauli_action
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.quantum.sums import Sum, Term
from qfl.quantum.unitaries import check_unitary
from qfl.testing.circuits import random_unitary


@pytest.mark.parametrize("word", ["X0", "Y1", "Z2", "X0 Y1 Z2", "Y0 Y2", ""])
def test_a_word_acts_as_pennylanes_matrix(word):
    target, phase = pauli_action(word, 3)
    matrix = np.zeros((8, 8), dtype=complex)
    matrix[target, np.arange(8)] = phase
    operators = [getattr(qp, each[0])(int(each[1:])) for each in word.split()] or [qp.Identity(0)]
    np.testing.assert_allclose(matrix, qp.matrix(qp.prod(*operators), wire_order=range(3)), atol=1e-15)


@pytest.mark.parametrize(
    "gate",
    [
        Gate("U3", (0,), (0.3, -1.1, 2.0)),
        Gate("CY", (1, 0)),
        Gate("IsingXY", (0, 2), (0.7,)),
        Gate("PauliRot", (2, 0, 1), (0.7,), word="YXZ"),
        Gate("PauliRot", (2, 0), (0.7,), word="IX"),
    ],
    ids=lambda gate: f"{gate.name}{gate.word}",
)
def test_a_composed_gate_is_its_parts_up_to_a_phase(gate):
    whole = qp.matrix(pennylane_gate(gate, *gate.parameters), wire_order=range(3))
    parts = np.eye(8)
    for part in decomposed(gate):
        parts = qp.matrix(pennylane_gate(part, *part.parameters), wire_order=range(3)) @ parts
    assert abs(np.trace(whole.conj().T @ parts)) == pytest.approx(8, abs=1e-10)


def test_the_value_of_a_sum_of_words_has_its_closed_form():
    observable = PauliSum(((0.5, "X0"), (-2.0, "Z0"), (3.0, "")))
    circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), (observable,))
    value = float(expectations(circuit, np.array([0.4]))[0, 0])
    assert value == pytest.approx(0.5 * np.sin(0.4) - 2 * np.cos(0.4) + 3, abs=1e-12)


def test_periods_follow_the_weights_of_sums():
    own = (Sum((Term(0.5, (0,)),)), Sum((Term(3.0, (1,)),)), Sum((Term(1.0, (2,), (0,)),)))
    gates = tuple(Gate("RX", (0,), (parameter,)) for parameter in own)
    assert Circuit(1, gates, ((0,),), num_features=1).layout().periods == pytest.approx((4 * pi, 2 * pi / 3, inf))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: PauliSum(()), "one word or more"),
        (lambda: PauliSum(((1.0, "X0 Z0"),)), "names a wire twice"),
        (lambda: PauliSum(((1.0, "Q0"),)), "is no letter of a Pauli word"),
        (lambda: Sum(()), "one term or more"),
        (lambda: Sum((Term(1.0),)), "a constant is a number"),
        (lambda: check_unitary("QubitUnitary", [[1, 1], [0, 1]], 1), "is not the identity"),
        (lambda: check_unitary("QubitUnitary", np.eye(2), 2), "has a matrix 4 x 4"),
        (lambda: Gate("H", (0,), matrix=random_unitary(np.random.default_rng(0), 1)), "has a matrix of its own"),
        (lambda: Gate("PauliRot", (0, 1), (0.1,), word="X"), "has the word 'X'"),
        (lambda: Circuit(1, (), (PauliSum(((1.0, "X3"),)),)), "do not fit 1 qubits"),
    ],
)
def test_what_is_none_is_refused(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_who_takes_words_of_z_alone_says_so():
    assert only_z_words(((0,), (0, 1)), "a cut circuit") == ((0,), (0, 1))
    with pytest.raises(ConfigError, match="a cut circuit takes words of Z, not 1 X0"):
        only_z_words((PauliSum(((1.0, "X0"),)),), "a cut circuit")


def test_a_feature_with_a_shift_is_two_gates():
    gate = Gate("RX", (0,), (Sum((Term(2.0, features=(0,)),), 0.3),))
    circuit = Circuit(1, (gate,), ((0,),), num_features=1)
    plain = Circuit(1, (Gate("RX", (0,), (Feature(0, 2.0),)), Gate("RX", (0,), (0.3,))), ((0,),), num_features=1)
    one, other = (float(expectations(own, np.zeros(0), np.array([[0.7]]))[0, 0]) for own in (circuit, plain))
    assert one == pytest.approx(other, abs=1e-12)
