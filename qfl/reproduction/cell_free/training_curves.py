"""Figs. 5 and 6: the article's losses, Eqs. (13) and (17), while the cloud and the access points train."""

from collections.abc import Iterator
from dataclasses import replace

import torch

from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.edge import make_edge
from qfl.reproduction.cell_free.losses import Row, run_losses
from qfl.reproduction.request import Found, Request
from qfl.seeds import stream
from qfl.tasks.cell_free.blocks import Blocks, block_of
from qfl.tasks.cell_free.cloud import CloudTraining, train_cloud
from qfl.tasks.cell_free.edge_training import EdgeTraining, train_edge
from qfl.tasks.cell_free.task import CellFreeTask
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree


def reproduce_fig5(request: Request) -> Found:
    """Train clouds on the expected squared distance of Eq. (13) and draw it over the steps."""
    return run_losses(request, cloud_curves, "Fig. 5: the cloud's loss, Eq. (13)")


def reproduce_fig6(request: Request) -> Found:
    """Train edges on the squared distance of Eq. (17) and draw its mean over access points, over the steps."""
    return run_losses(request, edge_curves, "Fig. 6: the access points' mean loss, Eq. (17)")


def cloud_curves(request: Request) -> Iterator[Row]:
    """Yield the losses of the printed cloud, the extended one and the ablations, on the same channels."""
    network, steps = CellFree(), _steps(request)
    training = CloudTraining(steps=steps, pool=2000, loss="target")
    for name in ("printed", "plus", "identity", "classical"):
        request.show(f"cloud, {name}: {steps} steps")
        found: list[float] = []
        train_cloud(make_cloud(name, network), network, request.seed, training, found.append)
        yield from _rows(name, found)


def edge_curves(request: Request) -> Iterator[Row]:
    """Yield the losses of separate edges, for users drawn at random."""
    network, steps = CellFree(), _steps(request)
    training = EdgeTraining(steps=steps, mode="separate", loss="target")
    channels = draw(network, request.seed, training.pool, "edge")
    shape = (training.pool, network.num_aps)
    user = torch.from_numpy(stream(request.seed, "cell_free", "served").integers(network.num_users, size=shape))
    for name in ("printed", "plus", "identity", "classical"):
        request.show(f"edge, {name}: {steps} steps")
        edge = make_edge(f"edge_{name}", network)
        task = CellFreeTask(Blocks(edge, block_of("separate", network.num_aps)), network, "target")
        found: list[float] = []
        train_edge(task, channels, user, request.seed, replace(training, steps=steps), found.append)
        yield from _rows(name, found)


def _steps(request: Request) -> int:
    """Return the file's steps, or a tenth of them."""
    steps = int(request.settings["steps"])
    return -(-steps // 10) if request.quick else steps


def _rows(model: str, found: list[float]) -> Iterator[Row]:
    for step, loss in enumerate(found):
        yield {"model": model, "step": step, "loss": loss}
