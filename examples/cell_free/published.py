"""Algorithms 1 to 4 line by line, trained at every point of the sweep: "the transmit SNR is known during training".

``as_published`` is the cloud's circuit of Eqs. (10)-(12), trained by Algorithm 2, and the edges' of Eqs. (19)-(20), by
Algorithm 3 for the users that it assigns; ``extended`` has the extended circuits in the same places and is trained in
the same way, so that the two differ in their circuits alone. At Table III's point every other reading is measured, too:
``..._time`` reads the products from left to right, ``..._appendix`` has the cloud's alternating layers of Appendix D,
``..._matrix`` the targets with the eigenvalues of all users' channels, ``..._quiet`` the edges' rate without the
interference of Eq. (4), ``..._rotosolve`` the update without a gradient, ``..._mr`` the cloud with maximum ratio beams.
"""

from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.errors import ConfigError
from qfl.models.cloud_edge.cloud import Cloud
from qfl.models.cloud_edge.decoding import MOST
from qfl.models.cloud_edge.edge import Edge, make_edge
from qfl.models.cloud_edge.printed import Order
from qfl.studies.request import Request
from qfl.tasks.cell_free.algorithm2 import cloud_in_order, train_by_algorithm_2
from qfl.tasks.cell_free.algorithm3 import sent, train_by_algorithm_3
from qfl.tasks.cell_free.published_step import PublishedTraining
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import one_hot

from .methods import Decision, Method
from .settings import EPOCHS

AT_DB, AT_INTERFERENCE = 20.0, 0.1
TREATED = "as_published", "extended"
CHANNELS = "published-channels"


@dataclass(frozen=True)
class Published:
    """A pair of circuits, and how they are read and trained.

    Args:
        cloud: Name of the cloud.
        edge: Name of the edge.
        training: Of Algorithms 2 and 3.
        cloud_order: ``operator``, ``time`` or ``appendix``.
        edge_order: ``operator`` or ``time``.
    """

    cloud: str
    edge: str
    training: PublishedTraining
    cloud_order: str = "operator"
    edge_order: Order = "operator"


def published(network: CellFree, request: Request) -> dict[str, Method]:
    """Return the circuits trained by the paper's algorithms at this point; each is trained when it is first asked."""
    if network.num_users**network.num_aps > MOST or not network.num_antennas <= network.num_users <= network.num_aps:
        return {}
    found, seed = circuits(network, request), request.seed
    methods: dict[str, Method] = {name: partial(_decide, own, network, seed) for name, own in found.items()}
    return methods | {f"{name}_mr": partial(_with_max_ratio, found[name], network, seed) for name in TREATED}


def circuits(network: CellFree, request: Request) -> dict[str, Published]:
    """Return what is trained at a point, by name; at Table III's point in every reading.

    Args:
        network: The point.
        request: Its settings say how long.

    Raises:
        ConfigError: If there are no channels to train on.
    """
    epochs, channels = (int(request.settings.get(key, 100)) for key in (EPOCHS, CHANNELS))
    if channels < 1:
        raise ConfigError(f"{CHANNELS} is {channels}; give a whole number from 1 on")
    training = PublishedTraining(num_data=channels, num_epochs=-(-epochs // 100) if request.quick else epochs)
    both = {
        "as_published": Published("as_published", "edge_printed", training),
        "extended": Published("extended", "edge_plus", training),
    }
    found = dict(both)
    if (network.snr_db, network.interference) == (AT_DB, AT_INTERFERENCE):
        found |= {f"{name}_{change}": own for name, pair in both.items() for change, own in _readings(pair).items()}
    return found


def _readings(own: Published) -> dict[str, Published]:
    training = own.training
    shared = {
        "matrix": replace(own, training=replace(training, reading="matrix")),
        "quiet": replace(own, training=replace(training, interference=False)),
        "matrix_quiet": replace(own, training=replace(training, reading="matrix", interference=False)),
    }
    if own.cloud != "as_published":
        return shared
    return shared | {
        "time": replace(own, cloud_order="time", edge_order="time"),
        "appendix": replace(own, cloud_order="appendix"),
        "rotosolve": replace(own, training=replace(training, rule="rotosolve")),
    }


def _decide(own: Published, network: CellFree, seed: int, batch: Channels) -> Decision:
    edge, entries = trained_edges(own, network, seed)
    user = _assigned(own, network, seed, batch)
    with torch.no_grad():
        beams = sent(edge, entries, batch.known.transpose(0, 1), user.mT).transpose(0, 1)
    serves = one_hot(user, network.num_users)
    return Decision(serves, beams[:, :, None] * serves[..., None])


def _with_max_ratio(own: Published, network: CellFree, seed: int, batch: Channels) -> Decision:
    return Decision(one_hot(_assigned(own, network, seed, batch), network.num_users), max_ratio(batch.known))


def _assigned(own: Published, network: CellFree, seed: int, batch: Channels) -> Tensor:
    cloud, entries = trained_cloud(own, network, seed)
    with torch.no_grad():
        return cloud.assign(torch.from_numpy(entries), batch)


def trained_cloud(own: Published, network: CellFree, seed: int) -> tuple[Cloud, NDArray[np.float64]]:
    """Return the cloud and its entries after Algorithm 2, trained once per process.

    Args:
        own: Which, and how.
        network: SNR and interference factor.
        seed: Of channels and start.
    """
    training = replace(own.training, interference=True)  # of the edges alone
    return _trained_cloud(own.cloud, own.cloud_order, training, network, seed)


@lru_cache(maxsize=64)
def _trained_cloud(
    name: str, order: str, training: PublishedTraining, network: CellFree, seed: int
) -> tuple[Cloud, NDArray[np.float64]]:
    cloud = cloud_in_order(name, network, order)
    return cloud, train_by_algorithm_2(cloud, network, seed, training)


@lru_cache(maxsize=64)
def trained_edges(own: Published, network: CellFree, seed: int) -> tuple[Edge, Float[Tensor, "ap entry"]]:
    """Return the edge and all access points' entries after Algorithm 3, for the users that Algorithm 2 assigns.

    Args:
        own: Which, and how.
        network: SNR and interference factor.
        seed: Of channels and start.
    """
    edge = make_edge(own.edge, network, order=own.edge_order)
    return edge, train_by_algorithm_3(edge, network, *_edge_data(own, network, seed), seed, own.training)


def edge_losses(own: Published, network: CellFree, seed: int) -> list[float]:
    """Return the mean loss of Eq. (17) before the first episode and after each: Fig. 6, with Algorithm 2's users.

    Args:
        own: Which, and how.
        network: SNR and interference factor.
        seed: Of channels and start.
    """
    edge, found = make_edge(own.edge, network, order=own.edge_order), list[float]()
    data = _edge_data(own, network, seed)
    train_by_algorithm_3(edge, network, *data, seed, own.training, lambda _, loss: found.append(loss))
    return found


def _edge_data(own: Published, network: CellFree, seed: int) -> tuple[Channels, Tensor]:
    channels = draw(network, seed, own.training.num_data, "edge")
    return channels, _assigned(own, network, seed, channels)
