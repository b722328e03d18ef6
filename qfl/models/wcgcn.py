r"""WCGCN: the classical graph network of Shen et al. for D2D powers, on the complete interference graph.

With features f of a link and e of an edge (`qfl.models.features`), and a state h that begins at 0, each of the
layers sets

.. math::
    m_{ij} = \mathrm{MLP}_1(f_j, h_j, e_{ij}), \quad
    h_i \leftarrow \mathrm{MLP}_2(f_i, h_i, \max_{j \ne i} m_{ij}), \quad p_i = p_{\max} \sigma(h_i)

with the last entry of h for the power. Unlike the published code, gains enter as logarithms (linear ones, standardised,
lose all but the strongest links), the state is wider than the power alone, and layers have weights of their own: each
makes the baseline stronger.

Reference:
    Shen, Shi, Zhang and Letaief, 2021, IEEE J. Sel. Areas Commun. 39(1), "Graph neural networks for scalable radio
    resource management: architecture design and theoretical analysis", section V, Eq. (27) ff.
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
class Wcgcn:
    """The network, with the same interface as `qfl.models.sqm_gnn.SqmGnn`.

    Args:
        layers: Rounds of message passing.
        width: Units of a message and of hidden layers.
        state: Entries of h.
        features: Constants that standardise the gains.

    Example:
        >>> len(Wcgcn().layout)
        11952
    """

    layers: int = 3
    width: int = 32
    state: int = 16
    features: Features = ITU_1411
    shapes: Shapes = field(init=False, repr=False, compare=False)
    layout: AngleLayout = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        check_least(layers=(self.layers, 1), width=(self.width, 1), state=(self.state, 1))
        object.__setattr__(self, "shapes", self._shapes())
        object.__setattr__(self, "layout", weight_layout(self.shapes))

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return He-uniform hidden and Glorot-uniform output weights, and zero biases."""
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
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.

        Raises:
            DataError: If a gain is zero, negative or not finite, or there is one link only.
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
        own = self.features.node_values(snr, alpha).movedim(0, -1).to(angles.dtype)
        edges = torch.stack(self.features.edge_values(snr), -1).to(angles.dtype)
        itself = torch.eye(snr.shape[-1], dtype=torch.bool)[..., None]
        state = own.new_zeros(*own.shape[:-1], self.state)
        for layer in range(self.layers):
            node = torch.cat((own, state), -1)
            # client sample rx tx width
            message = _linear(parts, f"{layer}.sender", node).unsqueeze(-3) + _linear(parts, f"{layer}.edge", edges)
            message = _linear(parts, f"{layer}.message", message.relu()).relu()
            heard = message.masked_fill(itself, 0.0).amax(-2)
            hidden = _linear(parts, f"{layer}.node", torch.cat((node, heard), -1)).relu()
            state = _linear(parts, f"{layer}.state", hidden)
        return state[..., -1].sigmoid()

    def _shapes(self) -> Shapes:
        node, width = len(self.features.node) + self.state, self.width
        shapes: dict[str, tuple[int, ...]] = {}
        for layer in range(self.layers):
            for name, wide, narrow in (
                ("sender", node, width),
                ("edge", len(self.features.edge), width),
                ("message", width, width),
                ("node", node + width, width),
                ("state", width, self.state),
            ):
                shapes |= {f"{layer}.{name}.weight": (narrow, wide), f"{layer}.{name}.bias": (narrow,)}
        return shapes


def _linear(parts: dict[str, Tensor], name: str, values: Float[Tensor, "client *place in"]) -> Tensor:
    weight, bias = parts[f"{name}.weight"], parts[f"{name}.bias"]
    return torch.baddbmm(bias.unsqueeze(1), values.flatten(1, -2), weight.mT).unflatten(1, values.shape[1:-1])


def _initial(seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    if name.endswith("bias"):
        return np.zeros(shape)
    return (glorot_uniform if ".state." in name else he_uniform)(seed, name, shape)
