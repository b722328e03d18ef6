"""Share training samples out to clients: pure functions from labels to one index array per client.

In every partition no sample is given twice, and all are given unless a label has no client (`by_label`).
"""

from collections.abc import Callable
from heapq import heapify, heapreplace

import numpy as np
from jaxtyping import Float64, Int64

from qfl.config import DataSettings
from qfl.data.dataset import Parts
from qfl.errors import ConfigError

Labels = Int64[np.ndarray, " sample"]
Indices = Int64[np.ndarray, " _"]


def partition(settings: DataSettings, labels: Labels, num_clients: int, generator: np.random.Generator) -> Parts:
    """Return one array of sample indices per client, ascending, as ``data.partition`` asks.

    Args:
        settings: The partition's name and its parameters.
        labels: Labels of the training samples.
        num_clients: Clients, at least 1.
        generator: Source of randomness, from `qfl.seeds.stream`.

    Raises:
        ConfigError: If the samples or labels do not suffice for so many clients.

    Example:
        >>> parts = partition(DataSettings(), np.array([0, 0, 1, 1, 1]), 2, np.random.default_rng(0))
        >>> [part.tolist() for part in parts]
        [[0, 1], [2, 3, 4]]
    """
    parts = PARTITIONS[settings.partition](settings, labels, num_clients, generator)
    return tuple(np.sort(part) for part in parts)


def iid(labels: Labels, num_clients: int, generator: np.random.Generator) -> list[Indices]:
    """Return equal shares (to one sample) of the shuffled samples.

    Args:
        labels: Labels of the training samples.
        num_clients: Clients, 1 or more.
        generator: Source of randomness, from `qfl.seeds.stream`.
    """
    _require(len(labels), num_clients, 1)
    return np.array_split(generator.permutation(len(labels)), num_clients)


def by_label(labels: Labels, num_clients: int, generator: np.random.Generator, labels_per_client: int) -> list[Indices]:
    """Return shares of ``labels_per_client`` labels each.

    The labels are dealt out in turn, so each goes to equally many clients (to one), and its samples are divided among
    them, never copied. With fewer places than labels the last labels go to nobody; the manifest names them.

    Args:
        labels: Labels of the training samples.
        num_clients: Clients, 1 or more.
        generator: Source of randomness, from `qfl.seeds.stream`.
        labels_per_client: Labels that a client has, from 1 to the number of labels.

    Reference:
        McMahan et al., Communication-efficient learning of deep networks from decentralized data, 2017, section 3,
        with labels dealt out instead of shards drawn; for one label and 10 clients per label as in Zhao et al.,
        Federated learning with non-IID data, arXiv:1806.00582, 2018, section 2.
    """
    values = np.unique(labels)
    if labels_per_client > len(values):
        raise ConfigError(
            f"data.labels-per-client = {labels_per_client}: the training data have {len(values)} labels; "
            f"choose at most {len(values)}"
        )
    holders = np.arange(num_clients * labels_per_client).reshape(num_clients, -1) % len(values)
    pieces: list[list[Indices]] = [[] for _ in range(num_clients)]
    for place, value in enumerate(values):
        samples, clients = np.flatnonzero(labels == value), np.flatnonzero((holders == place).any(axis=1))
        if len(clients) > len(samples):
            raise ConfigError(
                f"clients.count = {num_clients} gives label {value} to {len(clients)} clients, but it has "
                f"{len(samples)} samples; lower clients.count or data.labels-per-client"
            )
        shares = np.array_split(generator.permutation(samples), max(1, len(clients)))
        for client, share in zip(clients, shares, strict=False):
            pieces[client].append(share)
    return [np.concatenate(piece) for piece in pieces]


def dirichlet(
    labels: Labels, num_clients: int, generator: np.random.Generator, alpha: float, min_samples: int
) -> list[Indices]:
    """Return shares whose label mix varies: each label is divided in proportions drawn from Dir(alpha, ..., alpha).

    Unlike the usual code, which draws anew until every client has enough and gives up after some attempts, clients
    below ``min_samples`` are filled up from the largest ones, sample by sample.

    Args:
        labels: Labels of the training samples.
        num_clients: Clients, 1 or more.
        generator: Source of randomness, from `qfl.seeds.stream`.
        alpha: Concentration, above 0: the smaller, the more the label mixes differ.
        min_samples: The fewest samples of a client.

    Reference:
        Li, Diao, Chen and He, Federated learning on non-IID data silos, ICDE 2022, section IV-A (p_k ~ Dir_N(beta)).
    """
    _require(len(labels), num_clients, min_samples)
    pieces: list[list[Indices]] = [[] for _ in range(num_clients)]
    for value in np.unique(labels):
        samples = generator.permutation(np.flatnonzero(labels == value))
        shares = generator.dirichlet(np.full(num_clients, alpha))
        for piece, share in zip(pieces, np.split(samples, _cuts(shares, len(samples))), strict=True):
            piece.append(share)
    return fill_up([generator.permutation(np.concatenate(piece)) for piece in pieces], min_samples)


