"""What the edge circuits cost: a beam, a gradient step, and the whole training of Table III's access points."""

import time
from collections.abc import Callable
from typing import Any

import torch

from qfl.models.cloud_edge.edge import make_edge
from qfl.tasks.cell_free.blocks import Blocks, block_of
from qfl.tasks.cell_free.edge_training import EdgeTraining, train_edge
from qfl.tasks.cell_free.task import Batch, CellFreeTask
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.rates import Beams


def edge_costs(network: CellFree, channel: Beams) -> dict[str, Callable[[], Any]]:
    """Return what to time: the beams of all access points for these channels, and a gradient of the shared model."""
    task = CellFreeTask(Blocks(make_edge("edge_plus", network), block_of("shared", network.num_aps)), network, "slnr")
    own = channel.to(torch.complex64).transpose(0, 1)
    user = torch.arange(own.shape[1])[None] % network.num_users + 0 * own[..., 0, 0].real.long()
    batch = Batch(own, user, torch.arange(len(own)), torch.ones(user.shape))
    entries = torch.from_numpy(task.blocks.initial(1)).float().requires_grad_()

    def beam() -> Any:
        with torch.no_grad():
            return task.blocks.edge.beam(entries.expand(len(own), -1), own, user)

    def gradient() -> Any:
        return torch.autograd.grad(task.metrics(entries.expand(len(own), -1), batch)["loss"].sum(), entries)

    return {"edge_beam": beam, "edge_gradient": gradient}


def edge_training(num_channels: int = 10_000, training: EdgeTraining | None = None) -> dict[str, Any]:
    """Train Table III's access points on as many channels; return seconds, and the gap to SLNR before and after.

    Example:
        >>> found = edge_training(200, EdgeTraining(steps=30))
        >>> found["channels"], found["gap_after"] < found["gap_before"]
        (200, True)
    """
    network, training = CellFree(), training or EdgeTraining()
    task = CellFreeTask(Blocks(make_edge("edge_plus", network), block_of(training.mode, 4)), network, training.loss)
    channels, fresh = (draw(network, 1, count, name) for count, name in ((num_channels, "edge"), (1000, "test")))
    user, aps = torch.arange(num_channels)[:, None].expand(-1, 4) % 3, torch.arange(4)
    test = Batch(
        fresh.known.to(torch.complex64).transpose(0, 1), torch.arange(1000).expand(4, -1) % 3, aps, torch.ones(4, 1000)
    )
    wall, cpu = time.perf_counter(), time.process_time()
    entries = train_edge(task, channels, user, 1, training)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    before, after = (
        task.metrics(torch.as_tensor(e, dtype=torch.float32).expand(4, -1), test)["loss"].mean().item()
        for e in (task.blocks.initial(1), entries)
    )
    return {
        "aps": 4,
        "channels": num_channels,
        "steps": training.steps,
        "seconds": wall,
        "cpu_seconds": cpu,
        "gap_before": before,
        "gap_after": after,
        "threads": torch.get_num_threads(),
    }
