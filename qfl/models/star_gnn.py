"""Graph networks whose convolutions are star circuits: encoding, layers with re-encoding, heads, and a readout.

A node is a transmitter-receiver pair, an edge its interference with another pair. In every layer each node is the
centre of a star of k neighbours (`qfl.models.stars`), a circuit of 2k + 1 qubits (`qfl.quantum.star`):

    node qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = V [embedding, node features] + shift
    edge qubit   RZ(phi) RY(theta) |0>,  (theta, phi) = W [edge features] + shift
                 with a hidden layer before V and before W where ``node_hidden`` and ``edge_hidden`` are above 0
    embedding    <X>, <Y>, <Z> of the centre, of every head; the next layer encodes it again
    readout      p = p_max sigmoid(perceptron [embeddings of all layers, node features])

The unitaries' angles and the shifts are the angles; V, W and the readout are classical weights, counted apart. Nothing
depends on the number of links.

Neighbour subsampling. The paper draws a star's neighbours at random, which keeps stars small, and what a star hears the
same in a larger network. With ``neighbour_subsampling = n`` a star of k > n neighbours has each with probability
(n / k)^s, drawn anew in every shot. The exponent s in (0, 1) is trained, one for each head and layer: at 0 messages add
up, at 1 they are averaged. The value of a star is affine in the map of each neighbour's update, so the mean over all
draws is exact: the map becomes r U + (1 - r) identity. Stars of up to n neighbours, those that fit a device, keep all.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout, pack
from qfl.arrays import checked
from qfl.config.setting import Subject
from qfl.errors import InputError
from qfl.models.features import ITU_1411, Features
from qfl.models.star_entries import initial_entry, layout_of, shapes_of
from qfl.models.star_inputs import Stars, by_rank, chosen_stars, require_stars, strongest_stars
from qfl.models.star_layer import Execute, exact
from qfl.models.star_product import require_turns
from qfl.models.stars import SAMPLING, clip_neighbours, drawn_neighbours
from qfl.models.weights import Shapes, check_least, split_weights
from qfl.quantum.convolution import Convolution

NOT_NEGATIVE = ("node_hidden", "edge_hidden", "feature_bound", "neighbour_subsampling", "spread", "cut")


@dataclass(frozen=True)
class StarGnn(Subject, ABC):
    """A network of star circuits, but for its convolution; a pure function of one flat vector.

    Args:
        layers: Quantum graph convolution layers L.
        heads: Star circuits per node and layer, each with unitaries of its own.
        k: Neighbours of a star; None, and 0, take all.
        sampling: Which neighbours: the k ``strongest``; k at ``random``, drawn for every layer; ``all``; or by
            ``ranks``: head h has the h k-th strongest to the (h k + k - 1)-th, from the strongest again after the last.
        hidden: Units of the readout's hidden layers.
        node_hidden: Hidden units of the perceptron that encodes nodes; 0 encodes linearly.
        edge_hidden: Hidden units of the perceptron that encodes edges, likewise.
        feature_bound: Farthest that features turn a qubit, in radians, so that what is outside of all training samples
            does not wrap around; they are squashed by tanh. 0 is without end.
        neighbour_subsampling: Neighbours up to which a star keeps all of them in every shot; 0 never subsamples.
        features: Node and edge features with their constants.
        spread: Standard deviation of the unitaries' initial angles about the block's start, in radians.
        repeats: Whether a layer may draw a neighbour that an earlier one had (``random``); without, all come in turn.
        cut: Neighbours of a circuit on a device, into which larger stars are cut; 0 runs them whole. It changes what is
            run and not what it gives: see `qfl.quantum.star_cut`.
    """

    layers: int = 3
    heads: int = 8
    k: int | None = 12
    sampling: str = "strongest"
    hidden: tuple[int, ...] = (32, 32)
    node_hidden: int = 0
    edge_hidden: int = 0
    feature_bound: float = 0.0
    neighbour_subsampling: int = 0
    features: Features = ITU_1411
    spread: float = 0.3
    repeats: bool = True
    cut: int = 0
    shapes: Shapes = field(init=False, repr=False, compare=False)
    layout: AngleLayout = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        super().__post_init__()
        if self.sampling not in SAMPLING:
            raise ValueError(f"sampling = {self.sampling!r}: expected one of {', '.join(SAMPLING)}")
        check_least(layers=(self.layers, 1), heads=(self.heads, 1))
        check_least(**{name: (getattr(self, name), 0) for name in NOT_NEGATIVE})
        object.__setattr__(self, "k", self.k or None)
        if self.cut:
            require_turns(self.convolution)
        object.__setattr__(self, "shapes", shapes_of(self))
        object.__setattr__(self, "layout", layout_of(self))

    @property
    @abstractmethod
    def convolution(self) -> Convolution:
        """What a star does with each neighbour."""

    @property
    def num_features(self) -> tuple[int, int]:
        """How many features a node and an edge have."""
        return len(self.features.node), len(self.features.edge)

    @property
    def num_outputs(self) -> int:
        """How many numbers the readout gives for a star."""
        return 1

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return initial entries: unitaries near the identity, a random encoding, Glorot and He weights in the readout.

        Near the identity a star keeps its centre, so that a long chain does not forget its first neighbours.
        """
        return pack([initial_entry(self, seed, name, shape) for name, shape in self.shapes.items()])

    @checked(
        free="angles gain",
        least="alpha",
        same="rx tx link",
        some="client sample layer neighbour",
        index={"chosen": "tx"},
    )
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
            k: Neighbours of a star, if not the model's own number (which stars by ranks keep); 0 takes all.
            chosen: The neighbours of every star (``sampling = "random"``), as of `draw`; None takes the same draw for
                every batch of this shape.

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

    @checked(free="snr", least="alpha", same="rx tx link", index={"chosen": "tx"})
    def stars(
        self,
        snr: Float[Tensor, "client sample rx tx"],
        alpha: Float[Tensor, "client sample link"] | None = None,
        k: int | None = None,
        chosen: Int[Tensor, "client layer sample rx neighbour"] | None = None,
    ) -> Stars:
        """Return features and neighbours of every star, from gains over noise at full power.

        Args:
            snr: Gains over noise at full power (linear), above 0.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
            k: Neighbours of a star, if not the model's own number (which stars by ranks keep); 0 takes all.
            chosen: The neighbours of every star (``sampling = "random"``); None takes the same draw for every batch
                of this shape.
        """
        if self.sampling != "random":
            return strongest_stars(self.features, snr, self._listed(k, snr.shape[-1]), alpha)
        if chosen is None:
            chosen = self.draw(0, len(snr), self.layers, snr.shape[1], shape=snr.shape[:3], k=k)
        return chosen_stars(self.features, snr, chosen, alpha)

    def draw(
        self, seed: int, *path: str | int, shape: tuple[int, ...], k: int | None = None
    ) -> Int[Tensor, "client layer sample rx neighbour"]:
        """Draw the neighbours of every star (``sampling = "random"``).

        Args:
            seed: The run's seed.
            path: What the draw is for, such as a step.
            shape: How many clients, samples and links.
            k: Neighbours of a star, if not the model's own number.
        """
        clients, samples, links = shape
        size = clip_neighbours(k or self.k, links)
        shape = (clients, self.layers, samples)
        return drawn_neighbours(seed, *path, shape=shape, num_links=links, k=size, repeats=self.repeats)

    def _listed(self, k: int | None, num_links: int) -> int | None:
        """Return how many of the strongest neighbours the stars of a node have between them; None for all."""
        if self.sampling == "ranks":
            return min(self.heads * (self.k or num_links), num_links - 1)
        return None if self.sampling == "all" else self.k if k is None else k

    @checked(free="angles")
    def outputs(
        self, angles: Float[Tensor, "client angle"], stars: Stars, execute: Execute = exact
    ) -> Float[Tensor, "client star"]:
        """Return powers in [0, 1] of every star's centre; how circuits run is up to ``execute``.

        Args:
            angles: The model's entries, of as many clients as the stars are.
            stars: From `stars`.
            execute: How circuits run: exactly, or on PennyLane (`qfl.models.star_device`).
        """
        return self.scores(angles, stars, execute).squeeze(1).sigmoid()

    @checked(free="angles")
    def scores(
        self, angles: Float[Tensor, "client angle"], stars: Stars, execute: Execute = exact
    ) -> Float[Tensor, "client output star"]:
        """Return the readout of every star's centre as it is, of any real value.

        Args:
            angles: The model's entries, of as many clients as the stars are.
            stars: From `stars`.
            execute: How circuits run: exactly, or on PennyLane (`qfl.models.star_device`).
        """
        if len(angles) != len(stars.node):
            raise InputError(f"angles are of {len(angles)} clients, stars of {len(stars.node)}; give as many of both")
        require_stars(stars, self.num_features, self.layers)
        parts = dict(zip(self.shapes, split_weights(angles, self.shapes), strict=True))
        run = execute(self.convolution, torch.cat([parts[name] for name in self.convolution.names], -1))
        inputs, embeddings = stars.node, []
        for layer in range(self.layers):
            edges, index = (stars.edge, stars.index) if stars.index.ndim == 3 else (s[layer] for s in stars[1:])
            node = self._encode(parts, "node", layer, inputs)
            edge = self._encode(parts, "edge", layer, edges.flatten(2)).unflatten(-1, index.shape[1:])
            node, edge = (part.unflatten(1, (self.heads, 2)) for part in (node, edge))
            if self.sampling == "ranks":
                edge, index = by_rank(edge, index, self.k)
            embeddings.append(run(layer, node, edge, index, self._kept(parts, layer, index.shape[-2])).flatten(1, 2))
            inputs = torch.cat((embeddings[-1], stars.node), 1)
        return self._readout(parts, torch.cat((*embeddings, stars.node), 1))

    def _encode(
        self, parts: dict[str, Tensor], kind: str, layer: int, values: Float[Tensor, "client feature place"]
    ) -> Float[Tensor, "client angle place"]:
        """Return the angles (theta, phi) of each head, for a layer's nodes or edges."""
        if f"{kind}.hidden.{layer}.weight" in parts:
            values = _affine(parts, f"{kind}.hidden.{layer}", values)
            values = torch.nn.functional.silu(values)
        turned = parts[f"{kind}.{layer}"] @ values
        turned = self.feature_bound * (turned / self.feature_bound).tanh() if self.feature_bound else turned
        return turned + parts[f"{kind}.shift"][:, layer].unsqueeze(-1)

    def _kept(self, parts: dict[str, Tensor], layer: int, k: int) -> Float[Tensor, "client head"] | None:
        """Return the probability that a star of k neighbours has one of them in a shot; None if it is one."""
        if not 0 < self.neighbour_subsampling < k:
            return None
        return (self.neighbour_subsampling / k) ** parts["thinning"][:, layer].sigmoid()

    def _readout(self, parts: dict[str, Tensor], values: Tensor) -> Float[Tensor, "client output star"]:
        for layer in range(len(self.hidden) + 1):
            values = _affine(parts, f"readout.{layer}", values)
            values = torch.nn.functional.silu(values) if layer < len(self.hidden) else values
        return values


def _affine(parts: dict[str, Tensor], name: str, values: Tensor) -> Tensor:
    return parts[f"{name}.weight"] @ values + parts[f"{name}.bias"].unsqueeze(-1)
