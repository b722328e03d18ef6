r"""What the printed cloud circuit cannot exceed, and how large its gradients are beside the bounds of Eq. (21)."""

from itertools import permutations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.models.cloud_edge.cloud import PrintedCloud
from qfl.models.cloud_edge.objectives import assignment_target, least_rates, squared_distance
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio


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


def gradient_norms(
    cloud: PrintedCloud, network: CellFree, channels: Channels, seed: int, num_draws: int = 200
) -> Float[Tensor, " draw"]:
    r"""Return :math:`\|\nabla_\theta \hat L_{assign}\|^2` of Eq. (22) at random angles, averaged over channels.

    The loss is expected over few shots, since the decoded one has no gradient.

    Args:
        cloud: The printed circuit.
        network: The network.
        channels: Where the loss is taken; its gradient is that of the mean over them.
        seed: Of the angles, uniform on the circle.
        num_draws: How many.
    """
    known = channels.known
    reward = -least_rates(network, known, max_ratio(known), cloud.rows)
    loss = squared_distance(reward, assignment_target(network, known)[:, None], normalised=True)
    draws = stream(seed, "cell_free", "trainability").uniform(0, 2 * torch.pi, (num_draws, len(cloud.layout)))
    norms = []
    for draw in torch.from_numpy(draws):
        angles = draw.requires_grad_()
        (gradient,) = torch.autograd.grad((cloud.policy(angles, channels) * loss).sum(-1).mean(), angles)
        norms.append(gradient.square().sum())
    return torch.stack(norms)


def printed_bounds(num_layers: int, num_neurons: int) -> tuple[float, float]:
    r"""Return both sides of Eq. (21), :math:`\frac18 \{Tr[x]^2 + Tr[\sigma_z x \sigma_z]^2\}` and N_layer N_neuron.

    x is read as the pure state |x><x| of Appendix D, whose traces are 1: the lower bound is 1/4 whatever the input. It
    cannot hold: for the appendix's own single neuron, :math:`f = (1 - \langle Z \rangle)/2` behind one R_Y,

    .. math::
        E_\theta[(\partial f / \partial \theta)^2] = \frac18 (\langle X \rangle^2 + \langle Z \rangle^2) \le \frac18.

    Example:
        >>> printed_bounds(2, 4)
        (0.25, 8.0)
    """
    return (1 + 1) / 8, float(num_layers * num_neurons)
