"""The cloud's stage: training its circuit (Algorithm 2), and the assignment that it sends to the access points."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.cloud_edge.cloud import CLOUDS, Cloud, make_cloud
from qfl.models.cloud_edge.objectives import assignment_target, least_rates, squared_distance
from qfl.models.vqc import Execute
from qfl.scheduling.access_points.problem import problems
from qfl.scheduling.solvers.registry import solve
from qfl.seeds import stream
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

TRAINED = ("as_published", *CLOUDS)
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

    steps: int = 1600
    batch: int = 128
    pool: int = 12_000
    learning_rate: float = 0.02
    loss: str = "reward"


@dataclass(frozen=True)
class CloudPool:
    """The channels that a cloud is trained on: the same ones, the same training.

    Args:
        digest: SHA-256 of the channels.
        channels: What the access points told; the cloud reads ``known``, and ``gain`` where it assigns by that.
    """

    digest: str
    channels: Channels = field(compare=False)

    @classmethod
    def of(cls, channels: Channels) -> "CloudPool":
        """Return a pool of channels."""
        content = b"".join(part.contiguous().numpy().tobytes() for part in (channels.known, channels.gain))
        return cls(hashlib.sha256(content).hexdigest(), channels)


@torch.enable_grad()  # the server may ask for an assignment while it evaluates
def train_cloud(
    cloud: Cloud,
    network: CellFree,
    seed: int,
    training: CloudTraining,
    record: Callable[[float], None] = lambda loss: None,
    pool: CloudPool | None = None,
) -> NDArray[np.float32]:
    """Return trained entries of a cloud model; deterministic.

    The expectation over assignments is exact, so no measurement noise is in it. Unlike Algorithm 2, which updates after
    each channel, a step averages over a batch.

    Args:
        cloud: The model.
        network: SNR and interference factor.
        seed: Of the channels and of the start.
        training: How long.
        record: Takes the loss of each step.
        pool: What is trained on, ``training.pool`` channels as they were uploaded; None draws them in this process.
    """
    channels = pool.channels if pool else draw(network, seed, training.pool, "cloud")
    known = channels.known.to(torch.complex64)
    values = -least_rates(network, known, max_ratio(known), cloud.rows)
    if training.loss == "target":
        values = squared_distance(values, assignment_target(network, known)[:, None])
    entries = torch.from_numpy(cloud.initial(seed)).float().requires_grad_()
    optimizer = torch.optim.Adam([entries], lr=training.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training.steps)
    choice, seen = stream(seed, "cell_free", "cloud batches"), cloud.seen(channels)
    for _ in range(training.steps):
        index = torch.from_numpy(choice.integers(training.pool, size=training.batch))
        policy = cloud.policy(entries, seen[index])
        loss = (policy * values[index]).sum(-1).mean()
        (entries.grad,) = torch.autograd.grad(loss, entries)
        record(loss.item())
        optimizer.step()
        schedule.step()
    return entries.detach().numpy()


def assign(
    method: str,
    network: CellFree,
    channels: Channels,
    csi: str,
    seed: int,
    training: CloudTraining,
    best_of: int = 1,
    execute: Execute | None = None,
    pool: CloudPool | None = None,
) -> Int[Tensor, "sample ap"]:
    """Return the user of each access point.

    Assignments are rated without coherence, Eq. (5), whatever the network does with them: the phases that add up or not
    are those of beams that nobody has chosen yet.

    Args:
        method: A cloud model, which is trained first (once per process), ``algorithm4`` or ``exhaustive``.
        network: The network.
        channels: What is assigned; methods read the known channel.
        csi: ``full``, or ``gains``: the large-scale gains alone.
        seed: Of the training.
        training: How long the cloud is trained.
        best_of: See `choose`; nothing is rated with ``gains``, which do not tell the rates.
        execute: Where the trained circuit runs, such as a device (`qfl.quantum.devices.on_device`); None is the exact
            engine, which trains it in any case.
        pool: What a cloud model is trained on; None draws it in this process.
    """
    network = replace(network, coherent=False)
    if method in TRAINED:
        cloud, entries = trained(method, network, csi, seed, training, pool)
        cloud = make_cloud(method, network, csi, execute=execute) if execute else cloud
        with torch.no_grad():
            if best_of == 1 or csi == "gains":
                return cloud.assign(torch.from_numpy(entries), channels)
            return choose(cloud, torch.from_numpy(entries), network, channels, best_of)
    if csi == "gains":  # one antenna of the mean amplitude, and mean leakage
        network = replace(network, num_antennas=1)
        channels = channels._replace(known=channels.gain[..., None].sqrt().to(torch.complex128))
    found = problems(network, channels.known, max_ratio(channels.known))
    return torch.from_numpy(np.stack([solve(problem, method, seed=seed).choice for problem in found]))


def choose(
    cloud: Cloud, entries: Float[Tensor, " entry"], network: CellFree, channels: Channels, best_of: int
) -> Int[Tensor, "sample ap"]:
    """Return the best of the cloud's most likely assignments, by the rates that it computes from the channels it has.

    The circuit proposes, a few evaluations of Eq. (14) decide. With as many as there are assignments this is exhaustive
    search, so the number belongs beside every result.

    Args:
        cloud: The model.
        entries: Its trained entries.
        network: SNR and interference factor.
        channels: What is assigned; the known channel is read.
        best_of: How many assignments are rated, 1 or more.
    """
    rewards = least_rates(network, channels.known, max_ratio(channels.known), cloud.rows)
    likely = cloud.policy(entries, channels).topk(min(best_of, len(cloud.rows)), dim=-1).indices
    place = rewards.gather(-1, likely).argmax(-1, keepdim=True)
    return cloud.rows[likely.gather(-1, place)[:, 0]]


@lru_cache(maxsize=8)
def trained(
    name: str, network: CellFree, csi: str, seed: int, training: CloudTraining, pool: CloudPool | None = None
) -> tuple[Cloud, NDArray[np.float32]]:
    """Return a cloud model and its trained entries, trained once per process.

    Args:
        name: Of the cloud model, see `TRAINED`.
        network: The network.
        csi: ``full``, or ``gains``: the large-scale gains alone.
        seed: Of the training.
        training: How long the cloud is trained.
        pool: What it is trained on; None draws it in this process.
    """
    cloud = make_cloud(name, network, csi)
    return cloud, train_cloud(cloud, network, seed, training, pool=pool)
