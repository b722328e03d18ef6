"""Who takes part in a round, by client number and from the seed.

Flower's strategies sample node ids, which are random in every run, with a global generator. Here the choice falls
before the strategy sees any node: the grid shows it only the chosen ones, and the unmodified strategy asks all it sees.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from flwr.serverapp import Grid

from qfl.federation.grids.base import GridDecorator
from qfl.seeds import stream
from qfl.tasks.federation import Federation


@dataclass(frozen=True)
class Pool:
    """What the server knows of the clients when it chooses.

    Args:
        seed: The run's seed.
        count: Clients; they are numbered from 0.
        labels: The labels that each client holds; only `balanced` looks at them.
    """

    seed: int
    count: int
    labels: Sequence[Sequence[int]] = ()


def full(pool: Pool, size: int, round_number: int) -> list[int]:
    """Choose every client.

    Args:
        pool: The clients.
        size: Not looked at.
        round_number: Not looked at.
    """
    return list(range(pool.count))


def uniform(pool: Pool, size: int, round_number: int) -> list[int]:
    """Choose ``size`` clients, every subset with the same probability.

    Args:
        pool: The clients.
        size: How many, at most all.
        round_number: The round, on which the draw depends.

    Example:
        >>> uniform(Pool(1, 100), 3, 5) == uniform(Pool(1, 100), 3, 5)
        True
    """
    rng = stream(pool.seed, "select", round_number)
    return sorted(rng.permutation(pool.count)[:size].tolist())


def balanced(pool: Pool, size: int, round_number: int) -> list[int]:
    """Choose ``size`` clients such that all labels are represented as equally as can be.

    The least represented label of those chosen so far (ties at random) names the next client: a random one of those
    that hold it. With one label per client and ``size`` a multiple of the labels, each label comes equally often.

    The price is privacy: **the server must know which label or labels each client holds**, which `uniform` never asks.

    Args:
        pool: The clients, with their labels.
        size: How many, at most all.
        round_number: The round, on which the draw depends.
    """
    rng = stream(pool.seed, "select", round_number)
    order = rng.permutation(pool.count).tolist()
    share = dict.fromkeys(rng.permutation(sorted({label for held in pool.labels for label in held})).tolist(), 0)
    chosen: list[int] = []
    while len(chosen) < size:
        client = _next(order, pool.labels, share)
        order.remove(client)
        chosen.append(client)
        for label in pool.labels[client]:
            share[label] += 1
    return sorted(chosen)


def resource(pool: Pool, size: int, round_number: int) -> list[int]:
    """Choose ``size`` clients without replacement, each draw with probability proportional to the client's resource.

    Args:
        pool: The clients.
        size: How many, at most all.
        round_number: The round, on which the draw depends.
    """
    rng = stream(pool.seed, "select", round_number)
    weight = resources(pool.seed, pool.count)
    return sorted(rng.choice(pool.count, size, replace=False, p=weight / weight.sum()).tolist())


def resources(seed: int, count: int) -> np.ndarray:
    """Return each client's resource (a relative speed, median 1): log-normal with sigma 0.5, fixed for the run."""
    return stream(seed, "resource").lognormal(0.0, 0.5, count)


def held_labels(federation: Federation) -> list[tuple[int, ...]]:
    """Return the labels that each client holds, ascending; none where data have no labels."""
    labels = federation.labels
    return [() if labels is None else tuple(np.unique(labels[part]).tolist()) for part in federation.parts]


SELECTIONS: dict[str, Callable[[Pool, int, int], list[int]]] = {
    "full": full,
    "uniform": uniform,
    "balanced": balanced,
    "resource": resource,
}


def choose(name: str, pool: Pool, size: int, round_number: int) -> list[int]:
    """Return the clients of a round, ascending.

    Args:
        name: A key of `SELECTIONS`.
        pool: The clients.
        size: Clients to ask.
        round_number: The round.
    """
    return full(pool, size, round_number) if size == pool.count else SELECTIONS[name](pool, size, round_number)


class SelectionGrid(GridDecorator):
    """Show only the chosen clients' nodes.

    Args:
        base: The grid within.
        nodes: Node id of each client.
        chosen: Client numbers that take part.
    """

    def __init__(self, base: Grid, nodes: Mapping[int, int], chosen: Iterable[int]):
        super().__init__(base)
        self._nodes = [nodes[client] for client in chosen]

    def get_node_ids(self) -> Iterable[int]:
        """Return the node ids of the chosen clients, by ascending client number."""
        return list(self._nodes)


def _next(order: list[int], labels: Sequence[Sequence[int]], share: dict[int, int]) -> int:
    for label in sorted(share, key=lambda each: share[each]):
        for client in order:
            if label in labels[client]:
                return client
    return order[0]
