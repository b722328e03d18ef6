"""QSGCN, SQM-GNN's predecessor: the whole graph in one circuit, with a qubit per node and per edge.

K links need K + K (K - 1) / 2 = K (K + 1) / 2 qubits: 10, 36, 55 and 210 at K = 4, 8, 10 and 20 (the paper's Table II).
All nodes are measured at once, so nothing can be traced out early and the circuit runs on its statevector. With node
and edge qubits encoded as in `qfl.models.star_gnn`, a layer is

    exp(-i c/2 Z_e Z_i) for every edge e of node i, exp(-i d/2 Z_i Z_j) for every pair of nodes,
    then Rot(a) on every node and Rot(b) on every edge,

and p_i = p_max sigmoid(w <Z_i> + v). Angles are shared by all nodes and edges and the couplings commute, so the model
is permutation equivariant in any order. SQM-GNN's paper does not print the published QSGCN's gates; these are ours.
Unlike there, where edge qubits hold the adjacency alone (which says nothing where everybody interferes), they hold the
interfering gains here, so that it is not beaten for want of them.

Reference:
    Giang, Tung, Chien, Hanzo and Hwang, "Scalable quantum message passing graph neural networks for next-generation
    wireless communications", Section I and Table II, on Zheng et al., "A quantum spatial graph convolutional neural
    network model on quantum circuits", 2025; Mernyei, Meichanetzidis and Ceylan, "Equivariant quantum graph circuits",
    2021, arXiv:2112.05261, Section 3, for the commuting couplings.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from math import inf, pi, sqrt

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import TWO_PI, AngleLayout, pack
from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.models.features import ITU_1411, Features
from qfl.models.stars import check_gain
from qfl.models.vqc import Execute
from qfl.models.weights import Shapes, check_least, split_weights, weight_layout
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations
from qfl.seeds import stream

MOST_QUBITS = 20
PER_LAYER = 8  # two Rot and two couplings


@dataclass(frozen=True)
class Qsgcn:
    """The model, with the interface of `qfl.models.sqm_gnn.SqmGnn`.

    Args:
        layers: Layers of the circuit.
        features: Node and edge features; of an edge those of both directions are averaged.
        spread: Standard deviation of the initial angles, in radians.

    All angles have period 2 pi. In graphs of an odd number of links, and in those alone, the couplings have pi.

    Example:
        >>> model = Qsgcn()
        >>> len(model.layout), model.layout.num_angles, qubits(4)
        (38, 28, 10)
    """

    layers: int = 3
    features: Features = ITU_1411
    spread: float = 0.3
    shapes: Shapes = field(init=False, repr=False, compare=False)
    layout: AngleLayout = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        check_least(layers=(self.layers, 1), spread=(self.spread, 0))
        node, edge = len(self.features.node), len(self._edge_names())
        shapes = {"circuit": (self.layers, PER_LAYER), "node.shift": (2,), "edge.shift": (2,)}
        shapes |= {"node.weight": (2, node), "edge.weight": (2, edge), "readout": (2,)}
        object.__setattr__(self, "shapes", shapes)
        names = weight_layout(shapes).names
        count = self.layers * PER_LAYER + 4
        rotations = [(first, first + 1, first + 2) for first in range(0, count - 4, PER_LAYER)]
        rotations += [(first + 3, first + 4, first + 5) for first, *_ in rotations]
        periods = (*[TWO_PI] * count, *[inf] * (len(names) - count))
        object.__setattr__(self, "layout", AngleLayout(names, periods, tuple(sorted(rotations))))

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return initial entries: a circuit near the identity, a random encoding, a readout that follows <Z>."""

        def draw(name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
            generator = stream(seed, "initial", name)
            if name == "readout":
                return np.array([2.0, 0.0])
            if name.endswith("shift"):
                return generator.uniform(-pi, pi, shape)
            return generator.standard_normal(shape) * (self.spread if name == "circuit" else 1 / sqrt(shape[-1]))

        return pack([draw(name, shape) for name, shape in self.shapes.items()])

    @checked(free="angles gain", least="alpha", same="rx tx link")
    def powers(
        self,
        angles: Float[Tensor, "*client angle"],
        gain: Float[Tensor, "*client sample rx tx"],
        *,
        noise_w: float = 1.0,
        pmax_w: float = 1.0,
        alpha: Float[Tensor, "*client sample link"] | None = None,
        execute: Execute = expectations,
    ) -> Float[Tensor, "*client sample link"]:
        """Return transmit powers in [0, pmax_w] watts; a pure function.

        Args:
            angles: The model's entries, of one client or of several.
            gain: Linear power gains, above 0, of as many clients and of 2 to 5 links.
            noise_w: Noise power at every receiver in watts.
            pmax_w: Greatest transmit power in watts.
            alpha: Weights of the links' rates, where they are a feature; 1 if None.
            execute: How the circuit runs: exactly, or on a device (`qfl.quantum.devices.on_device`).

        Raises:
            ConfigError: If the statevector is too large: with more than 5 links.
            DataError: If a gain is zero, negative or not finite, or there is one link only.
        """
        circuit = graph_circuit(gain.shape[-1], self.layers)
        if angles.ndim == 1:
            own = None if alpha is None else alpha[None]
            return self.powers(angles[None], gain[None], noise_w=noise_w, pmax_w=pmax_w, alpha=own, execute=execute)[0]
        snr = gain * (pmax_w / noise_w)
        check_gain(snr)
        parts = dict(zip(self.shapes, split_weights(angles, self.shapes), strict=True))
        pairs = torch.tensor(list(combinations(range(gain.shape[-1]), 2))).T
        edges = torch.stack([(part + part.mT)[..., pairs[0], pairs[1]] / 2 for part in self._edge_values(snr)])
        encoded = []
        for name, values in (("node", self.features.node_values(snr, alpha)), ("edge", edges)):
            # [feature client sample qubit] -> [client sample qubit (theta or phi)]
            values = values.movedim(0, -1) @ parts[f"{name}.weight"].mT.unsqueeze(1)
            encoded.append(values + parts[f"{name}.shift"][:, None, None])
        z = execute(circuit, parts["circuit"].flatten(1), torch.cat(encoded, 2).flatten(2))
        weight, bias = parts["readout"][:, None, None].unbind(-1)
        return (weight * z + bias).sigmoid() * pmax_w

    def _edge_names(self) -> list[str]:
        return [name for name, *_ in self.features.edge if name.startswith("from")]

    def _edge_values(self, snr: Tensor) -> list[Tensor]:
        values = zip(self.features.edge, self.features.edge_values(snr), strict=True)
        return [value for (name, *_), value in values if name.startswith("from")]


def qubits(num_links: int) -> int:
    """Count the qubits: one per link and one per pair of links.

    Example:
        >>> [qubits(links) for links in (4, 8, 10, 20)]  # Table II
        [10, 36, 55, 210]
    """
    return num_links * (num_links + 1) // 2


@lru_cache(maxsize=16)
def graph_circuit(num_links: int, layers: int) -> Circuit:
    """Return the circuit of a fully connected graph: nodes first, then the edges (0, 1), (0, 2), ...

    Raises:
        ConfigError: If its statevector is too large.
    """
    count = qubits(num_links)
    if count > MOST_QUBITS:
        raise ConfigError(
            f"qsgcn needs {count} qubits for {num_links} links, one per link and per pair, so a statevector of "
            f"{8 * 2**count:,} bytes per sample in single precision; take 5 links or fewer, or sqm_gnn"
        )
    pairs = list(enumerate(combinations(range(num_links), 2), num_links))
    gates = [Gate(n, (w,), (Feature(2 * w + place),)) for w in range(count) for place, n in enumerate(("RY", "RZ"))]
    for first in range(0, layers * PER_LAYER, PER_LAYER):
        for edge, ends in pairs:
            gates += [Gate("IsingZZ", (edge, end), (Angle(first + 6),)) for end in ends]
            gates.append(Gate("IsingZZ", ends, (Angle(first + 7),)))
        for wire in range(count):
            start = first + 3 * (wire >= num_links)
            gates.append(Gate("Rot", (wire,), (Angle(start), Angle(start + 1), Angle(start + 2))))
    return Circuit(count, tuple(gates), tuple((node,) for node in range(num_links)), num_features=2 * count)
