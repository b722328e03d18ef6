"""What the circuits see of the channel: numbers of order one that do not depend on any order or global phase."""

from typing import NamedTuple

import torch
from jaxtyping import Complex, Float, Int
from torch import Tensor

from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import beam_gains

CENTRE, SPREAD = 1.5, 2.0  # of log |h|^2 in nats at Table III's path loss; log(mu rho |h|^2) lies about 3
TINY = 1e-12

NUM_CLOUD = {"full": 3, "gains": 1}  # features of a pair, by what the access points upload
NUM_EDGE = 7


def cloud_features(
    channel: Complex[Tensor, "sample ap user antenna"], gain: Float[Tensor, "sample ap user"], csi: str = "full"
) -> Float[Tensor, "sample ap user feature"]:
    """Return the features of each pair of access point and user.

    Args:
        channel: What the access points know, h.
        gain: Large-scale gains, d^-kappa.
        csi: ``full``: log |h|^2; the log of the interference that access point m causes while it serves user k by
            maximum ratio, and of what it causes user k while it serves the others, both relative to what the disturbed
            user receives of all access points. ``gains``: log d^-kappa alone, which needs no channel at the cloud.

    Example:
        >>> channel, gain = torch.ones(2, 4, 3, 2, dtype=torch.complex128), torch.ones(2, 4, 3).double()
        >>> cloud_features(channel, gain).shape
        torch.Size([2, 4, 3, 3])
    """
    if csi == "gains":
        return _normal(gain)[..., None]
    norm = torch.linalg.vector_norm(channel, dim=-1, keepdim=True).clamp(min=TINY)
    power = norm[..., 0] ** 2
    # access point, user served, user disturbed
    leaked = beam_gains(channel, channel.conj() / norm) / power.sum(1)[:, None, None, :].clamp(min=TINY)
    leaked = leaked * (1 - torch.eye(channel.shape[2], dtype=power.dtype))
    relative = [(total.clamp(min=TINY).log() + 1) / SPREAD for total in (leaked.sum(3), leaked.sum(2))]
    return torch.stack([_normal(power), *relative], -1)


def pool(values: Float[Tensor, "*sample ap user feature"]) -> Float[Tensor, "*sample ap user pooled"]:
    """Return each pair's own values and their means over its access point, over its user, and over all pairs.

    These four are what a linear map that ignores the order of users and access points can use.

    Reference:
        Hartford et al., Deep models of interactions across sets, 2018, arXiv:1803.02879, Eq. (5).
    """
    means = [values.mean(dim, keepdim=True).expand_as(values) for dim in (-2, -3, (-3, -2))]
    return torch.cat([values, *means], -1)


class Local(NamedTuple):
    """What an access point sees relative to the user that it serves; ``other`` are the users that it disturbs.

    Args:
        features: Of each other user.
        served: Maximum ratio towards the served user, norm 1.
        others: The part of it along each other user's own maximum ratio; less all of one, nothing reaches that user.
    """

    features: Float[Tensor, "*client sample other feature"]
    served: Complex[Tensor, "*client sample antenna"]
    others: Complex[Tensor, "*client sample other antenna"]


def local_features(
    channel: Complex[Tensor, "*client sample user antenna"], user: Int[Tensor, "*client sample"], network: CellFree
) -> Local:
    r"""Return the features of one access point's own channel; other access points' channels are not needed.

    With unit vectors u, :math:`G_{jl} = u_j^\dagger u_l` and the served user 0, the features of user j are
    :math:`\log(\mu \rho |h_j|^2)`, :math:`|G_{0j}|`, real and imaginary part of :math:`\sum_l G_{0j} G_{jl} G_{l0}`
    (normalised, and weighted by how much user l can be disturbed: the phases that do not depend on any user's own),
    and the first two and :math:`|G_{jl}|` averaged over the other users l.

    Args:
        channel: h of one access point, or of each client's.
        user: The user that is served: the assignment, an input that Eqs. (19)-(20) do not have.
        network: SNR and interference factor, of which only the product matters.
    """
    num_users = channel.shape[-2]
    order = torch.stack([torch.tensor([k, *(j for j in range(num_users) if j != k)]) for k in range(num_users)])
    channel = torch.take_along_dim(channel, order.to(user.device)[user][..., None], -2)
    power = channel.abs().square().sum(-1)
    units = channel / power[..., None].clamp(min=TINY).sqrt()
    gram = units.conj() @ units.mT
    along = gram[..., 0, 1:]
    between = gram[..., 1:, 1:] * (1 - torch.eye(num_users - 1, dtype=power.dtype))
    disturbed = network.interference * network.snr * power[..., 1:]
    weight = (disturbed / (1 + disturbed)).to(along.dtype)
    turn = along / along.abs().clamp(min=TINY) * (between @ (along.conj() * weight)[..., None])[..., 0]
    loudness, overlap = (disturbed.clamp(min=TINY).log() - 3) / SPREAD, 2 * along.abs() - 1
    columns = [loudness, overlap, turn.real, turn.imag, _rest(loudness), _rest(overlap), _mean_of(between.abs())]
    return Local(torch.stack(columns, -1), units[..., 0, :].conj(), along[..., None] * units[..., 1:, :].conj())


def _rest(values: Float[Tensor, "*sample other"]) -> Float[Tensor, "*sample other"]:
    """Return the mean over the *other* entries; 0 if there are none."""
    return (values.sum(-1, keepdim=True) - values) / max(1, values.shape[-1] - 1)


def _mean_of(between: Float[Tensor, "*sample other other"]) -> Float[Tensor, "*sample other"]:
    return 2 * between.sum(-1) / max(1, between.shape[-1] - 1) - 1


def _normal(power: Tensor) -> Tensor:
    return (power.clamp(min=TINY).log() - CENTRE) / SPREAD