def quantity(
    labels: Labels, num_clients: int, generator: np.random.Generator, alpha: float, min_samples: int
) -> list[Indices]:
    """Return shares of like mix and unlike size: ``min_samples`` each, the rest in proportions from Dir(alpha, ...).

    Args:
        labels: Labels of the training samples.
        num_clients: Clients, 1 or more.
        generator: Source of randomness, from `qfl.seeds.stream`.
        alpha: Concentration, above 0: the smaller, the more the sizes differ.
        min_samples: The fewest samples of a client.

    Reference:
        Li, Diao, Chen and He, Federated learning on non-IID data silos, ICDE 2022, section IV-C (q ~ Dir_N(beta)).
        Unlike there, the floor is set aside first.
    """
    _require(len(labels), num_clients, min_samples)
    spare = len(labels) - num_clients * min_samples
    cuts = _cuts(generator.dirichlet(np.full(num_clients, alpha)), spare) + min_samples * np.arange(1, num_clients)
    return np.split(generator.permutation(len(labels)), cuts)


def natural(holders: Labels | None, num_clients: int) -> Parts:
    """Return the share of each client as the data say it.

    Args:
        holders: Number of each sample's client, from 0 on without a gap; None where the data do not say.
        num_clients: Clients.

    Raises:
        ConfigError: If the data do not say, name another number of clients, or leave one without a training sample.
    """
    if holders is None:
        raise ConfigError(
            "data.partition = 'natural', but the data do not say who holds a sample; give a column (data.client), an "
            "array client, or a folder with a file for each client"
        )
    named = int(holders.max()) + 1 if len(holders) else 0
    if named != num_clients:
        raise ConfigError(
            f"clients.count = {num_clients}, but the data name {named} clients; set clients.count = {named}"
        )
    parts = tuple(np.flatnonzero(holders == client) for client in range(num_clients))
    if empty := [client for client, part in enumerate(parts) if not len(part)]:
        raise ConfigError(
            f"client {empty[0]} has no sample to train on (its own are tested or were dropped); give it more, or "
            "lower data.test-share"
        )
    return parts


def fill_up(parts: list[Indices], min_samples: int) -> list[Indices]:
    """Return parts of at least ``min_samples``: each missing sample is the last one of the part that is then largest.

    Args:
        parts: Disjoint shares, shuffled, of at least ``min_samples`` on average.
        min_samples: The floor.
    """
    left = [len(part) for part in parts]
    largest = [(-size, client) for client, size in enumerate(left)]
    heapify(largest)
    gains: list[list[int]] = [[] for _ in parts]
    for gain, size in zip(gains, tuple(left), strict=True):
        while size + len(gain) < min_samples:
            donor = largest[0][1]
            left[donor] -= 1
            heapreplace(largest, (-left[donor], donor))
            gain.append(parts[donor][left[donor]])
    return [
        np.concatenate([part[:size], np.array(gain, dtype=np.int64)])
        for part, size, gain in zip(parts, left, gains, strict=True)
    ]


def _cuts(shares: Float64[np.ndarray, " client"], total: int) -> Int64[np.ndarray, " cut"]:
    return np.rint(np.cumsum(shares[:-1]) * total).astype(np.int64)


def _require(num_samples: int, num_clients: int, min_samples: int) -> None:
    if num_clients * min_samples > num_samples:
        raise ConfigError(
            f"clients.count = {num_clients} at {min_samples} or more samples each takes {num_clients * min_samples} "
            f"training samples, but there are {num_samples}; use at most {num_samples // min_samples} clients"
            + (" or lower data.min-samples" if min_samples > 1 else "")
        )


PARTITIONS: dict[str, Callable[[DataSettings, Labels, int, np.random.Generator], list[Indices]]] = {
    "iid": lambda s, labels, clients, generator: iid(labels, clients, generator),
    "labels": lambda s, labels, clients, generator: by_label(labels, clients, generator, s.labels_per_client),
    "dirichlet": lambda s, labels, clients, generator: dirichlet(labels, clients, generator, s.alpha, s.min_samples),
    "quantity": lambda s, labels, clients, generator: quantity(labels, clients, generator, s.alpha, s.min_samples),
}
