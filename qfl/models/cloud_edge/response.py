r"""What turns a node's features into a few outputs: a circuit, or, to see what the circuit does, something else.

    circuit     outputs = <Z>(theta; W x)          features re-uploaded through trained weights W
    identity    outputs = W x + b                  the circuit taken out
    classical   outputs = V tanh(W x + b) + c      as many trained numbers as the circuit has with its weights

All three have the same features before and the same decoding after them.
"""

from dataclasses import dataclass
from math import inf
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.models.vqc import Execute
from qfl.models.weights import split_weights
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.seeds import stream

KINDS = ("circuit", "identity", "classical")


@runtime_checkable
class Response(Protocol):
    """Trained numbers, angles first, and what they make of features."""

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries."""
        ...

    def initial(self, seed: int, name: str) -> NDArray[np.float64]:
        """Return the entries that training starts from."""
        ...

    def outputs(
        self, entries: Float[Tensor, "*client entry"], features: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample output"]:
        """Return the outputs of each sample; client k's entries meet client k's samples."""
        ...


@dataclass(frozen=True)
class CircuitResponse:
    """A circuit whose inputs are trained sums of the features.

    The weights start normal with variance 1 / (4 num_features), the angles normal with standard deviation 0.1: near
    zero, where a plateau is not (`qfl.models.cloud_edge.plus` has entangling gates that are the identity there).

    Args:
        circuit: Its features are the rows of W.
        num_features: Length of x.
        execute: The exact engine, or a PennyLane device.
    """

    circuit: Circuit
    num_features: int
    execute: Execute = expectations

    @property
    def layout(self) -> AngleLayout:
        """The circuit's angles, then W row by row."""
        own, rows = self.circuit.layout(), self.circuit.num_features
        weights = tuple(f"weight.{row}.{column}" for row in range(rows) for column in range(self.num_features))
        return AngleLayout((*own.names, *weights), (*own.periods, *[inf] * len(weights)))

    def initial(self, seed: int, name: str) -> NDArray[np.float64]:
        """Return small angles and weights."""
        generator, rows = stream(seed, "initial", name), self.circuit.num_features
        angles = generator.normal(0, 0.1, self.circuit.num_angles)
        return np.concatenate([angles, generator.normal(0, 0.5 / self.num_features**0.5, rows * self.num_features)])

    def outputs(
        self, entries: Float[Tensor, "*client entry"], features: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample output"]:
        """Return the circuit's expectation values."""
        angles, weights = entries.split([self.circuit.num_angles, self.circuit.num_features * self.num_features], -1)
        weights = weights.unflatten(-1, (self.circuit.num_features, self.num_features))
        return self.execute(self.circuit, angles, features @ weights.mT)


@dataclass(frozen=True)
class ClassicalResponse:
    """A linear map, or a layer of tanh units and a linear map.

    Args:
        num_features: Length of x.
        num_outputs: Outputs.
        hidden: tanh units; 0 is the linear map alone.
    """

    num_features: int
    num_outputs: int
    hidden: int = 0

    @property
    def _shapes(self) -> dict[str, tuple[int, ...]]:
        last = {
            "output.weight": (self.num_outputs, self.hidden or self.num_features),
            "output.bias": (self.num_outputs,),
        }
        first = {"hidden.weight": (self.hidden, self.num_features), "hidden.bias": (self.hidden,)}
        return (first if self.hidden else {}) | last

    @property
    def layout(self) -> AngleLayout:
        """No angles."""
        names = [f"{name}.{i}" for name, shape in self._shapes.items() for i in range(int(np.prod(shape)))]
        return AngleLayout(tuple(names), (inf,) * len(names))

    def initial(self, seed: int, name: str) -> NDArray[np.float64]:
        """Return normal weights of variance 1 / fan-in, and zero biases."""
        generator = stream(seed, "initial", name)
        parts = [
            generator.normal(0, shape[1] ** -0.5, shape).ravel() if len(shape) == 2 else np.zeros(shape)
            for shape in self._shapes.values()
        ]
        return np.concatenate(parts)

    def outputs(
        self, entries: Float[Tensor, "*client entry"], features: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample output"]:
        """Return the layer's outputs."""
        *first, weight, bias = split_weights(entries, self._shapes)
        hidden = torch.tanh(features @ first[0].mT + first[1][..., None, :]) if first else features
        return hidden @ weight.mT + bias[..., None, :]


def respond(kind: str, circuit: Circuit, num_features: int, execute: Execute = expectations) -> Response:
    """Return the circuit's response, or what stands in for it.

    Args:
        kind: ``circuit``, ``identity`` (a linear layer) or ``classical`` (with about as many entries as the
            circuit's).
        circuit: The circuit, or the one that is stood in for.
        num_features: Features of a sample.
        execute: The exact engine, or a PennyLane device.

    Raises:
        ValueError: If the kind is unknown.

    Example:
        >>> from qfl.models.cloud_edge.plus import pair_circuit
        >>> [len(respond(kind, pair_circuit(4, 2, 4), 8).layout) for kind in KINDS]
        [152, 36, 147]
    """
    num_outputs = len(circuit.observables)
    if kind == "circuit":
        return CircuitResponse(circuit, num_features, execute)
    if kind == "identity":
        return ClassicalResponse(num_features, num_outputs)
    if kind == "classical":
        size = circuit.num_angles + circuit.num_features * num_features
        hidden = max(1, round((size - num_outputs) / (num_features + 1 + num_outputs)))
        return ClassicalResponse(num_features, num_outputs, hidden)
    raise ValueError(f"{kind!r} is no response; known are {', '.join(KINDS)}")
