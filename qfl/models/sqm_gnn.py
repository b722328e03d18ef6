"""SQM-GNN: message passing by star circuits, one per D2D pair, layer and head, and a small readout to transmit powers.

A node is a transmitter-receiver pair, an edge its interference with another pair. In every layer each node is the
centre of a star of k neighbours (`qfl.models.stars`), a circuit of 2k + 1 qubits (`qfl.quantum.star`):

    node qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = V [embedding, node features] + shift
    edge qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = W [edge features] + shift
    embedding    <X>, <Y>, <Z> of the centre, of every head; the next layer encodes it again
    readout      p = p_max sigmoid(perceptron [embeddings of all layers, node features])

The unitaries' angles and the shifts are the angles; V, W and the readout are classical weights, counted apart. Nothing
depends on the number of links. The paper prints neither gates, heads, layers nor readout. Unlike its text, the encoding
is scaled by trained weights (the authors' public code has perceptrons there), the centre is measured in X, Y and Z, and
the readout sees all layers.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section III, Fig. 2.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, pi, sqrt
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout, pack
from qfl.models.features import ITU_1411, Features
from qfl.models.star_layer import Execute, exact
from qfl.models.stars import SAMPLING, canonical, check_gain, clip_neighbours, strongest
from qfl.models.weights import Shapes, he_uniform, split_weights, weight_layout
from qfl.quantum.two_qubit import BLOCKS
from qfl.seeds import stream


class Stars(NamedTuple):
    """What a model reads of channels, with stars = sample x link on the last axis.

    Args:
        node: Features of every link.
        edge: Features of every link with each of its neighbours, the strongest last.
        index: Place of each neighbour on the star axis; past its end for an average link that stands in for none.

    The last two have a leading layer axis where every layer has neighbours of its own.
    """

    node: Float[Tensor, "client feature star"]
    edge: Float[Tensor, "*layer client feature neighbour star"]
    index: Int[Tensor, "*layer client neighbour star"]


@dataclass(frozen=True)
class SqmGnn:
    """The model; make one with its settings, all of which have defaults.

    Args:
        layers: Quantum graph convolution layers L.
        heads: Star circuits per node and layer, each with unitaries of its own.
        k: Neighbours of a star; 0 takes all.
        sampling: Which neighbours: ``strongest``, ``random`` (drawn per layer by the caller), ``all``.
        message: Form of U_MSG, a key of `qfl.quantum.two_qubit.BLOCKS`.
        update: Form of U_UPD.
        hidden: Units of the readout's hidden layers.
        features: Node and edge features with their constants.
        spread: Standard deviation of the unitaries' initial angles, in radians.

    Example:
        >>> model = SqmGnn()
        >>> len(model.layout), model.layout.num_angles
        (5361, 816)
    """

    layers: int = 3
    heads: int = 8
    k: int = 12
    sampling: str = "strongest"
    message: str = "cartan"
    update: str = "cartan"
    hidden: tuple[int, ...] = (32, 32)
    features: Features = ITU_1411
    spread: float = 0.3
    shapes: Shapes = field(init=False, repr=False, compare=False)
    layout: AngleLayout = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        if self.sampling not in SAMPLING:
            raise ValueError(f"sampling = {self.sampling!r}: expected one of {', '.join(SAMPLING)}")
        object.__setattr__(self, "shapes", self._shapes())
        object.__setattr__(self, "layout", self._layout())

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return initial entries: unitaries near the identity, a random encoding, Glorot and He weights in the readout.

        Near the identity a star keeps its centre, so that a long chain does not forget its first neighbours.
        """
        return pack([self._initial(seed, name, shape) for name, shape in self.shapes.items()])

    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample link"] | None = None,
        k: int | None = None,
        chosen: Int[Tensor, "*client layer sample rx neighbour"] | None = None,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts; a pure function.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
            k: Neighbours of a star, if not the model's own number; 0 takes all.
            chosen: The neighbours of every star (``sampling = "random"``), as of `qfl.models.stars.random_neighbours`.

        Raises:
            DataError: If a gain is zero, negative or not finite, or there is one link only.
        """
        if angles.ndim == 1:
            one = [None if part is None else part[None] for part in (alpha, chosen)]
            return self.powers(
                angles[None], gain[None], noise_w=noise_w, pmax_w=pmax_w, alpha=one[0], k=k, chosen=one[1]
            )[0]
        stars = self.stars(gain * (pmax_w / noise_w), alpha, k, chosen)
        return self.outputs(angles, stars).unflatten(-1, gain.shape[1:3]) * pmax_w

    def stars(
        self,
        snr: Float[Tensor, "client sample rx tx"],
        alpha: Float[Tensor, "client sample link"] | None = None,
        k: int | None = None,
        chosen: Int[Tensor, "client layer sample rx neighbour"] | None = None,
    ) -> Stars:
        """Return features and neighbours of every star, from gains over noise at full power."""
        check_gain(snr)
        node = self.features.node_values(snr, alpha).flatten(2).transpose(0, 1)
        pairs = self.features.edge_values(snr)
        if self.sampling != "random":
            wanted = 0 if self.sampling == "all" else self.k if k is None else k
            k = clip_neighbours(wanted, snr.shape[-1])
            edge, index = _star_edges(pairs, strongest(snr, k))
            return Stars(node, *_stand_ins(edge, index, max(0, wanted - k)))
        if chosen is None:
            raise ValueError('sampling = "random" needs the neighbours of every star: give chosen')
        parts = [_star_edges(pairs, canonical(snr, chosen[:, layer])) for layer in range(self.layers)]
        edge, index = (torch.stack(part) for part in zip(*parts, strict=True))
        return Stars(node, edge, index)

    def outputs(
        self, angles: Float[Tensor, "client angle"], stars: Stars, execute: Execute = exact
    ) -> Float[Tensor, "client star"]:
        """Return powers in [0, 1] of every star's centre; how circuits run is up to ``execute``."""
        parts = dict(zip(self.shapes, split_weights(angles, self.shapes), strict=True))
        run = execute(self.message, self.update, parts["message"], parts["update"])
        inputs, embeddings = stars.node, []
        for layer in range(self.layers):
            edges, index = (stars.edge, stars.index) if stars.index.ndim == 3 else (s[layer] for s in stars[1:])
            node = parts[f"node.{layer}"] @ torch.nn.functional.pad(inputs, (0, 1)) + parts["node.shift"][
                :, layer
            ].unsqueeze(-1)
            edge = parts["edge"][:, layer] @ edges.flatten(2) + parts["edge.shift"][:, layer].unsqueeze(-1)
            node, edge = (part.unflatten(1, (self.heads, 2)) for part in (node, edge.unflatten(-1, index.shape[1:])))
            embeddings.append(run(layer, node, edge, index).flatten(1, 2))
            inputs = torch.cat((embeddings[-1], stars.node), 1)
        return self._readout(parts, torch.cat((*embeddings, stars.node), 1)).sigmoid()

    def _readout(self, parts: dict[str, Tensor], values: Tensor) -> Float[Tensor, "client star"]:
        for layer in range(len(self.hidden) + 1):
            values = parts[f"readout.{layer}.weight"] @ values + parts[f"readout.{layer}.bias"].unsqueeze(-1)
            values = torch.nn.functional.silu(values) if layer < len(self.hidden) else values
        return values.squeeze(1)

    def _shapes(self) -> Shapes:
        units, embedding = (self.layers, self.heads), 3 * self.heads
        num_node, num_edge = len(self.features.node), len(self.features.edge)
        shapes = {
            "message": (*units, BLOCKS[self.message].num_angles),
            "update": (*units, BLOCKS[self.update].num_angles),
            "node.shift": (self.layers, 2 * self.heads),
            "edge.shift": (self.layers, 2 * self.heads),
            "node.0": (2 * self.heads, num_node),
        }
        for layer in range(1, self.layers):
            shapes[f"node.{layer}"] = (2 * self.heads, embedding + num_node)
        shapes["edge"] = (self.layers, 2 * self.heads, num_edge)
        widths = (self.layers * embedding + num_node, *self.hidden, 1)
        for layer, (wide, narrow) in enumerate(pairwise(widths)):
            shapes |= {f"readout.{layer}.weight": (narrow, wide), f"readout.{layer}.bias": (narrow,)}
        return shapes

    def _layout(self) -> AngleLayout:
        names = weight_layout(self.shapes).names
        periods: list[float] = []
        rotations: list[tuple[int, int, int]] = []
        for form in (self.message, self.update):
            block = BLOCKS[form].layout()
            for _ in range(self.layers * self.heads):
                first = len(periods)
                rotations += [(first + a, first + b, first + c) for a, b, c in block.rotations]
                periods += block.periods
        periods += [TWO_PI] * (4 * self.layers * self.heads)
        return AngleLayout(names, (*periods, *[inf] * (len(names) - len(periods))), tuple(rotations))

    def _initial(self, seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
        generator = stream(seed, "initial", name)
        if name in ("message", "update"):
            return self.spread * generator.standard_normal(shape)
        if name.endswith("shift"):
            return generator.uniform(-pi, pi, shape)
        if name.endswith("bias"):
            return np.zeros(shape)
        if name.startswith("readout"):
            return he_uniform(seed, name, shape)
        return generator.standard_normal(shape) / sqrt(shape[-1])


def _star_edges(pairs: list[Tensor], chosen: Int[Tensor, "client sample link neighbour"]) -> tuple[Tensor, Tensor]:
    """Return the edge features of every star, and its neighbours' places on the star axis."""
    samples, links = chosen.shape[1:3]
    first = torch.arange(samples, device=chosen.device)[:, None, None] * links
    # [client sample link neighbour] -> [client neighbour star]
    edge = torch.stack([values.gather(-1, chosen).flatten(1, 2).mT for values in pairs], 1)
    return edge, (chosen + first).flatten(1, 2).mT.contiguous()


def _stand_ins(edge: Tensor, index: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return stars with that many more neighbours, first in the chain: average links, past the end of the star axis.

    A chain of k updates has learned its length, so that a shorter one would be another function.
    """
    edge = torch.nn.functional.pad(edge, (0, 0, count, 0))
    return edge, torch.nn.functional.pad(index, (0, 0, count, 0), value=index.shape[-1])
