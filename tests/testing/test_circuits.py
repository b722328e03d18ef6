"""Random circuits are made by the generator alone and reach everything a circuit can be."""

import numpy as np

from qfl.quantum.circuit import GATES, Angle, Feature
from qfl.testing.circuits import random_circuit

MANY = [random_circuit(np.random.default_rng(seed), 4, 20, amplitudes=seed % 2 == 1) for seed in range(40)]


def test_the_same_generator_gives_the_same_circuit():
    assert random_circuit(np.random.default_rng(9), 4, 20) == random_circuit(np.random.default_rng(9), 4, 20)
    assert len(set(MANY)) == len(MANY)


def test_every_gate_and_every_kind_of_parameter_comes():
    gates = [gate for circuit in MANY for gate in circuit.gates]
    assert {gate.name for gate in gates} == set(GATES)
    assert {type(parameter) for gate in gates for parameter in gate.parameters} == {Angle, Feature, float}


def test_angles_are_shared_between_gates():
    uses = [[p.index for gate in circuit.gates for p in gate.parameters if isinstance(p, Angle)] for circuit in MANY]
    assert any(len(set(indices)) < len(indices) for indices in uses)
    assert all(set(indices) == set(range(circuit.num_angles)) for indices, circuit in zip(uses, MANY, strict=True))


def test_amplitude_encoding_sometimes_leaves_room_for_padding():
    lengths = {circuit.num_features for circuit in MANY if circuit.amplitudes}
    assert max(lengths) > 8 and min(lengths) < 16


def test_words_have_every_weight():
    assert {len(word) for circuit in MANY for word in circuit.observables} == {1, 2, 3, 4}


def test_small_registers_get_only_gates_that_fit():
    circuit = random_circuit(np.random.default_rng(1), 1, 50)
    assert {GATES[gate.name][0] for gate in circuit.gates} == {1}
