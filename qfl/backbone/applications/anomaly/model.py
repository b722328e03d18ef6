r"""A kernel that points of presence train together: its feature map, its landmarks and its weights are one vector.

A support vector machine keeps rows of those who train it, and its kernel's table is of all pairs of them: neither can
leave a point. So the kernel's expansion is over landmarks that are trained, as in a Nystrom approximation, and the
linear map W before the feature map, which holds a bandwidth for every qubit, is trained with them:

.. math:: f(x) = \sum_l w_l \, k(W x, z_l) + b, \qquad k(a, b) = |\langle \phi(a) | \phi(b) \rangle|^2,

:math:`\phi` the feature map of `qfl.backbone.applications.anomaly.feature_map`. The Gaussian kernel has as many
numbers, and stands beside it.

Reference:
    Hubregtsen et al., Training quantum embedding kernels on near-term quantum computers, Physical Review A 106, 042431
    (2022), of which the landmarks are a departure; Williams and Seeger, Using the Nystrom method, NIPS 2000.
"""

from math import inf

import numpy as np
import torch
from jaxtyping import Complex, Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.backbone.applications.anomaly.feature_map import MOST_QUBITS
from qfl.errors import ConfigError
from qfl.models.weights import require_entries, require_features
from qfl.seeds import stream

KERNELS = ("fidelity", "gaussian")
MOST_LANDMARKS = 256
Rows = Float[Tensor, "*client row qubit"]
Landmarks = Float[Tensor, "*client landmark qubit"]


class KernelMachine:
    """A kernel expansion over trained landmarks behind the `Model` interface.

    Args:
        num_features: Of a row.
        num_labels: Numbers that are told of it.
        kernel: ``fidelity``, a quantum computer's, or ``gaussian``.
        qubits: Numbers that W makes of a row, 1 to 16.
        landmarks: 1 to 256.

    Raises:
        ConfigError: If there is no such kernel, or a number is out of range.

    Example:
        >>> len(KernelMachine(12, 2, qubits=4, landmarks=16).layout)
        146
    """

    def __init__(
        self, num_features: int, num_labels: int, kernel: str = "fidelity", qubits: int = 4, landmarks: int = 16
    ):
        ranges = {"qubits": (qubits, MOST_QUBITS), "landmarks": (landmarks, MOST_LANDMARKS)}
        faults = [f"{k} is {given}; give 1 to {most}" for k, (given, most) in ranges.items() if not 1 <= given <= most]
        if kernel not in KERNELS:
            faults.append(f"kernel {kernel[:60]!r} is none; give one of {', '.join(KERNELS)}")
        if faults:
            raise ConfigError(faults)
        self._shapes = {
            "map": (qubits, num_features),
            "landmark": (landmarks, qubits),
            "weight": (landmarks, num_labels),
            "bias": (1, num_labels),
        }
        self._kernel, self.num_features = kernel, num_features
        names = [f"{part}.{k}" for part, (rows, columns) in self._shapes.items() for k in range(rows * columns)]
        self.layout = AngleLayout(tuple(names), (inf,) * len(names))

    @property
    def num_quantum(self) -> int:
        """Numbers that set the feature map's angles: the map's and the landmarks'."""
        sizes = [int(np.prod(self._shapes[part])) for part in ("map", "landmark")]
        return sum(sizes) if self._kernel == "fidelity" else 0

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return orthogonal rows of W, a third long, landmarks as far apart as rows are then, and small weights."""
        draw = stream(seed, "kernel", "landmarks")
        parts = {part: draw.normal(size=shape) for part, shape in self._shapes.items()}
        rows, columns = parts["map"].shape
        square = np.linalg.qr(draw.normal(size=(max(rows, columns),) * 2))[0]
        parts["map"] = square[:rows, :columns] / 3
        parts["landmark"] /= 3
        parts["weight"] *= 0.1
        parts["bias"] *= 0.0
        return np.concatenate([parts[part].ravel() for part in self._shapes])

    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return the expansion's value for every row and label.

        Args:
            angles: The model's entries.
            inputs: Rows.
        """
        require_entries(angles, len(self.layout))
        require_features(inputs, self.num_features)
        parts = angles.split([rows * columns for rows, columns in self._shapes.values()], dim=-1)
        turn, landmarks, weight, bias = (
            part.unflatten(-1, shape) for part, shape in zip(parts, self._shapes.values(), strict=True)
        )
        rows = inputs.to(angles.dtype) @ turn.mT
        kernel = fidelity(rows, landmarks) if self._kernel == "fidelity" else gaussian(rows, landmarks)
        return kernel @ weight + bias


def gaussian(rows: Rows, landmarks: Landmarks) -> Float[Tensor, "*client row landmark"]:
    """Return exp(-|x - z|^2).

    Args:
        rows: Rows.
        landmarks: As wide.
    """
    return torch.exp(-(rows[..., :, None, :] - landmarks[..., None, :, :]).square().sum(-1))


def fidelity(rows: Rows, landmarks: Landmarks) -> Float[Tensor, "*client row landmark"]:
    """Return the squared overlaps of the feature map's states.

    Args:
        rows: Rows.
        landmarks: As wide.
    """
    return (states(rows).conj() @ states(landmarks).mT).abs().square()


def states(rows: Rows) -> Complex[Tensor, "*client row amplitude"]:
    """Return the feature map's state of every row, as `feature_map.states` with a bandwidth of 1, with gradients."""
    qubits = rows.shape[-1]
    bits = torch.arange(2**qubits)[None] >> torch.arange(qubits - 1, -1, -1)[:, None] & 1
    signs = 1.0 - 2.0 * bits.to(rows.dtype)
    phase = rows @ signs + (rows[..., :-1] * rows[..., 1:]) @ (signs[:-1] * signs[1:])
    turn = torch.polar(torch.ones_like(phase), -phase)
    return _hadamard(turn * _hadamard(turn) / 2 ** (qubits / 2))


def _hadamard(amplitudes: Complex[Tensor, "*client row amplitude"]) -> Complex[Tensor, "*client row amplitude"]:
    """Return H on every qubit of every state."""
    found, size = amplitudes, amplitudes.shape[-1]
    for qubit in range(size.bit_length() - 1):
        up, down = found.unflatten(-1, (size >> (qubit + 1), 2, 1 << qubit)).unbind(-2)
        found = torch.stack([up + down, up - down], -2).flatten(-3)
    return found / size**0.5
