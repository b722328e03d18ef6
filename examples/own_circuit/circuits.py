"""Circuits of one's own: an ansatz of gates, a QNode of PennyLane, and a network of torch with a circuit inside."""

from collections.abc import Iterator
from itertools import count
from math import pi

import pennylane as qp
import torch

from qfl import CircuitLayer, Gate
from qfl.quantum.ansatze import classifier
from qfl.quantum.circuit import Angle


def growing_rings(qubits: int, layers: int, entangler: str = "CNOT") -> Iterator[Gate]:
    """Yield layers of RY turns, and of gates on the ring of qubits that reach one qubit further in every layer.

    Args:
        qubits: Wires; qfl gives it.
        layers: Trained layers; qfl gives it.
        entangler: A two-qubit gate, from ``[model.my]``.
    """
    angles = map(Angle, count())
    for layer in range(layers):
        yield from (Gate("RY", (wire,), (next(angles),)) for wire in range(qubits))
        reach = 1 + layer % (qubits - 1)
        yield from (Gate(entangler, (wire, (wire + reach) % qubits)) for wire in range(qubits))


@qp.qnode(qp.device("default.qubit", wires=6))
def layers_of_pennylane(inputs, weights):
    """Return one observable per digit from 64 pixels as amplitudes, by templates of PennyLane."""
    qp.AmplitudeEmbedding(inputs, wires=range(6), normalize=True)
    qp.StronglyEntanglingLayers(weights, wires=range(6))
    return [qp.expval(qp.Z(k)) for k in range(6)] + [qp.expval(qp.Z(k) @ qp.Z(k + 1)) for k in range(4)]


layers_of_pennylane.weight_shapes = {"weights": (6, 6, 3)}  # pyright: ignore[reportAttributeAccessIssue]


class Hybrid(torch.nn.Module):
    """Pixels to angles by a linear layer, a circuit, and its expectation values to labels by another.

    Args:
        num_features: Length of a sample; qfl gives it.
        num_labels: Number of classes; qfl gives it.
        qubits: Of the circuit, from ``[model.my]``.
        layers: Of the circuit, from ``[model.my]``.
    """

    def __init__(self, num_features: int, num_labels: int, qubits: int = 4, layers: int = 2):
        super().__init__()
        self.down, self.up = torch.nn.Linear(num_features, qubits), torch.nn.Linear(qubits, num_labels)
        self.circuit = CircuitLayer(
            classifier("angle", "strongly_entangling", qubits, layers, qubits, qubits), spread=0.5
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Return [sample label] from [sample feature]."""
        return self.up(self.circuit(pi * torch.tanh(self.down(inputs))))
