"""The federation that studies of attacks train: FedAvg over clients' own steps, in this process."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.aggregation.aggregate import shares, weighted_mean
from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.federation import Federation
from qfl.tasks.local import train_clients


def federation_of(settings: Mapping[str, Any], seed: int) -> Federation:
    """Return a federation of classifiers in this process, its seed that of the study."""
    return build(Settings.from_flat({"threads": 1, "data.partition": "iid", **settings, "seed": seed}))


def train(federation: Federation, rounds: int) -> NDArray[np.float64]:
    """Return the angles after rounds in which all clients train and the server takes the weighted mean.

    That is FedAvg without messages: `qfl run` with the same settings sends, signs and checks them besides.
    """
    clients = range(federation.settings.clients.count)
    weights = shares(np.array([len(part) for part in federation.parts], dtype=np.float64))
    angles = federation.model.initial(federation.settings.seed)
    for number in range(1, rounds + 1):
        updates = train_clients(federation, angles, number, clients)
        angles = weighted_mean(weights, np.stack([update.angles for update in updates]).astype(np.float64))
    return angles
