"""A network of directed links with capacities, and its shortest paths without loops."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import Any

import networkx

from qfl.backbone.applications.traffic.paths import MOST_PAIRS, Ends, Link, Path, find_paths, known_paths
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Topology:
    """Nodes and directed links.

    Args:
        nodes: Their names.
        links: From which node to which.
        capacity: Of each link, above 0; in any unit, the demands' own.

    Raises:
        ConfigError: If a link ends at an unknown node or where it begins, is there twice, has no capacity above 0, or
            if a node cannot be reached over links in whatever direction.

    Example:
        >>> ring = Topology.of({("a", "b"): 10.0, ("b", "c"): 10.0, ("c", "a"): 2.5})
        >>> ring.shortest_paths("a", "c", 3)
        ((0, 1),)
    """

    nodes: tuple[str, ...]
    links: tuple[Link, ...]
    capacity: tuple[float, ...]

    def __post_init__(self):
        if len(self.links) != len(self.capacity):
            raise ConfigError(f"{len(self.links)} links have {len(self.capacity)} capacities; give as many of both")
        for k, (link, capacity) in enumerate(zip(self.links, self.capacity, strict=True)):
            name = f"the link {link[0]}-{link[1]}"
            for node in link:
                self.number(node)
            if link[0] == link[1] or link in self.links[:k]:
                raise ConfigError(f"{name} is a loop or there twice; give each pair of different nodes once")
            if not (isfinite(capacity) and capacity > 0):
                raise ConfigError(f"{name} has the capacity {capacity:g}; give a finite number above 0")
        parts = [sorted(part) for part in networkx.weakly_connected_components(self.graph)]
        if len(parts) != 1:
            lost = f"{parts[0][0]} and {parts[1][0]} are in parts without a link between them" if parts else "no node"
            raise ConfigError(f"the topology is not connected ({lost}); give one network")

    @classmethod
    def of(cls, capacities: Mapping[Link, float]) -> "Topology":
        """Return the topology of some directed links with their capacities."""
        nodes = dict.fromkeys(node for link in capacities for node in link)
        return cls(tuple(nodes), tuple(capacities), tuple(map(float, capacities.values())))

    @classmethod
    def of_graph(cls, graph: Any, capacity: str = "capacity") -> "Topology":
        """Return the topology of a networkx graph; an edge of an undirected one is a link in each direction.

        Args:
            graph: Whose nodes are known by their names as texts.
            capacity: Name of the edges' attribute.

        Raises:
            ConfigError: As the class does, or if an edge has no such attribute.
        """
        directed = graph.to_directed()
        edges = {(str(a), str(b)): value for a, b, value in directed.edges(data=capacity)}
        if lacking := [link for link, value in edges.items() if value is None]:
            a, b = lacking[0]
            raise ConfigError(f"the edge {a}-{b} has no attribute {capacity!r}; give every edge a capacity")
        return cls(tuple(map(str, directed.nodes)), tuple(edges), tuple(map(float, edges.values())))

    @cached_property
    def _known(self) -> dict[Ends, tuple[Path, ...]]:
        return known_paths(self.nodes, self.links)

    @cached_property
    def graph(self) -> "networkx.DiGraph[str]":
        """The same as a networkx graph."""
        graph = networkx.DiGraph()
        graph.add_nodes_from(self.nodes)
        graph.add_edges_from(self.links)
        return graph

    def number(self, node: str) -> int:
        """Return a node's place.

        Raises:
            ConfigError: If there is no such node.
        """
        if node not in self.nodes:
            raise ConfigError(f"{node!r} is not a node; give one of {', '.join(self.nodes)}")
        return self.nodes.index(node)

    def shortest_paths(self, source: str, target: str, k: int) -> tuple[Path, ...]:
        """Return up to k paths without loops, those of fewest links first.

        Args:
            source: Where they begin.
            target: Where they end.
            k: Most paths.

        Raises:
            ConfigError: If there is no such node, k is below 1, or no path leads there.
        """
        if k < 1:
            raise ConfigError(f"k is {k}; give the number of paths per demand, 1 or more")
        for node in (source, target):
            self.number(node)
        if not networkx.has_path(self.graph, source, target):
            raise ConfigError(f"no path leads from {source} to {target}; add a link or leave the demand out")
        ends = source, target, k
        found = self._known.get(ends) or find_paths(self.graph, self.links, ends)
        if len(self._known) < MOST_PAIRS:
            self._known[ends] = found
        return found
