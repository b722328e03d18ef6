"""The problem: demands, the paths that each may take, and what a choice of paths makes of the links."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.topology import Link, Path, Topology
from qfl.errors import ConfigError

Choice = Int64[ndarray, " demand"]
"""For each demand the number of its path, from 0 on, the shortest first."""
Loads = Float64[ndarray, "*choice link"]
"""Utilisations of links: what flows over the capacity."""


@dataclass(frozen=True, eq=False)
class Routing:
    """Demands with their paths.

    Options are the paths of all demands in one row: those of the first demand, then those of the second.

    Args:
        topology: The network.
        demands: From which node to which.
        volume: Of each demand, above 0, in the unit of the capacities.
        paths: That each demand may take.
        base: Utilisation by what is not to be routed.
        joint: What an option adds to the links where demands stand for several; None where it follows from the paths.
    """

    topology: Topology
    demands: tuple[Link, ...]
    volume: Float64[ndarray, " demand"]
    paths: tuple[tuple[Path, ...], ...]
    base: Float64[ndarray, " link"]
    joint: Float64[ndarray, "option link"] | None = None

    @cached_property
    def first(self) -> Int64[ndarray, " demand"]:
        """Each demand's first option."""
        return np.cumsum([0, *map(len, self.paths[:-1])], dtype=np.int64)

    @cached_property
    def owner(self) -> Int64[ndarray, " option"]:
        """Each option's demand."""
        return np.repeat(np.arange(len(self.paths)), [len(paths) for paths in self.paths])

    @cached_property
    def share(self) -> Float64[ndarray, "option link"]:
        """What an option adds to the utilisation of each link: a_dpe = t_d / c_e on its links, else 0."""
        if self.joint is not None:
            return self.joint
        on = np.zeros((len(self.owner), len(self.topology.links)))
        for row, path in zip(on, (path for paths in self.paths for path in paths), strict=True):
            row[list(path)] = 1
        return on * self.volume[self.owner, None] / np.array(self.topology.capacity)

    def loads(self, choice: Choice) -> Float64[ndarray, " link"]:
        """Return the utilisation of every link."""
        return self.base + self.share[self.first + choice].sum(0)

    def utilisation(self, choice: Choice) -> float:
        """Return the utilisation of the busiest link, the objective."""
        return float(self.loads(choice).max())

    def block(self, demands: Sequence[int], choice: Choice) -> "Routing":
        """Return the problem of some demands, all others on the paths of a choice."""
        kept = np.asarray(demands, dtype=np.int64)
        base = self.loads(choice) - self.share[(self.first + choice)[kept]].sum(0)
        joint = None if self.joint is None else np.concatenate([np.split(self.joint, self.first[1:])[d] for d in kept])
        return replace(
            self,
            joint=joint,
            demands=tuple(self.demands[d] for d in kept),
            volume=self.volume[kept],
            paths=tuple(self.paths[d] for d in kept),
            base=np.maximum(base, 0.0),
        )


def demand_matrix(topology: Topology, volumes: Mapping[Link, float]) -> Float64[ndarray, "node node"]:
    """Return the matrix of some demands.

    Raises:
        ConfigError: If one begins or ends at an unknown node.
    """
    matrix = np.zeros((len(topology.nodes), len(topology.nodes)))
    for (source, target), volume in volumes.items():
        matrix[topology.number(source), topology.number(target)] = volume
    return matrix


def routing(topology: Topology, matrix: Float64[ndarray, "node node"], k: int = 4) -> Routing:
    """Return the problem of routing a demand matrix over the k shortest paths of each demand.

    Args:
        topology: The network.
        matrix: Volume from a node (row) to a node (column); 0 is no demand.
        k: Most paths per demand.

    Raises:
        ConfigError: If the matrix has another size, an entry is negative or not finite, a node sends to itself, nothing
            is to be sent, k is below 1, or a demand has no path.

    Example:
        >>> line = Topology.of({("a", "b"): 10.0, ("b", "c"): 5.0})
        >>> problem = routing(line, demand_matrix(line, {("a", "c"): 2.0, ("b", "c"): 0.5}))
        >>> problem.utilisation(np.array([0, 0]))
        0.5
    """
    _check(topology, matrix)
    pairs = [(int(a), int(b)) for a, b in np.argwhere(matrix > 0)]
    demands = tuple((topology.nodes[a], topology.nodes[b]) for a, b in pairs)
    return Routing(
        topology,
        demands,
        np.array([matrix[pair] for pair in pairs]),
        tuple(topology.shortest_paths(a, b, k) for a, b in demands),
        np.zeros(len(topology.links)),
    )


def _check(topology: Topology, matrix: ndarray) -> None:
    nodes = topology.nodes
    if matrix.shape != (len(nodes), len(nodes)):
        raise ConfigError(f"the demand matrix has the shape {matrix.shape}; give {len(nodes)} rows and columns")
    for a, b in np.argwhere(~(np.isfinite(matrix) & (matrix >= 0))):
        raise ConfigError(
            f"the demand from {nodes[a]} to {nodes[b]} is {matrix[a, b]:g}; give a finite number of 0 or more"
        )
    if (own := np.flatnonzero(matrix.diagonal())).size:
        raise ConfigError(f"{nodes[own[0]]} has a demand to itself; give 0 on the diagonal")
    if not matrix.any():
        raise ConfigError("all demands are 0; give one above 0")
