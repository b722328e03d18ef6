"""Algorithm 2 line by line: the cloud's circuit, trained on one channel after another.

The loss of a step is that of the assignment which the circuit's output is decoded to (lines 5 to 7), a step function of
the angles. `qfl.tasks.cell_free.cloud` trains the same circuits on the expected reward instead, which has a gradient.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.cloud_edge.cloud import Cloud, PrintedCloud, make_cloud
from qfl.models.cloud_edge.decoding import candidates
from qfl.models.cloud_edge.objectives import assignment_target, least_rates, squared_distance
from qfl.models.cloud_edge.printed import Order, appendix_circuit
from qfl.tasks.cell_free.published_step import PublishedTraining, moved
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

ORDERS = (*get_args(Order), "appendix")


def cloud_in_order(name: str, network: CellFree, order: str) -> Cloud:
    """Return a cloud model whose printed circuit is read in some order.

    Args:
        name: ``as_published``, or another cloud, which has one order.
        network: How many access points and users.
        order: ``operator`` or ``time`` for Eqs. (10)-(12), or ``appendix`` for the alternating layers of Eq. (25).

    Example:
        >>> [cloud_in_order("as_published", CellFree(), order).layout.num_angles for order in ORDERS]
        [8, 8, 8]
    """
    cloud = make_cloud(name, network, order="time" if order == "time" else "operator")
    if order == "appendix" and isinstance(cloud, PrintedCloud):
        return replace(cloud, circuit=appendix_circuit(network.num_aps, network.num_users))
    return cloud


def train_by_algorithm_2(
    cloud: Cloud,
    network: CellFree,
    seed: int,
    training: PublishedTraining,
    record: Callable[[int, float], None] = lambda episode, loss: None,
) -> NDArray[np.float64]:
    """Return a cloud's entries after N_data N_epoch steps; deterministic.

    The paper's text has the channel "regenerated at each iteration", its algorithm N_data channels met N_epoch times;
    the latter is done.

    Args:
        cloud: The model: its printed circuit, or another.
        network: SNR and interference factor, known in training.
        seed: Of the channels and of the start.
        training: How.
        record: Takes the mean loss over all channels before the first episode (0) and after each.
    """
    channels = draw(network, seed, training.num_data, "cloud")
    table = assignment_losses(network, channels.known, training.reading)
    places = network.num_users ** torch.arange(network.num_aps).flip(0)
    likely = table[:, (cloud.rows * places).sum(-1)]  # of the assignments that the cloud chooses from
    entries, seen = torch.from_numpy(cloud.initial(seed))[None], cloud.seen(channels)

    def mean_loss() -> float:
        return float(table.gather(1, (cloud.assign(entries[0], seen) * places).sum(-1)[:, None]).mean())

    record(0, mean_loss())
    for episode in range(training.num_epochs):
        for number in range(training.num_data):
            here = seen[number : number + 1]

            def decoded(variants: Tensor, here=here, number=number) -> Tensor:
                users = cloud.assign(variants.flatten(0, 1), here)[:, 0]
                return table[number][(users * places).sum(-1)].unflatten(0, variants.shape[:2])

            def expected(variants: Tensor, here=here, number=number) -> Tensor:
                policy = cloud.policy(variants.flatten(0, 1), here)[:, 0]
                return (policy * likely[number]).sum(-1).unflatten(0, variants.shape[:2])

            entries = moved(training, episode, cloud.layout, entries, decoded, expected)
        record(episode + 1, mean_loss())
    return entries[0].numpy()


def assignment_losses(network: CellFree, channel: Tensor, reading: str) -> Float[Tensor, "sample candidate"]:
    """Return the loss of Eq. (13) of every assignment, the first access point's user changing slowest.

    Args:
        network: SNR and interference factor.
        channel: h, as the cloud knows it.
        reading: Of the target's eigenvalues, ``vector`` or ``matrix``.
    """
    rows: Int[Tensor, "candidate ap"] = candidates(network.num_aps, network.num_users, all_served=False)
    reward = -least_rates(network, channel, max_ratio(channel), rows)
    return squared_distance(reward, assignment_target(network, channel, reading)[:, None])
