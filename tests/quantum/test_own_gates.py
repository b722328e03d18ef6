"""An ansatz and an encoding of the user's own become the circuit that the library would make, or a sentence.

Also covers qfl/quantum/ansatze.py.
"""

import sys
from itertools import count
from math import pi
from types import ModuleType

import pytest

from qfl.errors import ConfigError
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle, Feature, Gate
from qfl.quantum.own_gates import circuit_of


def encoding(qubits, num_features):
    for wire in range(num_features):
        yield Gate("RX", (wire,), (Feature(wire, pi),))


def ansatz(qubits, layers, name="CNOT"):
    angles = map(Angle, count())
    for _ in range(layers):
        yield from [Gate("RY", (wire,), (next(angles),)) for wire in range(qubits)]
        yield from [Gate(name, (wire, (wire + 1) % qubits)) for wire in range(qubits)]


def reuploading(qubits, layers, num_features, scale=1.0):
    for layer in range(layers):
        yield Gate("RX", (layer % qubits,), (Feature(layer % num_features, scale),))
        yield Gate("RY", (layer % qubits,), (Angle(layer),))


def empty(qubits, layers):
    return []


def number(qubits, layers):
    return 3


def words(qubits, layers):
    yield "RX"


def wide(qubits, layers):
    yield Gate("RX", (qubits,), (Angle(0),))


def gap(qubits, layers):
    yield Gate("RX", (0,), (Angle(0),))
    yield Gate("RX", (0,), (Angle(2),))


def untrained(qubits, layers):
    yield Gate("H", (0,))


def broken(qubits, layers):
    yield Gate("RX", (0,), (Angle(0),))
    raise KeyError("lost")


def unknown(qubits, layers):
    yield Gate("RW", (0,), (Angle(0),))


def feature(qubits, layers):
    yield Gate("RX", (0,), (Feature(9),))


def training(qubits):
    yield Gate("RX", (0,), (Angle(0),))


@pytest.fixture(autouse=True)
def module(monkeypatch):
    """This file under a name that a run file could give."""
    thesis = ModuleType("thesis")
    vars(thesis).update({name: thing for name, thing in globals().items() if not name.startswith("_")})
    monkeypatch.setitem(sys.modules, "thesis", thesis)


@pytest.mark.parametrize(
    ("one", "other"),
    [("angle", "thesis:ansatz"), ("thesis:encoding", "real_ring"), ("thesis:encoding", "thesis:ansatz")],
)
def test_ones_own_functions_give_the_circuit_of_the_library(one, other):
    assert circuit_of(one, other, 3, 4, 3, 5) == classifier("angle", "real_ring", 3, 4, 3, 5)


def test_settings_of_ones_own_reach_the_function_that_takes_them():
    circuit = circuit_of("thesis:encoding", "thesis:ansatz", 3, 1, 3, 3, {"name": "CZ"})
    assert {gate.name for gate in circuit.gates} == {"RX", "RY", "CZ"}


def test_an_ansatz_may_upload_features():
    circuit = circuit_of("amplitude", "thesis:reuploading", 2, 3, 4, 2, {"scale": 0.5})
    assert circuit.amplitudes and circuit.gates[0].parameters == (Feature(0, 0.5),) and circuit.num_angles == 3


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ("angle", "thesis:empty", "model.ansatz: empty yields no gate"),
        ("angle", "thesis:number", "model.ansatz: number gives int; yield gates"),
        ("angle", "thesis:words", "words yields str, which is no gate"),
        ("angle", "thesis:wide", r"wide puts gate 0 \(RX\) on wire 3; the wires are 0 to 2"),
        ("angle", "thesis:gap", "gap uses angle 2, but no gate uses angle 1"),
        ("angle", "thesis:untrained", "untrained trains nothing"),
        ("angle", "thesis:broken", "broken raised KeyError: 'lost'"),
        ("angle", "thesis:unknown", "unknown raised ValueError: unknown gate 'RW'"),
        ("angle", "thesis:feature", r"reads feature 9 in gate 0 \(RX\); a sample has 3"),
        ("thesis:training", "real_ring", "turns a gate by an angle; train angles in model.ansatz"),
        ("reupload", "thesis:ansatz", "goes with our ansatze"),
        ("angle", "thesis:nowhere", "no 'nowhere'"),
    ],
)
def test_a_function_that_makes_no_circuit_is_one_sentence(one, other, says):
    with pytest.raises(ConfigError, match=says):
        circuit_of(one, other, 3, 2, 3, 3)


def test_more_than_twenty_qubits_and_unknown_settings_are_refused():
    with pytest.raises(ConfigError, match="would have 21; give 20 or fewer"):
        circuit_of("angle", "thesis:ansatz", 21, 1, 3, 3)
    with pytest.raises(ConfigError, match=r"model.my.nome is no setting of ansatz; did you mean 'name'"):
        circuit_of("angle", "thesis:ansatz", 3, 1, 3, 3, {"nome": "CZ"})
