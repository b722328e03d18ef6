"""What is put together equals the circuit that was not cut, whatever is cut, and PennyLane's own cut.

Also covers qfl/backbone/runtime/cutting/cuts.py.
Also covers qfl/backbone/runtime/cutting/slots.py.
Also covers qfl/backbone/runtime/cutting/pieces.py.
"""

from math import pi

import numpy as np
import pennylane as qml
import pytest

from qfl.backbone.runtime.cutting.cuts import UNCUT, GateCut, WireCut, cost, local_form
from qfl.backbone.runtime.cutting.pieces import bind, cut
from qfl.backbone.runtime.cutting.reconstruct import circuits_of, distribution, exactly, expectations, terms
from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate

from .conftest import bound_circuit, probabilities

CUTTABLE = [name for name, (wires, _, _) in GATES.items() if wires == 2 and name not in UNCUT]


@pytest.mark.parametrize("name", CUTTABLE)
def test_a_cut_gate_is_the_gate(name):
    parameters = (0.7,) * GATES[name][1]
    around = [
        Gate("RY", (0,), (0.4,)),
        Gate("RX", (1,), (1.1,)),
        Gate(name, (1, 0), parameters),
        Gate("RX", (0,), (0.9,)),
    ]
    circuit = Circuit(2, tuple(around), ((0,), (1,), (0, 1)))
    pieces = cut(circuit, [GateCut(2)])
    assert [piece.qubits for piece in pieces.pieces] == [1, 1]
    assert expectations(pieces, exactly) == pytest.approx(exactly(circuit), abs=1e-12)


@pytest.mark.parametrize(
    ("wires", "locc", "seed"), [(1, True, 1), (1, False, 2), (2, True, 3), (2, False, 1), (3, True, 1)]
)
def test_cut_wires_are_the_wires(wires, locc, seed):
    circuit = bound_circuit(seed)
    chosen = tuple(np.random.default_rng(seed).permutation(4)[:wires].tolist())
    pieces = cut(circuit, [WireCut(chosen, 5 + seed, locc)])
    assert expectations(pieces, exactly) == pytest.approx(exactly(circuit), abs=1e-10)


@pytest.mark.parametrize("seed", [0, 3])  # others take up to a minute
def test_cuts_of_all_kinds_at_once_are_the_circuit(seed):
    rng, circuit = np.random.default_rng(seed), bound_circuit(10 + seed)
    gates = [k for k, gate in enumerate(circuit.gates) if gate.name in CUTTABLE][:1]
    cuts = [*map(GateCut, gates), WireCut((int(rng.integers(4)),), 4, True), WireCut((int(rng.integers(4)),), 9, False)]
    assert expectations(cut(circuit, cuts), exactly) == pytest.approx(exactly(circuit), abs=1e-10)


def test_a_distribution_is_that_of_the_circuit():
    circuit = bound_circuit(3)
    pieces = cut(circuit, [WireCut((2,), 6)])
    assert distribution(pieces, exactly) == pytest.approx(probabilities(circuit), abs=1e-10)


def test_pennylane_s_own_cut_of_the_same_wire_gives_the_same():
    """qml.cut_circuit: the wire cut of Peng et al., another implementation."""
    gates = [
        Gate("RX", (0,), (0.5,)),
        Gate("RY", (1,), (0.9,)),
        Gate("CNOT", (0, 1)),
        Gate("CNOT", (1, 2)),
        Gate("RX", (2,), (0.3,)),
    ]
    device = qml.device("default.qubit", wires=3)

    @qml.cut_circuit
    @qml.qnode(device)
    def theirs():
        qml.RX(0.5, 0)
        qml.RY(0.9, 1)
        qml.CNOT([0, 1])
        qml.WireCut(1)
        qml.CNOT([1, 2])
        qml.RX(0.3, 2)
        return qml.expval(qml.Z(0) @ qml.Z(2))

    pieces = cut(Circuit(3, tuple(gates), ((0, 2),)), [WireCut((1,), 3, locc=False)])
    assert sorted(piece.qubits for piece in pieces.pieces) == [2, 2]
    assert expectations(pieces, exactly)[0] == pytest.approx(float(theirs()), abs=1e-6)


def test_what_is_run_is_as_many_circuits_as_the_cost_says():
    circuit = Circuit(2, (Gate("RY", (0,), (0.4,)), Gate("CZ", (0, 1)), Gate("RX", (0,), (0.4,))), ((0, 1),))
    for made, runs, products in (
        (WireCut((0,), 1), 3 + 6, None),
        (WireCut((0,), 1, locc=False), 3 + 6, 8),
        (GateCut(1), 5 + 5, 6),
    ):
        pieces = cut(circuit, [made])
        assert len(list(circuits_of(pieces))) == runs
        assert products in (None, terms(pieces))
    assert cost(circuit, GateCut(1)).first_shots == pytest.approx(9)
    assert cost(circuit, WireCut((0, 1), 1)).first_shots == 49


def test_a_weak_gate_is_cheap_to_cut():
    strong, weak = (Circuit(2, (Gate("IsingZZ", (0, 1), (t,)),), ((0,),)) for t in (pi / 2, 0.3))
    assert cost(strong, GateCut(0)).first_shots == pytest.approx(9)
    assert cost(weak, GateCut(0)).first_shots == pytest.approx((1 + 2 * np.sin(0.3)) ** 2)


def test_numbers_take_the_place_of_angles_and_features():
    circuit = Circuit(1, (Gate("Rot", (0,), (Angle(0), Feature(1, 2.0), 0.5)),), ((0,),), num_features=2)
    assert bind(circuit, [0.1], [9.0, 0.25]).gates[0].parameters == (0.1, 0.5, 0.5)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (GateCut(0), "RY on wires .0,. cannot be cut"),
        (GateCut(2), "SWAP on wires .0, 1. cannot be cut"),
        (GateCut(9), "gate 9 is to be cut, but the circuit has 3 gates"),
        (WireCut((0,), 4), "before gate 4, but the circuit has 3 gates"),
        (WireCut((0, 0), 1), "give different ones"),
        (WireCut((), 1), "give different ones"),
        (WireCut((2,), 1), "of the circuit's 2"),
    ],
)
def test_a_cut_where_nothing_can_be_cut_is_refused(made, words):
    circuit = Circuit(2, (Gate("RY", (0,), (0.4,)), Gate("CZ", (0, 1)), Gate("SWAP", (0, 1))), ((0,),))
    with pytest.raises(ConfigError, match=words):
        cut(circuit, [made])


def test_what_cannot_be_bound_or_told_is_refused():
    with pytest.raises(ConfigError, match="input is its initial state cannot be cut"):
        bind(Circuit(1, (), ((0,),), amplitudes=True, num_features=2), [], [1.0, 0.0])
    with pytest.raises(ConfigError, match="1 angles and 0 features are given; the circuit takes 0 and 0"):
        bind(Circuit(1, (), ((0,),)), [0.5])
    wide = Circuit(15, (), ((0,),))
    with pytest.raises(ConfigError, match="at most 14"):
        distribution(cut(wide, []), exactly)
    with pytest.raises(ConfigError, match="Toffoli"):
        local_form(Gate("Toffoli", (0, 1, 2)))
