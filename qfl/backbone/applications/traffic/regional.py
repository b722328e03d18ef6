"""A backbone in regions: demands that stay within one, routed over its links alone, and those that cross a border."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import networkx
import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.regions import regions_of
from qfl.backbone.applications.traffic.routing import Choice, Routing, routing
from qfl.backbone.applications.traffic.topology import Link, Path, Topology
from qfl.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Regional:
    """A routing problem in regions.

    Args:
        whole: All demands; one that stays within a region has the paths of that region first, then others.
        within: How many of each demand's paths stay within its region.
        regions: The nodes of each.
        inside: The demands of each region.
        border: All others.
    """

    whole: Routing
    within: Int64[ndarray, " demand"]
    regions: tuple[tuple[str, ...], ...]
    inside: tuple[Int64[ndarray, " _"], ...]
    border: Int64[ndarray, " demand_of_border"]

    @cached_property
    def links(self) -> tuple[tuple[int, ...], ...]:
        """The links within each region."""
        place = {node: r for r, nodes in enumerate(self.regions) for node in nodes}
        ends = [(place[a], place[b]) for a, b in self.whole.topology.links]
        return tuple(tuple(e for e, pair in enumerate(ends) if pair == (r, r)) for r in range(len(self.regions)))

    def job(self, region: int, choice: Choice) -> Routing:
        """Return a region's own problem, on its links alone, with what crosses it as their load.

        Args:
            region: Its number.
            choice: Of the whole network; that of the border counts.
        """
        block, own = self.whole.block(self.inside[region].tolist(), choice), self.links[region]
        place = {e: k for k, e in enumerate(own)}
        return replace(
            block,
            topology=_part(self.whole.topology, self.regions[region], own),
            paths=tuple(
                tuple(tuple(place[e] for e in path) for path in paths[:count])
                for paths, count in zip(block.paths, self.within[self.inside[region]], strict=True)
            ),
            base=block.base[list(own)],
        )


def in_regions(
    topology: Topology, matrix: Float64[ndarray, "node node"], region: Mapping[str, int], k: int = 4
) -> Regional:
    """Return the problem of routing a demand matrix, region by region.

    Args:
        topology: The network.
        matrix: Volume from a node (row) to a node (column); 0 is no demand.
        region: Of every node, numbers from 0 on, such as `qfl.backbone.applications.traffic.regions.regions_of` gives.
        k: Most paths per demand.

    Raises:
        ConfigError: As `qfl.backbone.applications.traffic.routing.routing` does, or if a node has no region.

    Example:
        >>> from qfl.backbone.applications.traffic.regions import regions_of
        >>> from qfl.backbone.applications.traffic.routing import demand_matrix
        >>> line = Topology.of({("a", "b"): 9.0, ("b", "c"): 9.0, ("c", "d"): 9.0})
        >>> matrix = demand_matrix(line, {("a", "b"): 1.0, ("b", "d"): 1.0})
        >>> found = in_regions(line, matrix, regions_of(line, 2))
        >>> [demands.tolist() for demands in found.inside], found.border.tolist()
        ([[0], []], [1])
    """
    if lost := sorted({*topology.nodes} ^ region.keys()):
        raise ConfigError(f"node {lost[0]!r} is in the network or has a region, not both; give every node a region")
    regions = tuple(tuple(n for n in topology.nodes if region[n] == r) for r in range(max(region.values()) + 1))
    whole = routing(topology, matrix, 1)
    inside: list[list[int]] = [[] for _ in regions]
    border, paths, within = list[int](), list[tuple[Path, ...]](), list[int]()
    parts = [networkx.DiGraph(topology.graph.subgraph(nodes)) for nodes in regions]
    number = {link: e for e, link in enumerate(topology.links)}
    for d, (a, b) in enumerate(whole.demands):
        r = region[a]
        stays = r == region[b] and networkx.has_path(parts[r], a, b)
        (inside[r] if stays else border).append(d)
        own = _paths_inside(parts[r], a, b, k, number) if stays else ()
        within.append(len(own))
        paths.append(tuple(dict.fromkeys((*own, *topology.shortest_paths(a, b, k)))))
    members = tuple(np.array(demands, dtype=np.int64) for demands in inside)
    full = replace(whole, paths=tuple(paths))
    counts, crossing = (np.array(numbers, dtype=np.int64) for numbers in (within, border))
    return Regional(full, counts, regions, members, crossing)


def options_by_region(problem: Routing, count: int) -> tuple[tuple[int, ...], ...]:
    """Return the options of the demands that begin in each region: a network's own parts for its binary model.

    Args:
        problem: Whose options are the variables.
        count: Of regions that are wanted; no more than there are nodes.
    """
    region = regions_of(problem.topology, min(count, len(problem.topology.nodes)))
    begins = np.array([region[a] for a, _ in problem.demands])[problem.owner]
    return tuple(tuple(np.flatnonzero(begins == r).tolist()) for r in range(count))


def _paths_inside(part: "networkx.DiGraph[str]", a: str, b: str, k: int, number: dict[Link, int]) -> tuple[Path, ...]:
    """Return up to k paths of a region, in the numbers of the whole network's links."""
    found = networkx.shortest_simple_paths(part, a, b)
    return tuple(
        tuple(number[link] for link in networkx.utils.pairwise(nodes))
        for nodes, _ in zip(found, range(k), strict=False)
    )


def _part(topology: Topology, nodes: Sequence[str], links: Sequence[int]) -> Topology:
    return Topology(tuple(nodes), tuple(topology.links[e] for e in links), tuple(topology.capacity[e] for e in links))
