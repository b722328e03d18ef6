"""Algorithm 3 without messages: all access points' edge models trained in one program, for figures and ablations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.models.cloud_edge.edge import make_edge
from qfl.seeds import stream
from qfl.tasks.cell_free.blocks import Blocks, block_of
from qfl.tasks.cell_free.task import Batch, CellFreeTask
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree


@dataclass(frozen=True)
class EdgeTraining:
    """How edge models are trained.

    Args:
        steps: Gradient steps; each access point takes part in all.
        batch: Channels of a step, for each access point.
        pool: Channels that batches are drawn from.
        learning_rate: Adam's step size, falling to 0 along half a cosine.
        mode: ``separate``, ``shared`` or ``clustered``.
        loss: ``slnr`` or ``target``, see `qfl.tasks.cell_free.task`.
        num_qubits: Of a register.
        num_layers: Uploads of a register.
    """

    steps: int = 1500
    batch: int = 64
    pool: int = 10_000
    learning_rate: float = 0.03
    mode: str = "shared"
    loss: str = "slnr"
    num_qubits: int = 3
    num_layers: int = 2


@torch.enable_grad()
def train_edge(
    task: CellFreeTask,
    channels: Channels,
    user: Int[Tensor, "sample ap"],
    seed: int,
    training: EdgeTraining,
    record: Callable[[float], None] = lambda loss: None,
) -> NDArray[np.float32]:
    """Return trained entries of all blocks: the same losses of the same local data as in a federation, every step.

    Args:
        task: Models and loss.
        channels: What is trained on.
        user: The user that each access point serves.
        seed: Of batches and start.
        training: How long.
        record: Takes the mean loss of each step.
    """
    known, aps = channels.known.to(torch.complex64).transpose(0, 1), torch.arange(user.shape[1])
    served, rows = user.mT, aps[:, None]
    entries = torch.from_numpy(task.blocks.initial(seed)).float().requires_grad_()
    optimizer = torch.optim.Adam([entries], lr=training.learning_rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, training.steps)
    choice, weight = stream(seed, "cell_free", "edge batches"), torch.ones(len(aps), training.batch)
    for _ in range(training.steps):
        index = torch.from_numpy(choice.integers(known.shape[1], size=(len(aps), training.batch)))
        batch = Batch(known[rows, index], served[rows, index], aps, weight)
        loss = task.metrics(entries.expand(len(aps), -1), batch)["loss"].sum()
        (entries.grad,) = torch.autograd.grad(loss, entries)
        record(loss.item() / len(aps))
        optimizer.step()
        schedule.step()
    return entries.detach().numpy()


@lru_cache(maxsize=16)
def trained_edge(
    name: str, network: CellFree, seed: int, training: EdgeTraining
) -> tuple[CellFreeTask, NDArray[np.float32]]:
    """Return an edge model's task and its trained entries, once per process.

    It is trained for users drawn at random, not for one cloud's assignment: an access point's loss depends on the
    user that it serves and not on how that user was chosen, so one training goes with every cloud.

    Args:
        name: Of the edge model.
        network: The network.
        seed: Of the channels, of who is served, of batches and start.
        training: How long, and on which loss.
    """
    edge = make_edge(name, network, training.num_qubits, training.num_layers)
    task = CellFreeTask(Blocks(edge, block_of(training.mode, network.num_aps)), network, training.loss)
    channels = draw(network, seed, training.pool, "edge")
    shape = (training.pool, network.num_aps)
    user = torch.from_numpy(stream(seed, "cell_free", "served").integers(network.num_users, size=shape))
    return task, train_edge(task, channels, user, seed, training)
