"""The variational eigensolver: its state against the exact engine, its minimum against all states."""

import dimod
import numpy as np
import pytest
import torch

from qfl.backbone.runtime.pipeline.vqe import QubitVQE, state, trained
from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.exact import expectations


@pytest.mark.parametrize("qubits", [1, 2, 3, 5])
def test_the_state_is_that_of_the_exact_engine(qubits):
    angles = torch.tensor(np.random.default_rng(qubits).normal(size=(3, qubits)))
    gates = []
    for layer in range(3):
        if layer:
            gates += [Gate("CZ", (q, (q + 1) % qubits)) for q in range(qubits if qubits > 2 else qubits - 1)]
        gates += [Gate("RY", (q,), (Angle(layer * qubits + q),)) for q in range(qubits)]
    words = (*((q,) for q in range(qubits)), tuple(range(qubits)))
    told = expectations(Circuit(qubits, tuple(gates), words), angles.flatten())[0]
    bits = (np.arange(2**qubits)[:, None] >> np.arange(qubits)[::-1]) & 1
    signs = np.stack([np.prod(1 - 2 * bits[:, list(word)], axis=1) for word in words])
    assert torch.allclose(torch.tensor(signs, dtype=torch.float64) @ state(angles).square(), told, atol=1e-12)


def test_training_lowers_the_energy_to_near_the_least():
    energy = torch.tensor(np.random.default_rng(2).normal(size=64))
    angles = trained(energy, 6, 2, 120, np.random.default_rng(1))
    value = float(state(angles).square() @ energy)
    assert energy.min() - 1e-9 <= value < energy.quantile(0.1)


def test_most_small_models_are_solved_and_same_seed_same_draws():
    solved = 0
    for seed in range(8):
        draw = np.random.default_rng(seed)
        pairs = {(i, j): draw.normal() for i in range(7) for j in range(i)}
        model = dimod.BinaryQuadraticModel(dict(enumerate(draw.normal(size=7))), pairs, "BINARY")
        found = QubitVQE().sample(model, num_reads=32, seed=seed)
        solved += abs(found.first.energy - dimod.ExactSolver().sample(model).first.energy) < 1e-9
    assert solved >= 5 and QubitVQE().sample(model, num_reads=32, seed=7) == found
    with pytest.raises(ConfigError, match="15 variables and VQE takes 14"):
        QubitVQE().sample(dimod.BinaryQuadraticModel({k: 1.0 for k in range(15)}, {}, "BINARY"))
