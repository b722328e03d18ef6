"""An SQM-GNN over the graph of access points and users: who serves whom, and with how much power.

Neither paper has it: the star circuits are those of `qfl.models.sqm_gnn`, the graph is `qfl.models.ap_user_stars`, with
a node for every pair of access point and user. The readout of a pair is a logit, whose softmax over the users of an
access point is the assignment, and a share of the access point's power. One set of numbers serves any number of access
points and users.

``classical=True`` is the ablation: encoders, graph and readout as they are, and in the place of every star circuit a
classical layer of 30 weights, as many as the two unitaries have angles.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.models.ap_user_stars import NUM_EDGE, NUM_NODE, Gain, pair_stars
from qfl.models.star_gnn import StarGnn
from qfl.models.star_layer import Execute, RunLayer, exact
from qfl.models.weights import weight_layout
from qfl.quantum.convolution import Convolution


class Choice(NamedTuple):
    """What the network says of every pair.

    Args:
        logit: Of the assignment; the softmax over users is an access point's.
        power: Share of the access point's power in [0, 1] if it serves this user.
    """

    logit: Float[Tensor, "client sample ap user"]
    power: Float[Tensor, "client sample ap user"]


@dataclass(frozen=True)
class _PairStars(StarGnn):
    """Star circuits with the features of pairs and two outputs."""

    @property
    def convolution(self) -> Convolution:
        return Convolution("cartan", "cartan")

    @property
    def num_features(self) -> tuple[int, int]:
        return NUM_NODE, NUM_EDGE

    @property
    def num_outputs(self) -> int:
        return 2


@dataclass(frozen=True)
class ApUserGnn:
    """The model; a pure function of one flat vector.

    Args:
        layers: Rounds of message passing.
        heads: Star circuits per pair and layer.
        width: Hidden units of the readout.
        classical: Whether classical layers stand in for the circuits.

    Example:
        >>> model = ApUserGnn()
        >>> choice = model.choose(torch.from_numpy(model.initial(1))[None], torch.ones(1, 2, 4, 3, 3).double(), 0.1)
        >>> choice.logit.shape, len(model.layout), len(ApUserGnn(classical=True).layout)
        (torch.Size([1, 2, 4, 3]), 1442, 1442)
    """

    layers: int = 3
    heads: int = 4
    width: int = 16
    classical: bool = False
    network: StarGnn = field(init=False, repr=False, compare=False)

    def __post_init__(self):
        object.__setattr__(self, "network", _PairStars(self.layers, self.heads, 0, "all", (self.width,)))

    @property
    def layout(self) -> AngleLayout:
        """The entries; those of a classical layer have no period."""
        return weight_layout(self.network.shapes) if self.classical else self.network.layout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that training starts from."""
        return self.network.initial(seed)

    @checked(free="angles", least="gain", same="beam user", some="ap user")
    def choose(
        self, angles: Float[Tensor, "client angle"], gain: Gain, interference: float, execute: Execute = exact
    ) -> Choice:
        """Return logits and powers of all pairs, with gradient.

        Args:
            angles: The entries, of as many clients as ``gain`` has.
            gain: Received power over noise of every beam at every user, as the network knows it.
            interference: What of a foreign signal's power is received, 0 to 1.
            execute: How circuits run: exactly, or on PennyLane (`qfl.models.star_device`).
        """
        stars = pair_stars(gain, interference)
        scores = self.network.scores(angles, stars, perceptrons if self.classical else execute).unflatten(
            -1, gain.shape[1:4]
        )
        return Choice(scores[:, 0], (scores[:, 1] + 2).sigmoid())  # starts near full power


def perceptrons(convolution: Convolution, angles: Tensor) -> RunLayer:
    r"""Return a classical layer in the place of a star circuit, on the same encoded numbers.

    .. math:: m_j = \tanh(A [e_j, n_j] + a), \qquad c \leftarrow \tanh(B [c, \bar m])

    with the mean over the neighbours, A of 3 x 4, a of 3 and B of 3 x 5 entries: 30, as U_MSG and U_UPD have angles.
    """
    weights = angles.unflatten(-1, (2, 15))
    message, update = weights[..., 0, :12].unflatten(-1, (3, 4)), weights[..., 1, :].unflatten(-1, (3, 5))
    shift = weights[..., 0, 12:, None]

    def run(
        layer: int,
        node: Tensor,
        edge: Tensor,
        index: Tensor,
        kept: Tensor | None = None,
        centre: Tensor | None = None,
    ) -> Tensor:
        around = index.flatten(1)[:, None, None].expand(-1, *node.shape[1:3], -1)
        neighbour = node.gather(-1, around)
        sent = message[:, layer] @ torch.cat((edge.flatten(3), neighbour), 2) + shift[:, layer]
        mean = sent.tanh().unflatten(-1, index.shape[1:]).mean(3)
        return (update[:, layer] @ torch.cat((node if centre is None else centre, mean), 2)).tanh()

    return run
