"""Circuits as data: what is refused, what the layout says, and that PennyLane agrees on names and periods."""

from math import inf

import numpy as np
import pennylane as qml
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.angles import FOUR_PI, TWO_PI
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate, z_words

PENNYLANE = {"H": "Hadamard", "X": "PauliX", "Y": "PauliY", "Z": "PauliZ"}


def pennylane_gate(name: str):
    if name.startswith("Adjoint("):
        return qml.adjoint(getattr(qml, name[8:-1]))
    return getattr(qml, PENNYLANE.get(name, name))


def matrix(name: str, values: list[float]) -> np.ndarray:
    return qml.matrix(pennylane_gate(name)(*values, wires=list(range(GATES[name][0]))))


@pytest.mark.parametrize("name", GATES)
def test_pennylane_has_the_gate_with_as_many_wires_and_parameters(name):
    wires, parameters, period = GATES[name]
    gate = pennylane_gate(name)(*[0.1] * parameters, wires=list(range(wires)))
    assert len(gate.wires) == wires
    assert gate.num_params == parameters
    assert (period == inf) == (parameters == 0)


def acts_alike(one: np.ndarray, two: np.ndarray) -> bool:
    """Say whether two unitaries give the same expectation values: they are equal up to a global phase."""
    return bool(np.isclose(abs(np.trace(one.conj().T @ two)), len(one)))


@pytest.mark.parametrize("name", [name for name, (_, parameters, _) in GATES.items() if parameters])
def test_the_period_is_the_smallest_shift_that_no_expectation_value_sees(name):
    _, parameters, period = GATES[name]
    rng = np.random.default_rng(1)
    values = list(rng.uniform(-3, 3, parameters))
    for place in range(parameters):
        for shift, unseen in ((period, True), (period / 2, False), (period / 3, False)):
            moved = [value + shift * (i == place) for i, value in enumerate(values)]
            assert acts_alike(matrix(name, values), matrix(name, moved)) == unseen


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("RW", (0,)), "unknown gate 'RW'; known are H, X"),
        (("CNOT", (0,)), "CNOT acts on 2 distinct wires"),
        (("CNOT", (1, 1)), "CNOT acts on 2 distinct wires"),
        (("RX", (0,)), "RX takes 1 parameters, not 0"),
        (("H", (0,), (0.1,)), "H takes 0 parameters, not 1"),
    ],
)
def test_an_impossible_gate_is_refused(arguments, says):
    with pytest.raises(ValueError, match=says):
        Gate(*arguments)


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda: Circuit(1, (Gate("CNOT", (0, 1)),), ((0,),)), r"wires \[0, 1\] do not fit 1 qubits"),
        (lambda: Circuit(2, (), ((2,),)), r"wires \[2\] do not fit 2 qubits"),
        (lambda: Circuit(2, (), ((0,),), amplitudes=True, num_features=5), "5 features do not fit the 4 amplitudes"),
        (lambda: Circuit(1, (Gate("RX", (0,), (Feature(2),)),), ((0,),), num_features=2), "feature 2 is used"),
        (lambda: Circuit(1, (Gate("RX", (0,), (Angle(1),)),), ((0,),)), "without a gap"),
    ],
)
def test_an_impossible_circuit_is_refused(build, says):
    with pytest.raises(ValueError, match=says):
        build()


def test_the_layout_reads_periods_and_rotations_off_the_gates():
    circuit = Circuit(
        2,
        (
            Gate("RY", (0,), (Angle(0),)),
            Gate("CRZ", (0, 1), (Angle(1),)),
            Gate("Rot", (1,), (Angle(2), Angle(3), Angle(4))),
            Gate("Rot", (0,), (Angle(5), 0.5, Angle(6))),
        ),
        ((0,),),
    )
    layout = circuit.layout()
    assert circuit.num_angles == len(layout) == layout.num_angles == 7
    assert layout.periods == (TWO_PI, FOUR_PI, TWO_PI, TWO_PI, TWO_PI, TWO_PI, TWO_PI)
    assert layout.rotations == ((2, 3, 4),)
    assert layout.names[:3] == ("0.RY.0.0", "1.CRZ.0-1.0", "2.Rot.1.0")


def test_an_angle_shared_by_several_gates_takes_the_longest_period():
    gates = (Gate("CRX", (0, 1), (Angle(0),)), Gate("RX", (0,), (Angle(0),)))
    assert Circuit(2, gates, ((0,),)).layout().periods == (FOUR_PI,)
    assert Circuit(2, gates[::-1], ((0,),)).layout().periods == (FOUR_PI,)


def test_given_names_are_kept():
    assert Circuit(1, (Gate("RX", (0,), (Angle(0),)),), ((0,),), names=("tilt",)).layout().names == ("tilt",)


def test_a_circuit_without_angles_has_an_empty_layout():
    assert len(Circuit(1, (Gate("H", (0,)),), ((0,),)).layout()) == 0


@given(st.integers(1, 8))
def test_the_z_words_are_all_words_of_weight_one_and_two_nearest_first(qubits):
    total = qubits + qubits * (qubits - 1) // 2
    words = z_words(qubits, total)
    assert len(set(words)) == total
    assert words[:qubits] == tuple((wire,) for wire in range(qubits))
    gaps = [min(b - a, qubits - b + a) for a, b in words[qubits:]]
    assert gaps == sorted(gaps) and all(a < b for a, b in words[qubits:])
    assert z_words(qubits, 1) == words[:1]


def test_more_words_than_there_are_is_refused():
    with pytest.raises(ValueError, match="2 qubits have 3 Z and ZZ words, 4 were asked for; add qubits"):
        z_words(2, 4)
