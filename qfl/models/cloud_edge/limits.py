r"""What a cloud circuit that cannot tell users apart cannot exceed, whatever its angles."""

from itertools import permutations

import torch
from jaxtyping import Float, Int
from torch import Tensor


def exchangeable_limit(
    rewards: Float[Tensor, "sample candidate"], rows: Int[Tensor, "candidate ap"], num_users: int
) -> Float[Tensor, " sample"]:
    r"""Return an upper bound, in the mean, on every policy that cannot tell users apart, trained or not.

    Such a policy chooses *which access points serve together*, a partition, but the names of the users are as good as
    drawn. With the channels' distribution the same for all users,

    .. math::
        E[Q(\gamma(h), h)] = E\Big[ \frac{1}{K!} \sum_\sigma Q(\sigma \gamma(h), h) \Big]
        \le E\Big[ \max_\gamma \frac{1}{K!} \sum_\sigma Q(\sigma \gamma, h) \Big],

    and this returns the terms of the right-hand side.

    Args:
        rewards: Of every assignment, larger is better.
        rows: All assignments, ``candidates(..., all_served=False)``.
        num_users: K.

    Example:
        >>> rows = torch.tensor([[0, 1], [1, 0], [0, 0], [1, 1]])
        >>> exchangeable_limit(torch.tensor([[4.0, 0.0, 1.0, 1.0]]), rows, 2)
        tensor([2.])
    """
    place = {tuple(row): index for index, row in enumerate(rows.tolist())}
    renamed = [[place[tuple(names[user] for user in row)] for names in permutations(range(num_users))] for row in place]
    partitions = torch.tensor(sorted({tuple(sorted(group)) for group in renamed}))
    return rewards[:, partitions].mean(-1).amax(-1)
