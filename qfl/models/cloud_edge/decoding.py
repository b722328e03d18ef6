r"""From the cloud's outputs to an assignment, and to the probability of one, which has a gradient.

The article decodes :math:`\hat o_m = \lfloor o_m N_{user} \rfloor`, a step function: its gradient is zero wherever it
exists, and parameter shifts of it are no gradient. Training therefore needs a surrogate, and we take what a measurement
gives anyhow: the *expected* reward over groups of basis states, each group standing for one assignment. It is a
polynomial in the outputs, so autograd, parameter shifts and (for linear rewards) Rotosolve all apply.
"""

from itertools import product
from math import comb

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.errors import ConfigError

MOST = 65_536


def candidates(num_aps: int, num_users: int, all_served: bool) -> Int[Tensor, "candidate ap"]:
    """Return every assignment, or every one that serves all users, constraint (8c).

    Args:
        num_aps: Access points, 1 or more.
        num_users: Users, 1 or more.
        all_served: Whether every user must have an access point.

    Raises:
        ConfigError: If there are too many to sum over, or more users than access points.

    Example:
        >>> candidates(4, 3, all_served=False).shape, candidates(4, 3, all_served=True).shape
        (torch.Size([81, 4]), torch.Size([36, 4]))
    """
    if num_users**num_aps > MOST or (all_served and num_users > num_aps):
        raise ConfigError(
            f"{num_users} users and {num_aps} access points: the cloud circuit is trained over all assignments, at "
            f"most {MOST}, with no more users than access points; use cell-free.assignment = 'algorithm4'"
        )
    rows = torch.tensor(list(product(range(num_users), repeat=num_aps)))
    served = (rows[..., None] == torch.arange(num_users)).any(1).all(1)
    return rows[served] if all_served else rows


def floor_users(outputs: Float[Tensor, "*sample ap"], num_users: int) -> Int[Tensor, "*sample ap"]:
    r"""Return :math:`\lfloor o_m N_{user} \rfloor`, counted from 0; o = 1 belongs to the last user.

    Unlike the article's example ("if o_1 = 2, the first user will be served by the second AP") this is what its
    sentence before says: the index of the user that access point m serves.

    Example:
        >>> floor_users(torch.tensor([[0.0, 0.4, 0.99, 1.0]]), 3)
        tensor([[0, 1, 2, 2]])
    """
    return (outputs * num_users).floor().long().clamp(0, num_users - 1)


def shot_policy(
    outputs: Float[Tensor, "*sample ap"], num_users: int, num_shots: int
) -> Float[Tensor, "*sample ap user"]:
    r"""Return the probability of each user if o_m is estimated by few shots.

    Of S shots c read 1 with probability :math:`\binom{S}{c} o^c (1 - o)^{S - c}`; the 2^S basis states are grouped by
    c, and group c means user :math:`\lfloor c N_{user} / (S + 1) \rfloor`. With many shots it is `floor_users`.

    Args:
        outputs: o of every access point, 0 to 1.
        num_users: Users, 1 or more.
        num_shots: Shots S, 1 or more.

    Example:
        >>> shot_policy(torch.tensor([[0.5]]), num_users=3, num_shots=2)
        tensor([[[0.2500, 0.5000, 0.2500]]])
    """
    counts = torch.arange(num_shots + 1)
    ways = torch.tensor([comb(num_shots, int(c)) for c in counts], dtype=outputs.dtype)
    likely = ways * outputs[..., None] ** counts * (1 - outputs[..., None]) ** (num_shots - counts)
    user = counts * num_users // (num_shots + 1)
    return likely @ torch.nn.functional.one_hot(user, num_users).to(outputs.dtype)


def product_policy(
    each: Float[Tensor, "*sample ap user"], rows: Int[Tensor, "candidate ap"]
) -> Float[Tensor, "*sample candidate"]:
    """Return the probability of each assignment if access points choose independently."""
    return each[..., torch.arange(rows.shape[1]), rows].prod(-1)


def score_policy(
    scores: Float[Tensor, "*sample ap user"], rows: Int[Tensor, "candidate ap"]
) -> Float[Tensor, "*sample candidate"]:
    r"""Return :math:`p(\gamma) \propto \exp \sum_m s_{m, \gamma_m}` over the given assignments.

    The most likely one is a maximum-weight matching with every user served: unlike independent choices it satisfies
    constraint (8c) by itself, so no penalty is needed.
    """
    return torch.softmax(scores[..., torch.arange(rows.shape[1]), rows].sum(-1), -1)
