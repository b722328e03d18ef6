"""SQM-GNN: message passing by star circuits, one per D2D pair, layer and head, and a small readout to transmit powers.

A node is a transmitter-receiver pair, an edge its interference with another pair. In every layer each node is the
centre of a star of k neighbours (`qfl.models.stars`), a circuit of 2k + 1 qubits (`qfl.quantum.star`):

    node qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = V [direct, embedding] + shift      (direct feature of the link)
    edge qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = W [from, to] + shift               (both directions of the gain)
    embedding    <X>, <Y>, <Z> of the centre, of every head; the next layer encodes it again
    readout      p = p_max sigmoid(MLP[direct, embedding])

The unitaries' angles and the shifts are the angles; V, W and the readout are classical weights, counted apart. Nothing
depends on the number of links. Unlike the paper, which prints neither gates, heads nor layers, the encoding is scaled
by trained weights (the authors' public code puts perceptrons there), and the centre is measured in X, Y and Z.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section III, Fig. 2.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf, pi, prod
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout, pack
from qfl.models.features import ITU_1411, Features
from qfl.models.stars import SAMPLING, canonical, check_gain, clip_neighbours, strongest
from qfl.models.weights import Shapes, glorot_uniform, he_uniform, split_weights, weight_layout
from qfl.quantum.star import pauli_tensor, star_bloch
from qfl.quantum.star_chain import bloch
from qfl.quantum.two_qubit import BLOCKS
from qfl.seeds import stream


class Stars(NamedTuple):
    """What a model reads of channels, with stars = sample x link on the last axis.

    Args:
        direct: Feature of the direct link.
        edges: Features of the interfering gain to and from each neighbour, the strongest neighbour last.
        index: Place of each neighbour on the star axis; with a leading layer axis where layers differ.
    """

    direct: Float[Tensor, "client star"]
    edges: Float[Tensor, "*layer client 2 neighbour star"]
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
        features: Constants that standardise the gains.

    Example:
        >>> model = SqmGnn()
        >>> len(model.layout), model.layout.num_angles
        (5505, 816)
    """

    layers: int = 3
    heads: int = 8
    k: int = 12
    sampling: str = "strongest"
    message: str = "cartan"
    update: str = "cartan"
    hidden: tuple[int, ...] = (64, 32)
    features: Features = ITU_1411
    spread: float = 0.5
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
        noise_w: float,
        pmax_w: float = 1.0,
        chosen: Int[Tensor, "*client layer sample rx neighbour"] | None = None,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts; a pure function.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            chosen: The neighbours of every star (``sampling = "random"``), as of `qfl.models.stars.random_neighbours`.

        Raises:
            DataError: If a gain is zero, negative or not finite, or there is one link only.
        """
        stacked = angles.ndim == 2
        if not stacked:
            angles, gain = angles[None], gain[None]
            chosen = None if chosen is None else chosen[None]
        stars = self.stars(gain * (pmax_w / noise_w), chosen)
        powers = self.outputs(angles, stars).unflatten(-1, gain.shape[1:3]) * pmax_w
        return powers if stacked else powers[0]

    def stars(
        self,
        snr: Float[Tensor, "client sample rx tx"],
        chosen: Int[Tensor, "client layer sample rx neighbour"] | None = None,
    ) -> Stars:
        """Return features and neighbours of every star, from gains over noise at full power."""
        check_gain(snr)
        links = snr.shape[-1]
        features = self.features.scaled(snr)
        if self.sampling == "random":
            if chosen is None:
                raise ValueError('sampling = "random" needs the neighbours of every star: give chosen')
            parts = [self._edges(features, canonical(snr, chosen[:, layer])) for layer in range(self.layers)]
            edges, index = (torch.stack(part) for part in zip(*parts, strict=True))
        else:
            k = links - 1 if self.sampling == "all" else clip_neighbours(self.k, links)
            edges, index = self._edges(features, strongest(snr, k))
        return Stars(features.diagonal(dim1=-2, dim2=-1).flatten(1), edges, index)

    def outputs(self, angles: Float[Tensor, "client angle"], stars: Stars) -> Float[Tensor, "client star"]:
        """Return powers in [0, 1] of every star's centre."""
        parts = dict(zip(self.shapes, split_weights(angles, self.shapes), strict=True))
        messages = pauli_tensor(BLOCKS[self.message].unitary(parts["message"]))
        updates = pauli_tensor(BLOCKS[self.update].unitary(parts["update"]))
        inputs = stars.direct.unsqueeze(1)
        for layer in range(self.layers):
            edges, index = (stars.edges, stars.index) if stars.index.ndim == 3 else (s[layer] for s in stars[1:])
            node = parts[f"node.{layer}"] @ inputs + parts["node.shift"][:, layer].unsqueeze(-1)
            edge = parts["edge"][:, layer] @ edges.flatten(2) + parts["edge.shift"][:, layer].unsqueeze(-1)
            embedding = self._layer(messages[:, layer], updates[:, layer], node, edge, index)
            inputs = torch.cat((stars.direct.unsqueeze(1), embedding), 1)
        return self._readout(parts, inputs).sigmoid()

    def _layer(self, messages, updates, node, edge, index: Tensor) -> Float[Tensor, "client embedding star"]:
        """Return <X>, <Y>, <Z> of every head's centre, from the encoding angles of nodes and edges."""
        clients, neighbours, stars = index.shape
        centre = bloch(node.flatten(0, 1).unflatten(0, (-1, 2)))
        edge = bloch(edge.flatten(0, 1).unflatten(0, (-1, 2))).unflatten(-1, (neighbours, stars))
        around = index.flatten(1).repeat_interleave(self.heads, 0).unsqueeze(1).expand(-1, 3, -1)
        neighbour = centre.gather(-1, around).unflatten(-1, (neighbours, stars))
        out = star_bloch(messages.flatten(0, 1), updates.flatten(0, 1), centre, neighbour, edge)
        return out.unflatten(0, (clients, -1)).flatten(1, 2)

    def _readout(self, parts: dict[str, Tensor], values: Tensor) -> Float[Tensor, "client star"]:
        for layer in range(len(self.hidden) + 1):
            values = parts[f"readout.{layer}.weight"] @ values + parts[f"readout.{layer}.bias"].unsqueeze(-1)
            values = values.relu() if layer < len(self.hidden) else values
        return values.squeeze(1)

    def _edges(self, features: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        """Return the features of both directions, and the neighbours' places on the star axis."""
        samples, links = features.shape[1:3]
        both = torch.stack((features.gather(-1, chosen), features.mT.gather(-1, chosen)), 1)
        first = torch.arange(samples, device=chosen.device)[:, None, None] * links
        # [client sample link neighbour] -> [client neighbour star]
        return both.flatten(2, 3).mT.contiguous(), (chosen + first).flatten(1, 2).mT.contiguous()

    def _shapes(self) -> Shapes:
        units, embedding = (self.layers, self.heads), 3 * self.heads
        shapes = {
            "message": (*units, BLOCKS[self.message].num_angles),
            "update": (*units, BLOCKS[self.update].num_angles),
            "node.shift": (self.layers, 2 * self.heads),
            "edge.shift": (self.layers, 2 * self.heads),
        }
        for layer in range(self.layers):
            shapes[f"node.{layer}"] = (2 * self.heads, 1 + bool(layer) * embedding)
        shapes["edge"] = (self.layers, 2 * self.heads, 2)
        widths = (1 + embedding, *self.hidden, 1)
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
            return generator.uniform(-self.spread, self.spread, shape)
        if name.endswith("shift"):
            return generator.uniform(-pi, pi, shape)
        if name.startswith("readout"):
            hidden = int(name.split(".")[1]) < len(self.hidden)
            return (
                np.zeros(shape)
                if name.endswith("bias")
                else (he_uniform if hidden else glorot_uniform)(seed, name, shape)
            )
        return generator.uniform(-1, 1, shape) * (3 / prod(shape[-1:])) ** 0.5
