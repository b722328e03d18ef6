r"""Encoders: what gives each message its symbols, from one flat vector of trained numbers.

The circuit uploads the bits by :math:`RY(\pm\pi/2)` before each of its layers of trained RZ and RY and a ring of CNOTs
whose reach grows; the seven symbols are Z of each of the four qubits and ZZ of three pairs of neighbours.

Reference:
    O'Shea and Hoydis, An introduction to deep learning for the physical layer, IEEE Trans. Cogn. Commun. Netw. 3, 563
    (2017), Section III.A, whose encoder of one-hot messages is the table here; the circuit is ours, after Perez-Salinas
    et al., Data re-uploading for a universal quantum classifier, Quantum 4, 226 (2020).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.backbone.applications.autoencoder.codebooks import BITS, MESSAGES, USES, every_message
from qfl.errors import ConfigError
from qfl.models.mlp import make_mlp
from qfl.models.weights import weight_layout
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations
from qfl.seeds import stream

LAYERS, HIDDEN, WIDE = 8, 6, 16
"""Of the circuit, and units of the perceptrons: 64, 79 and 199 trained numbers."""
MOST_LAYERS = 64


@runtime_checkable
class Encoder(Protocol):
    """What gives every message its symbols, before they are scaled."""

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of its trained numbers."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return where they start."""
        ...

    def symbols(self, angles: Float[Tensor, "*client angle"]) -> Float[Tensor, "*client message use"]:
        """Return the symbols of every message."""
        ...


class CircuitEncoder:
    """A circuit of four qubits, whose expectation values are the symbols.

    Args:
        layers: Trained layers, of eight angles each.

    Raises:
        ConfigError: If the layers are none or too many.
    """

    def __init__(self, layers: int = LAYERS):
        if not 1 <= layers <= MOST_LAYERS:
            raise ConfigError(f"layers is {layers}; give 1 to {MOST_LAYERS} layers of the encoder's circuit")
        self.circuit = encoder_circuit(layers)
        self.layout = self.circuit.layout()

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return angles uniform within a quarter turn of zero."""
        return stream(seed, "autoencoder", "circuit").uniform(-pi / 2, pi / 2, self.circuit.num_angles)

    def symbols(self, angles: Float[Tensor, "*client angle"]) -> Float[Tensor, "*client message use"]:
        """Return the expectation values of every message."""
        spins = torch.from_numpy(2 * every_message() - 1).to(angles.dtype)
        return expectations(self.circuit, angles, spins.expand(*angles.shape[:-1], MESSAGES, BITS))


class PerceptronEncoder:
    """A perceptron of one hidden layer, from the four bits to the symbols.

    Args:
        hidden: Its hidden units.
    """

    def __init__(self, hidden: int = HIDDEN):
        self.network = make_mlp(BITS, USES, hidden, "tanh")
        self.layout = self.network.layout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return its initial weights."""
        return self.network.initial(seed)

    def symbols(self, angles: Float[Tensor, "*client angle"]) -> Float[Tensor, "*client message use"]:
        """Return its outputs for every message."""
        spins = torch.from_numpy(2 * every_message() - 1).to(angles.dtype)
        return self.network.logits(angles, spins.expand(*angles.shape[:-1], MESSAGES, BITS))


class TableEncoder:
    """Every symbol of every message as a number of its own."""

    def __init__(self):
        self.layout = weight_layout({"symbol": (MESSAGES, USES)})

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return normally distributed symbols."""
        return stream(seed, "autoencoder", "table").normal(size=MESSAGES * USES)

    def symbols(self, angles: Float[Tensor, "*client angle"]) -> Float[Tensor, "*client message use"]:
        """Return the table."""
        return angles.unflatten(-1, (MESSAGES, USES))


@dataclass(frozen=True)
class EncoderSpec:
    """An encoder.

    Args:
        title: Its name for people.
        make: What makes it.
        quantum: Whether a quantum computer would run it.
    """

    title: str
    make: Callable[[], Encoder]
    quantum: bool = False


ENCODERS: dict[str, EncoderSpec] = {
    "circuit": EncoderSpec("circuit of 4 qubits", CircuitEncoder, quantum=True),
    "perceptron": EncoderSpec("perceptron", PerceptronEncoder),
    "wide": EncoderSpec("wide perceptron", lambda: PerceptronEncoder(WIDE)),
    "table": EncoderSpec("table of symbols", TableEncoder),
}


def encoder_circuit(layers: int) -> Circuit:
    """Return the circuit whose features are the four bits as -1 and 1, and whose seven observables are the symbols.

    Args:
        layers: Trained layers.
    """
    gates: list[Gate] = []
    for layer in range(layers):
        first = 2 * BITS * layer
        gates += [Gate("RY", (w,), (Feature(w, pi / 2),)) for w in range(BITS)]
        for w in range(BITS):
            gates += [Gate("RZ", (w,), (Angle(first + 2 * w),)), Gate("RY", (w,), (Angle(first + 2 * w + 1),))]
        gates += [Gate("CNOT", (w, (w + 1 + layer % (BITS - 1)) % BITS)) for w in range(BITS)]
    words = (*((w,) for w in range(BITS)), *((w, w + 1) for w in range(BITS - 1)))
    return Circuit(BITS, tuple(gates), words, num_features=BITS)
