"""The variational quantum classifier: a circuit's expectation values are the logits, up to a scale.

    logits = exp(s) <O(theta)> + b,     <O> in [-1, 1]^labels

In its pure form only the circuit's angles are trained and travel (``head = "scale"``: s is fixed, b is zero). On
request s travels as one more entry, and b as one per label; neither is an angle, and both are counted apart.
In a regression the outputs are the predicted targets, standardised (`qfl.data.targets`).

Reference:
    Schuld, Bocharov, Svore and Wiebe, "Circuit-centric quantum classifiers", 2018, arXiv:1804.00633, for amplitudes as
    inputs and expectation values as outputs; Perez-Salinas et al., "Data re-uploading for a universal quantum
    classifier", 2020, arXiv:1907.02085, for ``reupload``. The scale is ours.
"""

from collections.abc import Callable, Mapping
from copy import copy
from math import inf, log
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout
from qfl.arrays import checked
from qfl.config import ModelSettings
from qfl.config.private import unfold
from qfl.errors import ConfigError
from qfl.models.weights import require_entries
from qfl.quantum.ansatze import ANSATZE
from qfl.quantum.circuit import Circuit
from qfl.quantum.exact import expectations
from qfl.quantum.own_gates import circuit_of
from qfl.seeds import stream

Execute = Callable[[Circuit, Tensor, Tensor], Tensor]


class Vqc:
    """A quantum classifier behind the `Model` interface.

    Args:
        settings: Encoding, ansatz, qubits, layers and head.
        num_features: Length of a sample.
        num_labels: Number of classes.
        execute: How expectation values are computed: the exact engine, or `qfl.quantum.devices` bound to a device.
        circuit: The circuit, with an observable for each label; None makes the one that the settings say.

    Raises:
        ConfigError: If an ansatz or encoding of the user's own does not make a circuit, or the observables are not as
            many as the labels.

    Example:
        >>> model = Vqc(ModelSettings(layers=2, head="scale-bias"), num_features=64, num_labels=10)
        >>> model.circuit.num_qubits, len(model.layout), model.layout.num_angles
        (6, 23, 12)
    """

    def __init__(
        self,
        settings: ModelSettings,
        num_features: int,
        num_labels: int,
        execute: Execute = expectations,
        circuit: Circuit | None = None,
    ):
        self.circuit = _circuit(settings, num_features, num_labels) if circuit is None else circuit
        if len(self.circuit.observables) != num_labels:
            raise ConfigError(
                f"the circuit measures {len(self.circuit.observables)} observables for {num_labels} labels; measure "
                "one for each label"
            )
        self.execute = execute
        ours = ANSATZE.get(settings.ansatz) if circuit is None else None
        self._spread = settings.spread or (ours.spread if ours else TWO_PI)
        self._scale = settings.scale
        self._num_biases = num_labels if settings.head == "scale-bias" else 0
        self._num_scales = 0 if settings.head == "scale" else 1
        self.layout = self._layout()

    def on(self, execute: Execute) -> "Vqc":
        """Return the same model, executed in another way."""
        other = copy(self)
        other.execute = execute
        return other

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

    def head(self, entries: Float[np.ndarray, " angle"]) -> tuple[float, NDArray[np.float64]]:
        """Return what logits are of expectation values: a factor, and a shift of each label.

        Example:
            >>> factor, shift = (model := Vqc(ModelSettings(layers=1), 64, 10)).head(model.initial(1))
            >>> factor, shift.tolist() == [0.0] * 10
            (10.0, True)
        """
        rest = entries[self.circuit.num_angles :].astype(np.float64)
        if not self._num_scales:
            return self._scale, np.zeros(len(self.circuit.observables))
        return float(np.exp(rest[0])), rest[1:] if self._num_biases else np.zeros(len(self.circuit.observables))

    def _layout(self) -> AngleLayout:
        own = self.circuit.layout()
        extra = ["log-scale"] * self._num_scales + [f"bias.{label}" for label in range(self._num_biases)]
        return AngleLayout((*own.names, *extra), (*own.periods, *[inf] * len(extra)), own.rotations)


def vqc_from_qnode(
    qnode: Any,
    num_features: int,
    num_labels: int,
    *,
    settings: ModelSettings | None = None,
    weight_shapes: Mapping[str, int | tuple[int, ...]] | None = None,
    execute: Execute = expectations,
) -> Vqc:
    """Return a classifier whose circuit is a user's PennyLane program: an observable for each label.

    Args:
        qnode: A QNode or quantum function; its argument ``inputs`` is the sample, all others are trained.
        num_features: Length of a sample.
        num_labels: Number of classes.
        settings: Head, scale and spread of the initial angles; the defaults of `ModelSettings` if None.
        weight_shapes: Shape of each trained argument; else defaults in the signature, or its ``weight_shapes``, say it.
        execute: How expectation values are computed.

    Raises:
        ConfigError: If the program is no circuit of ours (`qfl.quantum.pennylane_reading`), encodes nothing, trains
            nothing, or does not measure one observable for each label.

    Example:
        >>> import pennylane as qp
        >>> def program(inputs, weights):
        ...     qp.AngleEmbedding(inputs, wires=range(2))
        ...     qp.BasicEntanglerLayers(weights, wires=range(2))
        ...     return [qp.expval(qp.Z(wire)) for wire in range(2)]
        >>> vqc_from_qnode(program, 2, 2, weight_shapes={"weights": (3, 2)}).layout.num_angles
        6
    """
    from qfl.quantum.pennylane_reading import from_pennylane

    circuit = from_pennylane(qnode, weight_shapes, num_features)
    name = getattr(qnode, "__name__", type(qnode).__name__)
    if not circuit.num_angles:
        raise ConfigError(f"{name} trains nothing; give it an argument such as weights")
    if not circuit.amplitudes and not any(True for gate in circuit.gates for _ in gate.read()):
        raise ConfigError(f"{name} does not use its inputs; encode them, for example by AngleEmbedding")
    return Vqc(settings or ModelSettings(), num_features, num_labels, execute, circuit)


def _circuit(settings: ModelSettings, num_features: int, num_labels: int) -> Circuit:
    """Return the circuit that the settings say."""
    few = (num_features - 1).bit_length() if settings.encoding == "amplitude" else num_features
    return circuit_of(
        settings.encoding,
        settings.ansatz,
        settings.qubits or max(1, few),
        settings.layers,
        num_features,
        num_labels,
        unfold(settings.my),
    )
