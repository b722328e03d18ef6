"""A model of one's own: a small circuit that takes in the sample again before every layer."""

import numpy as np
from torch import Tensor

from qfl import AngleLayout, Circuit, Gate, expectations, stream
from qfl.quantum.circuit import Angle, Feature


class Reuploading:
    """One qubit for each feature; each layer encodes the sample, turns every qubit, and entangles neighbours.

    ``[model.my] layers = 3`` in a run file sets an argument that qfl does not give.

    Args:
        num_features: Length of a sample; qfl gives it.
        num_labels: Number of classes, at most as many as features; qfl gives it.
        layers: How often the sample is encoded.
        scale: From expectation values in [-1, 1] to logits.
    """

    layout: AngleLayout  # names and periods of what travels

    def __init__(self, num_features: int, num_labels: int, layers: int = 2, scale: float = 4.0):
        wires, gates = range(num_features), []
        for layer in range(layers):
            gates += [Gate("RX", (wire,), (Feature(wire),)) for wire in wires]
            gates += [Gate("RY", (wire,), (Angle(2 * (layer * num_features + wire)),)) for wire in wires]
            gates += [Gate("RZ", (wire,), (Angle(2 * (layer * num_features + wire) + 1),)) for wire in wires]
            gates += [Gate("CNOT", (wire, (wire + 1) % num_features)) for wire in wires]
        observables = tuple((wire,) for wire in range(num_labels))
        self.circuit = Circuit(num_features, tuple(gates), observables, num_features=num_features)
        self.layout = self.circuit.layout()
        self.scale = scale

    def initial(self, seed: int) -> np.ndarray:
        """Return the angles that the federation starts from."""
        return stream(seed, "initial").uniform(-0.5, 0.5, len(self.layout))

    def logits(self, angles: Tensor, inputs: Tensor) -> Tensor:
        """Return one number per label.

        Args:
            angles: [angle], or [client, angle] where many clients train at once.
            inputs: [sample, feature], or [client, sample, feature]; 0 to 1, which is half a turn.
        """
        return self.scale * expectations(self.circuit, angles, np.pi * inputs)
