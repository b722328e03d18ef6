r"""A graph convolutional network for D2D powers: the plainest classical baseline.

With node states H and an adjacency A of interfering gains in decades, scaled to rows of sum 1,

.. math:: H \leftarrow \mathrm{ReLU}(H W_0 + A H W_1 + A^T H W_2 + b), \quad p = p_{\max} \sigma(H w + c)

Edges are numbers that average, not features that are transformed: what it lacks beside WCGCN. Both directions are there
because interference has a direction.

Reference:
    Kipf and Welling, 2017, "Semi-supervised classification with graph convolutional networks", Eq. (2), with a weight
    of its own for the node itself and for each direction.
"""

from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout, pack
from qfl.arrays import checked
from qfl.models.features import ITU_1411, Features
from qfl.models.stars import check_gain
from qfl.models.weights import Shapes, check_least, glorot_uniform, he_uniform, split_weights, weight_layout


@dataclass(frozen=True)
class Gcn:
    """The network, with the same interface as `qfl.models.sqm_gnn.SqmGnn`.

    Args:
        layers: Graph convolutions.
        width: Units of each.
        features: Constants that standardise the gains.

    Example:
        >>> len(Gcn().layout)
        25217
    """

    layers: int = 3
    width: int = 64
    features: Features = ITU_1411
    shapes: Shapes = field(init=False, repr=False, compare=False)
    layout: AngleLayout = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        check_least(layers=(self.layers, 1), width=(self.width, 1))
        object.__setattr__(self, "shapes", self._shapes())
        object.__setattr__(self, "layout", weight_layout(self.shapes))

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return He-uniform convolutions, Glorot-uniform output weights and zero biases."""
        return pack([_initial(seed, name, shape) for name, shape in self.shapes.items()])

    @checked(free="angles gain", least="alpha", same="rx tx link", mixed=True)
    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample link"] | None = None,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts; a pure function.

        Args:
            angles: The network's weights, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
        """
        snr = gain * (pmax_w / noise_w)
        check_gain(snr)
        if angles.ndim == 2:
            return self._powers(angles, snr, alpha) * pmax_w
        one = None if alpha is None else alpha[None]
        return self._powers(angles[None], snr[None], one)[0] * pmax_w

    def _powers(
        self,
        angles: Float[Tensor, "client angle"],
        snr: Float[Tensor, "client sample rx tx"],
        alpha: Float[Tensor, "client sample link"] | None,
    ) -> Float[Tensor, "client sample link"]:
        parts = dict(zip(self.shapes, split_weights(angles, self.shapes), strict=True))
        other = snr.log10().clamp(min=0.0)  # interference below the noise is no edge
        other = other - torch.diag_embed(other.diagonal(dim1=-2, dim2=-1))
        heard, caused = (_rows_of_one(edges).to(angles.dtype) for edges in (other, other.mT))
        # client sample link feature
        state = self.features.node_values(snr, alpha).movedim(0, -1).to(angles.dtype)
        for layer in range(self.layers):
            mixed = torch.cat((state, heard @ state, caused @ state), -1)
            state = _linear(parts, f"layer.{layer}", mixed).relu()
        return _linear(parts, "output", state)[..., 0].sigmoid()

    def _shapes(self) -> Shapes:
        shapes: dict[str, tuple[int, ...]] = {}
        wide = len(self.features.node)
        for layer in range(self.layers):
            shapes |= {f"layer.{layer}.weight": (self.width, 3 * wide), f"layer.{layer}.bias": (self.width,)}
            wide = self.width
        return shapes | {"output.weight": (1, wide), "output.bias": (1,)}


def _rows_of_one(edges: Float[Tensor, "*sample rx tx"]) -> Float[Tensor, "*sample rx tx"]:
    return edges / edges.sum(-1, keepdim=True).clamp(min=1e-9)


def _linear(parts: dict[str, Tensor], name: str, values: Float[Tensor, "client *place in"]) -> Tensor:
    weight, bias = parts[f"{name}.weight"], parts[f"{name}.bias"]
    return torch.baddbmm(bias.unsqueeze(1), values.flatten(1, -2), weight.mT).unflatten(1, values.shape[1:-1])


def _initial(seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    if name.endswith("bias"):
        return np.zeros(shape)
    return (glorot_uniform if name.startswith("output") else he_uniform)(seed, name, shape)
