"""Figs. 5 and 6: the article's losses, Eqs. (13) and (17), while the cloud and the access points train.

The clouds train on the expected squared distance of Eq. (13), the edges on that of Eq. (17), of which the mean over
access points is recorded. Beside them stand the paper's own algorithms, line by line (`published`), in both readings of
the targets: Algorithm 2's, and Algorithm 3's for the users that Algorithm 2 assigns.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import torch

from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.edge import make_edge
from qfl.seeds import stream
from qfl.studies.request import Request
from qfl.tasks.cell_free.algorithm2 import cloud_in_order, train_by_algorithm_2
from qfl.tasks.cell_free.blocks import Blocks, block_of
from qfl.tasks.cell_free.cloud import CloudTraining, train_cloud
from qfl.tasks.cell_free.edge_training import EdgeTraining, train_edge
from qfl.tasks.cell_free.task import CellFreeTask
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree

from .learned import CLOUD_OF
from .losses import Row, losses_study
from .published import TREATED, Published, circuits, edge_losses
from .settings import EPOCHS


def cloud_curves(request: Request, steps: int) -> Iterator[Row]:
    """Yield the losses of the printed cloud, the extended one and the ablations, on the same channels."""
    network = CellFree()
    training = CloudTraining(steps=steps, pool=2000, loss="target")
    for name in ("printed", "plus", "identity", "classical"):
        request.show(f"cloud, {name}: {steps} steps")
        found: list[float] = []
        train_cloud(make_cloud(CLOUD_OF.get(name, name), network), network, request.seed, training, found.append)
        yield from _rows(name, found)
    for name, own in pairs(network, request, steps, ("", "_matrix")):
        request.show(f"{name}: {own.training.num_epochs} episodes")
        found = []
        cloud = cloud_in_order(own.cloud, network, own.cloud_order)
        train_by_algorithm_2(cloud, network, request.seed, own.training, lambda _, loss, kept=found: kept.append(loss))
        yield from _rows(f"Algorithm 2: {name}", found)


def edge_curves(request: Request, steps: int) -> Iterator[Row]:
    """Yield the losses of separate edges, for users drawn at random."""
    network = CellFree()
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
    for name, own in pairs(network, request, steps, ("", "_quiet", "_matrix", "_matrix_quiet")):
        request.show(f"{name}: {own.training.num_epochs} episodes")
        yield from _rows(f"Algorithm 3: {name}", edge_losses(own, network, request.seed))


def pairs(network: CellFree, request: Request, steps: int, readings: Sequence[str]) -> Iterator[tuple[str, Published]]:
    """Yield the circuits as published and extended, in some readings; an episode for every 200 steps.

    Args:
        network: Table III's.
        request: Says whether it is quick.
        steps: Of the other curves.
        readings: Endings of names, see `published`.
    """
    whole = dict(request.settings) | {EPOCHS: 100 * -(-steps // 200) if request.quick else -(-steps // 200)}
    found = circuits(network, replace(request, settings=whole))
    for name in TREATED:
        for reading in readings:
            yield name + reading, found[name + reading]


def _rows(model: str, found: list[float]) -> Iterator[Row]:
    for step, loss in enumerate(found):
        yield {"model": model, "step": step, "loss": loss}


FIG5 = losses_study(cloud_curves, "Fig. 5: the cloud's loss, Eq. (13)")
FIG6 = losses_study(edge_curves, "Fig. 6: the access points' mean loss, Eq. (17)")
