r"""A region's loss: what its users lack of a network without interference, from the channels that its CPU knows.

Beams are a closed form. The graph network chooses who is served and with how much power; for the least rate

.. math::
    L = \min_k B_k + t \log \sum_k e^{-R_k / t}, \qquad B_k = \log_2 \Big( 1 + \sum_m S_m(k, k) \Big),

and for the sum :math:`L = \sum_k (B_k - R_k)`, with Eq. (5) for R_k. Both are at least 0. B_k is user k's rate if all
access points served it and nobody disturbed it. The rates of the loss are those of the decoded assignment; its
gradient is that of the relaxed one, whose access points share their power among users as the softmax says
(straight-through: Bengio et al., 2013, arXiv:1308.3432).
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from qfl.models.ap_user_gnn import Choice
from qfl.models.ap_user_stars import Gain
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import rates_of_power

LOSSES = ("min_rate", "sum_rate")
SOFTNESS = 0.3  # t, bit/s/Hz


class RegionBatch(NamedTuple):
    """Samples of regions; weight 0 is padding.

    Args:
        known: What each user receives of each beam over the noise, as the region's CPU reckons.
        true: The same through the true channel.
        weight: 0 for padding, 1 otherwise.
    """

    known: Gain
    true: Gain
    weight: Float[Tensor, "client sample"]


@runtime_checkable
class Chooser(Protocol):
    """A graph network of access points and users, wherever its circuits run."""

    def choose(self, angles: Float[Tensor, "client angle"], gain: Gain, interference: float) -> Choice:
        """Return logits and powers of all pairs.

        Args:
            angles: The entries, of as many clients as ``gain`` has.
            gain: Received power over noise of every beam at every user.
            interference: What of a foreign signal's power is received, 0 to 1.
        """
        ...


@dataclass(frozen=True)
class RegionTask:
    """Train assignment and power of cell-free networks.

    Args:
        model: The graph network.
        network: SNR and interference factor.
        loss: ``min_rate`` or ``sum_rate``.
    """

    model: Chooser
    network: CellFree
    loss: str

    def metrics(
        self, angles: Float[Tensor, "*client angle"], batch: RegionBatch
    ) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``loss`` and, as ``rate`` and ``sum_rate``, the users' least and summed rate."""
        stacked = angles if angles.ndim == 2 else angles[None]
        choice = self.model.choose(stacked, batch.known, self.network.interference)
        soft = choice.logit.softmax(-1)
        hard = torch.nn.functional.one_hot(decode(choice.logit.detach()), soft.shape[-1]).to(soft.dtype)
        loss = self._gap(self.rates((hard + soft - soft.detach()) * choice.power, batch.known), batch.known)
        rates = self.rates((hard * choice.power).detach(), batch.true)
        found = {"loss": loss, "rate": rates.amin(-1), "sum_rate": rates.sum(-1)}
        found = {name: (value * batch.weight).sum(-1) / batch.weight.sum(-1) for name, value in found.items()}
        return found if angles.ndim == 2 else {name: value[0] for name, value in found.items()}

    def evaluate(self, angles: Float[Tensor, " angle"], batch: RegionBatch) -> tuple[dict[str, Tensor], list[float]]:
        """Return `metrics` of the central test; there are no classes."""
        return self.metrics(angles, batch), []

    def rates(self, sent: Float[Tensor, "client sample ap user"], gain: Gain) -> Float[Tensor, "client sample user"]:
        """Return the users' rates, Eq. (5), from the power that each access point sends to each user."""
        received = torch.einsum("csmj,csmjk->csjk", sent, gain)
        return rates_of_power(received, 1.0, self.network.interference)

    def _gap(self, rates: Float[Tensor, "client sample user"], gain: Gain) -> Float[Tensor, "client sample"]:
        bound = torch.log2(1 + gain.diagonal(dim1=-2, dim2=-1).sum(-2))
        if self.loss == "sum_rate":
            return (bound - rates).sum(-1)
        return bound.amin(-1) + SOFTNESS * torch.logsumexp(-rates / SOFTNESS, -1)


def decode(logit: Float[Tensor, "*sample ap user"]) -> Int[Tensor, "*sample ap"]:
    """Return the likeliest assignment that serves every user, constraint (6c), exactly.

    Each access point takes its likeliest user; where that leaves somebody out, every user gets an access point of its
    own at the least loss in the logits, a matching, and the others stay.

    Example:
        >>> decode(torch.tensor([[3.0, 0.0], [2.0, 1.5], [1.0, 0.0]])).tolist()
        [0, 1, 0]
    """
    user, count = logit.argmax(-1), logit.shape[-1]
    served = torch.nn.functional.one_hot(user, count).any(-2).all(-1)
    for place in (~served).nonzero():
        at = tuple(place.tolist())
        loss = (logit[at].amax(-1, keepdim=True) - logit[at]).double().numpy()
        aps, users = linear_sum_assignment(loss)
        user[at][torch.from_numpy(aps)] = torch.from_numpy(users)
    return user
