"""The circuits, printed and extended, and what is left when they are taken out, measured like any other method.

Both stages are trained once, at 20 dB and Table III's interference, and used at every point: above 10 dB the network is
limited by interference and hardly changes. Names: ``printed`` and ``plus`` are cloud and edge together; ``..._mr`` is
the cloud with maximum ratio beams, ``algorithm4_..._edge`` the edge for Algorithm 4's assignment. ``ablation_identity``
has the same features and decoding with a linear map in place of both circuits, ``ablation_classical`` a layer of tanh
units with as many trained numbers. ``plus_gains`` assigns by large-scale gains alone, ``..._best_of_4`` rates the four
likeliest assignments before it takes one.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import torch

from qfl.config import KEYS
from qfl.models.cloud_edge.decoding import MOST
from qfl.scheduling.access_points.problem import problems
from qfl.scheduling.solvers.registry import solve
from qfl.studies.request import Request
from qfl.tasks.cell_free.cloud import CloudTraining, choose, trained
from qfl.tasks.cell_free.edge_training import EdgeTraining, trained_edge
from qfl.wireless.cell_free.channel import Channels
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import Beams, Serves, one_hot

from .methods import Decision, Method

AT_DB, AT_INTERFERENCE = 20.0, 0.1
CLOUD_OF = KEYS["cell-free.assignment"].renamed  # results keep the clouds' old names as keys

Assign = Callable[[CellFree, Channels], Serves]
Precode = Callable[[CellFree, Channels, Serves], Beams]

QUICK = CloudTraining(), EdgeTraining(steps=1000)
FULL = CloudTraining(steps=6000), EdgeTraining(steps=4000)


def learned(network: CellFree, request: Request) -> dict[str, Method]:
    """Return the learned methods; each is trained when it is first asked."""
    if network.num_users**network.num_aps > MOST or network.num_users > network.num_aps:
        return {}
    at = replace(network, snr_db=AT_DB, interference=AT_INTERFERENCE)
    cloud, edge = QUICK if request.quick else FULL
    clouds = {
        name: partial(
            _by_cloud, name.partition("_")[0], "gains" if "gains" in name else "full", at, request.seed, cloud
        )
        for name in ("printed", "plus", "identity", "classical", "plus_gains")
    }
    best = {name: partial(_by_cloud, name, "full", at, request.seed, cloud, best_of=4) for name in ("plus", "identity")}
    edges = {
        name: partial(_by_edge, f"edge_{name}", at, request.seed, edge)
        for name in ("printed", "plus", "identity", "classical")
    }
    pairs: dict[str, tuple[Assign, Precode]] = {
        "printed": (clouds["printed"], edges["printed"]),
        "plus": (clouds["plus"], edges["plus"]),
        "printed_mr": (clouds["printed"], _max_ratio),
        "plus_best_of_4_mr": (best["plus"], _max_ratio),
        "ablation_identity_best_of_4_mr": (best["identity"], _max_ratio),
        "plus_mr": (clouds["plus"], _max_ratio),
        "plus_gains_mr": (clouds["plus_gains"], _max_ratio),
        "algorithm4_printed_edge": (_algorithm_4, edges["printed"]),
        "algorithm4_plus_edge": (_algorithm_4, edges["plus"]),
        "ablation_identity": (clouds["identity"], edges["identity"]),
        "ablation_classical": (clouds["classical"], edges["classical"]),
        "ablation_identity_mr": (clouds["identity"], _max_ratio),
        "ablation_classical_mr": (clouds["classical"], _max_ratio),
    }
    return {name: partial(_decide, network, *pair) for name, pair in pairs.items()}


def _decide(network: CellFree, assign: Assign, precode: Precode, batch: Channels) -> Decision:
    serves = assign(network, batch)
    return Decision(serves, precode(network, batch, serves))


def _by_cloud(
    name: str,
    csi: str,
    at: CellFree,
    seed: int,
    training: CloudTraining,
    network: CellFree,
    batch: Channels,
    best_of: int = 1,
) -> Serves:
    cloud, entries = trained(CLOUD_OF.get(name, name), at, csi, seed, training)
    with torch.no_grad():
        if best_of > 1:
            return one_hot(choose(cloud, torch.from_numpy(entries), network, batch, best_of), network.num_users)
        return one_hot(cloud.assign(torch.from_numpy(entries), batch), network.num_users)


def _by_edge(
    name: str, at: CellFree, seed: int, training: EdgeTraining, network: CellFree, batch: Channels, serves: Serves
) -> Beams:
    task, entries = trained_edge(name, at, seed, training)
    with torch.no_grad():
        beams = task.beams(torch.from_numpy(entries), batch.known.to(torch.complex64), serves.int().argmax(-1))
    return beams.to(batch.known.dtype)


def _algorithm_4(network: CellFree, batch: Channels) -> Serves:
    tasks = problems(network, batch.known, max_ratio(batch.known))
    users = np.stack([solve(task, "algorithm4", seed=1).choice for task in tasks])
    return one_hot(torch.from_numpy(users), network.num_users)


def _max_ratio(network: CellFree, batch: Channels, serves: Serves) -> Beams:
    return max_ratio(batch.known)
