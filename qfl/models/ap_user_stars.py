r"""Stars over pairs of an access point and a user: what a pair reads of itself and of the pairs that it competes with.

A node (m, k) is a link that might be. Its neighbours are the same access point's links to other users (one of them can
be served) and the same user's links to other access points (one of them may suffice). With
:math:`S_m(j, k) = \rho |h_{mk}^T v_{mj}|^2`, what user k receives of access point m's beam for user j over the noise,
the features are decimal logarithms, which depend on nobody's number:

    node (m, k)     signal      1 + S_m(k, k)
                    caused      1 + mu sum_{j != k} S_m(k, j)     what the other users hear while m serves k
                    suffered    1 + mu sum_{j != k} S_m(j, k)     what k hears while m serves the others
    edge            kind        +1 for the same user, -1 for the same access point
                    signal      the neighbour's less the centre's
                    from, to    same access point: 1 + mu S of its beam at k, of the own beam at its user
                                same user: the neighbour's and the own suffered

The canonical order, without which a chain of updates is not permutation equivariant: first the access point's links,
then the user's, each by rising signal, so that the user's strongest alternative comes last.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.arrays import checked
from qfl.models.star_inputs import Stars

NUM_NODE, NUM_EDGE = 3, 4
MEAN, DEVIATION = (3.05, 1.6, 1.6), 0.65  # of the node features at Table III and 20 dB, rounded

Gain = Float[Tensor, "client sample ap beam user"]
"""S, received power over noise of every beam at every user, linear."""


@checked(least="gain", same="beam user", some="ap user")
def pair_stars(gain: Gain, interference: float) -> Stars:
    """Return features and neighbours of every pair; stars are sample x ap x user.

    Args:
        gain: Received power over noise.
        interference: mu, from 0 to 1.

    Example:
        >>> pair_stars(torch.ones(1, 2, 4, 3, 3), 0.1).edge.shape  # 2 other users and 3 other access points
        torch.Size([1, 4, 5, 24])
    """
    signal = gain.diagonal(dim1=-2, dim2=-1)
    heard = interference * gain
    caused, suffered = (_decades(heard.sum(dim) - interference * signal) for dim in (-1, -2))
    level, leaked = _decades(signal), _decades(heard)
    users, aps = _order(level), _order(level.mT).transpose(2, 3)
    # of the neighbours (m, j): [client sample ap user neighbour]
    same_ap = [
        -torch.ones_like(users, dtype=gain.dtype),
        _at_users(level, users) - level[..., None],
        leaked.mT.gather(-1, users),
        leaked.gather(-1, users),
    ]
    # and of (n, k)
    same_user = [
        torch.ones_like(aps, dtype=gain.dtype),
        _at_aps(level, aps) - level[..., None],
        _at_aps(suffered, aps),
        suffered[..., None].expand(aps.shape),
    ]
    edge = torch.stack([torch.cat(pair, -1) for pair in zip(same_ap, same_user, strict=True)], 1)
    edge[:, 2:] = (edge[:, 2:] - MEAN[2]) / DEVIATION
    node = torch.stack([(x - m) / DEVIATION for x, m in zip((level, caused, suffered), MEAN, strict=True)], 1)
    return Stars(node.flatten(2), edge.flatten(2, 4).mT, _places(users, aps))


def _decades(power: Tensor) -> Tensor:
    return (1 + power.clamp(min=0)).log10()


def _order(level: Float[Tensor, "client sample row column"]) -> Int[Tensor, "client sample row column other"]:
    """Return the other columns of the row of every entry, by rising level."""
    count = level.shape[-1]
    rank = level.argsort(dim=-1, stable=True)[..., None, :].expand(*level.shape, count)
    other = rank != torch.arange(count)[:, None]
    return rank[other].unflatten(0, (*level.shape, count - 1))


def _at_users(values: Tensor, users: Tensor) -> Tensor:
    return values[..., None, :].expand(*users.shape[:-1], values.shape[-1]).gather(-1, users)


def _at_aps(values: Tensor, aps: Tensor) -> Tensor:
    return _at_users(values.mT, aps.transpose(2, 3)).transpose(2, 3)


def _places(users: Tensor, aps: Tensor) -> Int[Tensor, "client neighbour star"]:
    """Return the places of the neighbours on the star axis."""
    samples, num_aps, num_users = users.shape[1:4]
    first = torch.arange(samples)[:, None, None, None] * num_aps * num_users
    ap, user = torch.arange(num_aps)[:, None, None], torch.arange(num_users)[:, None]
    places = torch.cat((first + ap * num_users + users, first + aps * num_users + user), -1)
    return places.flatten(1, 3).mT.contiguous()
