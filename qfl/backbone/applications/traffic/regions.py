"""The network seen from afar: regions in place of nodes, and one decision for all demands from one region to another.

Regions are communities of the topology (greedy modularity). What is decided for a pair of regions is the sequence of
regions that its demands pass; each demand takes its own shortest path with that sequence, or the one nearest to it.

Reference:
    Clauset, Newman and Moore, Finding community structure in very large networks, Phys. Rev. E 70, 066111 (2004).
"""

import networkx
import numpy as np
from numpy import ndarray

from qfl.backbone.applications.traffic.coarse import Coarse, coarsen
from qfl.backbone.applications.traffic.routing import Routing
from qfl.backbone.applications.traffic.topology import Path, Topology
from qfl.errors import ConfigError

Passed = tuple[int, ...]
"""Numbers of regions, each once as it is entered."""


def regions_of(topology: Topology, count: int) -> dict[str, int]:
    """Return the region of every node.

    Args:
        topology: The network.
        count: Of regions, 1 to the number of nodes.

    Raises:
        ConfigError: If there are not as many nodes, or there is no region.

    Example:
        >>> ring = Topology.of({(a, b): 1.0 for a, b in zip("abcdef", "bcdefa")})
        >>> len(set(regions_of(ring, 2).values()))
        2
    """
    nodes = topology.graph.number_of_nodes()
    if not 1 <= count <= nodes:
        raise ConfigError(f"{count} regions of {nodes} nodes; give 1 to {nodes}")
    parts = networkx.community.greedy_modularity_communities(
        networkx.Graph(topology.graph.to_undirected()), cutoff=count, best_n=count
    )
    return {node: number for number, part in enumerate(map(sorted, parts)) for node in part}


def by_regions(problem: Routing, count: int, most: int = 4) -> Coarse:
    """Return the problem with one decision for all demands from one region to another.

    Args:
        problem: The full one.
        count: Of regions, 1 to the number of nodes.
        most: Sequences of regions that a pair may choose from; those that carry the most volume first.
    """
    region = regions_of(problem.topology, count)
    pairs = [(region[a], region[b]) for a, b in problem.demands]
    numbers = {pair: number for number, pair in enumerate(dict.fromkeys(pairs))}
    cluster = np.array([numbers[pair] for pair in pairs], dtype=np.int64)
    passed = [[_passed(problem.topology, region, path) for path in own] for own in problem.paths]
    ways = [_ways(problem, np.flatnonzero(cluster == c), passed)[:most] for c in range(len(numbers))]
    options = [
        np.array([_nearest(own, way) for way in ways[c]], dtype=np.int64)
        for own, c in zip(passed, cluster, strict=True)
    ]
    return coarsen(problem, cluster, options)


def _ways(problem: Routing, members: ndarray, passed: list[list[Passed]]) -> list[Passed]:
    """Return the sequences of regions that demands could pass, those that could carry the most volume first."""
    volume: dict[Passed, float] = {}
    for d in members:
        for way in dict.fromkeys(passed[d]):
            volume[way] = volume.get(way, 0.0) + float(problem.volume[d])
    return sorted(volume, key=lambda way: (-volume[way], len(way), way))


def _passed(topology: Topology, region: dict[str, int], path: Path) -> Passed:
    nodes = [topology.links[path[0]][0], *(topology.links[link][1] for link in path)]
    numbers = [region[node] for node in nodes]
    return tuple(r for k, r in enumerate(numbers) if k == 0 or numbers[k - 1] != r)


def _nearest(own: list[Passed], way: Passed) -> int:
    """Return the number of the path that passes the same regions, else of the one with the most of them."""
    if way in own:
        return own.index(way)
    return int(np.argmax([len(set(each) & set(way)) / len(set(each) | set(way)) for each in own]))
