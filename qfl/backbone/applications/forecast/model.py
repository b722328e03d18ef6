r"""The forecasting circuit as a model of the federation: what it tells of a window is a regression's output.

The window is uploaded again in every layer, by :math:`RY(s x)` of two values on each of four qubits where it has eight,
between trained RY and RZ rotations and a ring of CZ; Z of every qubit is read through a trained linear layer,

.. math:: f(x) = \sum_q w_q \langle Z_q \rangle_\theta(s x) + b,

and the angles, w, b and s are one flat vector.

Reference:
    Perez-Salinas et al., Data re-uploading for a universal quantum classifier, Quantum 4, 226 (2020).
"""

from math import inf

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.errors import ConfigError
from qfl.models.weights import require_entries, require_features
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations
from qfl.seeds import stream

QUBITS, LAYERS = 4, 3


class CircuitForecaster:
    """A circuit with a linear readout behind the `Model` interface.

    Args:
        num_features: Values of a window.
        num_labels: Numbers that are told, 1.

    Raises:
        ConfigError: If there is another number of them.

    Example:
        >>> len(CircuitForecaster(8).layout)
        34
    """

    def __init__(self, num_features: int, num_labels: int = 1):
        if num_labels != 1:
            raise ConfigError(f"the forecaster tells one number, not {num_labels}; give one target")
        self.circuit, self.num_features = forecast_circuit(num_features), num_features
        own = self.circuit.layout()
        rest = (*(f"weight.{q}" for q in range(QUBITS)), "bias", "scale")
        self.layout = AngleLayout((*own.names, *rest), (*own.periods, *[inf] * len(rest)), own.rotations)

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return small angles, a readout of zeros, and the scale 1."""
        angles = stream(seed, "forecast", "vqc").uniform(-0.3, 0.3, self.circuit.num_angles)
        return np.concatenate([angles, np.zeros(QUBITS + 1), [1.0]])

    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return what is told of every window.

        Args:
            angles: The model's entries.
            inputs: Windows.
        """
        require_entries(angles, len(self.layout))
        require_features(inputs, self.num_features)
        turns, weights, bias, scale = angles.split((self.circuit.num_angles, QUBITS, 1, 1), dim=-1)
        values = expectations(self.circuit, turns, scale[..., None, :] * inputs.to(angles.dtype))
        return values @ weights[..., None] + bias[..., None, :]


def forecast_circuit(length: int) -> Circuit:
    """Return the circuit for windows of some length: value k is uploaded on qubit k modulo 4."""
    gates: list[Gate] = []
    for layer in range(LAYERS):
        gates += [Gate("RY", (k % QUBITS,), (Feature(k),)) for k in range(length)]
        first = 2 * QUBITS * layer
        gates += [Gate("RY", (w,), (Angle(first + w),)) for w in range(QUBITS)]
        gates += [Gate("RZ", (w,), (Angle(first + QUBITS + w),)) for w in range(QUBITS)]
        gates += [Gate("CZ", (w, (w + 1) % QUBITS)) for w in range(QUBITS)]
    last = 2 * QUBITS * LAYERS
    gates += [Gate("RY", (w,), (Angle(last + w),)) for w in range(QUBITS)]
    return Circuit(QUBITS, tuple(gates), tuple((w,) for w in range(QUBITS)), num_features=length)
