"""Random circuits with numbers, and a sampler of shots."""

from itertools import product

import numpy as np
import pytest

from qfl.backbone.runtime.cutting.pieces import bind
from qfl.backbone.runtime.cutting.reconstruct import exactly
from qfl.quantum.circuit import Circuit
from qfl.testing.circuits import random_circuit


def bound_circuit(seed, qubits=4, gates=12):
    rng = np.random.default_rng(seed)
    circuit = random_circuit(rng, qubits, gates)
    return bind(circuit, rng.uniform(-3, 3, circuit.num_angles), rng.uniform(-1, 1, circuit.num_features))


def probabilities(circuit):
    """The distribution of all wires, from the expectation values of all Z words."""
    bits = np.array(list(product((0, 1), repeat=circuit.num_qubits)))
    words = tuple(tuple(np.flatnonzero(row).tolist()) for row in bits[1:])
    values = np.concatenate([[1], exactly(Circuit(circuit.num_qubits, circuit.gates, words))])
    return ((-1.0) ** (bits @ bits.T) @ values) / len(bits)


@pytest.fixture
def shots():
    """From a number of shots to a run that draws them."""
    rng = np.random.default_rng(7)

    def of(count):
        def run(circuit):
            chances = np.clip(probabilities(circuit), 0, None)
            seen = rng.multinomial(count, chances / chances.sum()) / count
            bits = np.array(list(product((0, 1), repeat=circuit.num_qubits)))
            return np.array([(-1.0) ** bits[:, list(word)].sum(axis=1) @ seen for word in circuit.observables])

        return run

    return of
