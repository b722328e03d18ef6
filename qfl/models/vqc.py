"""The variational quantum classifier: a circuit's expectation values are the logits, up to a scale.

    logits = exp(s) <O(theta)> + b,     <O> in [-1, 1]^labels

In its pure form only the circuit's angles are trained and travel (``head = "scale"``: s is fixed, b is zero). On
request s travels as one more entry, and b as one per label; neither is an angle, and both are counted apart.

Reference:
    Schuld, Bocharov, Svore and Wiebe, "Circuit-centric quantum classifiers", 2018, arXiv:1804.00633, for amplitudes as
    inputs and expectation values as outputs; Perez-Salinas et al., "Data re-uploading for a universal quantum
    classifier", 2020, arXiv:1907.02085, for ``reupload``. The scale is ours.
"""

from collections.abc import Callable
from math import inf, log

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.config import ModelSettings
from qfl.models.weights import require_entries
from qfl.quantum.ansatze import ANSATZE, classifier
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.seeds import stream

Execute = Callable[[Circuit, Tensor, Tensor], Tensor]


class Vqc:
    """A quantum classifier behind the `Model` interface.

    Args:
        settings: Encoding, ansatz, qubits, layers and head.
        num_features: Length of a sample.
        num_labels: Number of classes.
        execute: How expectation values are computed: the exact engine, or `qfl.quantum.devices` bound to a device.

    Example:
        >>> model = Vqc(ModelSettings(layers=2, head="scale-bias"), num_features=64, num_labels=10)
        >>> model.circuit.num_qubits, len(model.layout), model.layout.num_angles
        (6, 23, 12)
    """

    def __init__(self, settings: ModelSettings, num_features: int, num_labels: int, execute: Execute = expectations):
        num_qubits = settings.qubits or max(
            1, (num_features - 1).bit_length() if settings.encoding == "amplitude" else num_features
        )
        self.circuit = classifier(
            settings.encoding, settings.ansatz, num_qubits, settings.layers, num_features, num_labels
        )
        self.execute = execute
        self._spread = settings.spread or ANSATZE[settings.ansatz].spread
        self._scale = settings.scale
        self._num_biases = num_labels if settings.head == "scale-bias" else 0
        self._num_scales = 0 if settings.head == "scale" else 1
        self.layout = self._layout()

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return initial entries: angles uniform around zero, the given scale, zero biases."""
        angles = stream(seed, "initial").uniform(-self._spread / 2, self._spread / 2, self.circuit.num_angles)
        return np.concatenate([angles, [log(self._scale)] * self._num_scales, [0.0] * self._num_biases])

    @checked(free="angles inputs", mixed=True)
    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one logit per label."""
        require_entries(angles, len(self.layout))
        split = self.circuit.num_angles
        values = self.execute(self.circuit, angles[..., :split], inputs)
        if not self._num_scales:
            return values * self._scale
        values = values * angles[..., split, None, None].exp()
        return values + angles[..., None, split + 1 :] if self._num_biases else values

    def _layout(self) -> AngleLayout:
        own = self.circuit.layout()
        extra = ["log-scale"] * self._num_scales + [f"bias.{label}" for label in range(self._num_biases)]
        return AngleLayout((*own.names, *extra), (*own.periods, *[inf] * len(extra)), own.rotations)
