"""The opening state is the product of what the gates of each wire make of |0>, here by 2 x 2 matrices in NumPy."""

from functools import reduce

import numpy as np
import pytest
import torch

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.openings import openings
from qfl.quantum.program import compile_circuit

PAULI = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.diag([1, -1]),
}
FIXED = {"H": np.array([[1, 1], [1, -1]]) / 2**0.5, "S": np.diag([1, 1j]), **PAULI}
CHAINS = [
    [("H",), ("RY", Feature(0)), ("RZ", Feature(1))],  # an encoding, on three wires in three orders of features
    [("H",), ("RY", Feature(2, 0.5)), ("RZ", Feature(0, -2.0))],
    [("S",), ("RX", Angle(0)), ("Y",)],
    [("RY", 0.7), ("RZ", Angle(1)), ("PhaseShift", Feature(1)), ("RX", 0.2)],
    [("RY", Angle(2))],
    [],
    [("H",), ("RY", Feature(1)), ("RZ", Feature(2))],
    [("Rot", Angle(0), Feature(2), 0.4)],
]
REAL = [[("RY", Angle(0))], [("X",), ("RY", Angle(1))], [("RY", Angle(2))]]


def circuit(chains):
    gates = tuple(Gate(name, (wire,), tuple(values)) for wire, chain in enumerate(chains) for name, *values in chain)
    used = {value.index for gate in gates for value in gate.parameters if isinstance(value, Angle)}
    closing = (Gate("CZ", (0, len(chains) - 1)), *(Gate("RX", (0,), (Angle(angle),)) for angle in {0, 1, 2} - used))
    return Circuit(len(chains), gates + closing, ((0,),), num_features=3)


def dense(name, *values):
    if name in FIXED:
        return FIXED[name]
    if name == "Rot":
        return dense("RZ", values[2]) @ dense("RY", values[1]) @ dense("RZ", values[0])
    if name == "PhaseShift":
        return np.diag([1, np.exp(1j * values[0])])
    return np.cos(values[0] / 2) * np.eye(2) - 1j * np.sin(values[0] / 2) * PAULI[name[1]]


def value(parameter, angles, features):
    if isinstance(parameter, Angle):
        return angles[parameter.index]
    return features[parameter.index] * parameter.scale if isinstance(parameter, Feature) else parameter


def expected(chains, angles, features):
    wires = [
        reduce(
            lambda state, gate: dense(gate[0], *(value(p, angles, features) for p in gate[1:])) @ state, chain, start
        )
        for chain, start in ((chain, np.array([1, 0])) for chain in chains)
    ]
    return reduce(np.kron, wires)


@pytest.mark.parametrize("chains", [CHAINS, CHAINS[:2], CHAINS[2:5], REAL], ids=["all", "two", "few", "real"])
def test_the_product_of_both_halves_is_that_of_all_wires(chains):
    angles = torch.tensor([[0.3, -1.2, 2.0], [1.0, 0.4, -0.7]], dtype=torch.float64)
    features = torch.linspace(-2, 2, 24, dtype=torch.float64).reshape(2, 4, 3)
    program = compile_circuit(circuit(chains))
    halves = openings(program, angles, features, torch.float64 if program.real else torch.complex128)
    for client in range(2):
        for sample in range(4):
            found = reduce(np.kron, [half[client, :, sample].numpy() for half in halves])
            own = expected(chains, angles[client].numpy(), features[client, sample].numpy())
            np.testing.assert_allclose(found, own, atol=1e-14)


def test_slopes_of_features_and_angles_are_those_of_finite_differences():
    program = compile_circuit(circuit(CHAINS))
    angles = torch.tensor([[0.3, -1.2, 2.0]], dtype=torch.float64, requires_grad=True)
    features = torch.tensor([[[0.5, -0.1, 0.9], [1.5, 0.2, -0.4]]], dtype=torch.float64, requires_grad=True)

    def state(angles, features):
        return torch.cat(
            [torch.view_as_real(half).flatten() for half in openings(program, angles, features, torch.cdouble)]
        )

    assert torch.autograd.gradcheck(state, (angles, features))
