"""The cloud's stage: training its circuit (Algorithm 2), and the assignment that it sends to the access points."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.cloud_edge.cloud import CLOUDS, Cloud, make_cloud
from qfl.models.cloud_edge.objectives import assignment_target, least_rates, squared_distance
from qfl.scheduling.access_points.problem import problems
from qfl.scheduling.access_points.registry import method as solver
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

TRAINED = ("printed", *CLOUDS)
METHODS = (*TRAINED, "algorithm4", "exhaustive")


@dataclass(frozen=True)
class CloudTraining:
    """How the cloud's circuit is trained.

    Args:
        steps: Gradient steps.
        batch: Channels of a step.
        pool: Channels that batches are drawn from.
        learning_rate: Adam's step size, falling to 0 along half a cosine.
        loss: ``reward``, minus the expected least rate; or ``target``, the expected squared distance of Eq. (13).
    """

    steps: int = 2000
    batch: int = 128
    pool: int = 20_000
    learning_rate: float = 0.02
    loss: str = "reward"


def train_cloud(cloud: Cloud, network: CellFree, seed: int, training: CloudTraining) -> NDArray[np.float32]:
    """Return trained entries of a cloud model; deterministic.

    The expectation over assignments is exact, so no measurement noise is in it. Unlike Algorithm 2, which updates after
    each channel, a step averages over a batch.
    """
    channels = draw(network, seed, training.pool, "cloud")
    known = channels.known.to(torch.complex64)
    values = -least_rates(network, known, max_ratio(known), cloud.rows)
    if training.loss == "target":
        values = squared_distance(values, assignment_target(network, known)[:, None])
    entries = torch.from_numpy(cloud.initial(seed)).float().requires_grad_()
    optimizer = torch.optim.Adam([entries], lr=training.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training.steps)
    choice = stream(seed, "cell_free", "cloud batches")
    for _ in range(training.steps):
        index = torch.from_numpy(choice.integers(training.pool, size=training.batch))
        policy = cloud.policy(entries, Channels(*(part[index] for part in channels)))
        (entries.grad,) = torch.autograd.grad((policy * values[index]).sum(-1).mean(), entries)
        optimizer.step()
        schedule.step()
    return entries.detach().numpy()


def assign(
    method: str, network: CellFree, channels: Channels, csi: str, seed: int, training: CloudTraining
) -> Int[Tensor, "sample ap"]:
    """Return the user of each access point.

    Args:
        method: A cloud model, which is trained first (once per process), ``algorithm4`` or ``exhaustive``.
        network: The network.
        channels: What is assigned; methods read the known channel.
        csi: ``full``, or ``gains``: the large-scale gains alone.
        seed: Of the training.
        training: How long the cloud is trained.
    """
    if method in TRAINED:
        cloud, entries = trained(method, network, csi, seed, training)
        with torch.no_grad():
            return cloud.assign(torch.from_numpy(entries), channels)
    if csi == "gains":  # one antenna of the mean amplitude, and mean leakage
        network = replace(network, num_antennas=1)
        channels = channels._replace(known=channels.gain[..., None].sqrt().to(torch.complex128))
    solve, found = solver(method), problems(network, channels.known, max_ratio(channels.known))
    return torch.from_numpy(np.stack([solve(problem) for problem in found]))


@lru_cache(maxsize=8)
def trained(
    name: str, network: CellFree, csi: str, seed: int, training: CloudTraining
) -> tuple[Cloud, NDArray[np.float32]]:
    """Return a cloud model and its trained entries, trained once per process."""
    cloud = make_cloud(name, network, csi)
    return cloud, train_cloud(cloud, network, seed, training)
