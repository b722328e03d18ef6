"""Demands that are routed alike: one decision for a cluster of them, its loads those of all links of the full network.

A cluster's option says for each of its demands which own path it takes, so a coarse answer is an answer of the full
problem with the same utilisation: what is given up are the routings in which demands of a cluster go different ways.

Unlike usual aggregation, links are not added up: no load is estimated.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.routing import Choice, Routing
from qfl.backbone.applications.traffic.topology import Path


@dataclass(frozen=True, eq=False)
class Coarse:
    """A problem, and the smaller one in its place.

    Args:
        problem: The full one.
        small: A demand for each cluster; its paths are those of the cluster's first demand.
        cluster: Of each demand.
        options: For each demand its own path under every option of its cluster.
    """

    problem: Routing
    small: Routing
    cluster: Int64[ndarray, " demand"]
    options: tuple[Int64[ndarray, " _"], ...]

    def lift(self, choice: Int64[ndarray, " cluster"]) -> Choice:
        """Return a path for every demand of the full problem."""
        taken = choice[self.cluster]
        return np.array([own[p] for own, p in zip(self.options, taken, strict=True)], dtype=np.int64)


def coarsen(problem: Routing, cluster: Int64[ndarray, " demand"], options: Sequence[Int64[ndarray, " _"]]) -> Coarse:
    """Return the problem in which demands of a cluster share one decision.

    Args:
        problem: The full one.
        cluster: Of each demand, from 0 on without gaps.
        options: For each demand its own path under every option of its cluster.
    """
    members = [np.flatnonzero(cluster == c) for c in range(int(cluster.max()) + 1)]
    joint = np.concatenate([_loads(problem, own, options) for own in members])
    small = replace(
        problem,
        demands=tuple(problem.demands[own[0]] for own in members),
        volume=np.array([problem.volume[own].sum() for own in members]),
        paths=tuple(tuple(problem.paths[own[0]][p] for p in options[own[0]]) for own in members),
        joint=joint,
    )
    return Coarse(problem, small, cluster, tuple(options))


def _loads(problem: Routing, members: ndarray, options: Sequence[ndarray]) -> ndarray:
    """Return what every option of a cluster adds to the links."""
    return np.sum([problem.share[problem.first[d] + options[d]] for d in members], axis=0)


def clusters(problem: Routing, count: int) -> Coarse:
    """Return the problem with the largest demands as heads of clusters, each other demand following one of them.

    A demand follows the head with whose paths its own have most in common; under each of the head's paths it takes the
    own path with the most links of it.

    Args:
        problem: The full one.
        count: Of clusters, 1 to the number of demands.

    Example:
        >>> from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
        >>> from qfl.backbone.applications.traffic.routing import routing
        >>> found = clusters(routing(ABILENE, hourly_demands(20, seed=1)), 5)
        >>> len(found.small.demands), len(found.lift(np.zeros(5, dtype=np.int64)))
        (5, 132)
    """
    heads = np.sort(np.argsort(-problem.volume, kind="stable")[:count])
    cluster = np.array([_head(problem, d, heads) for d in range(len(problem.demands))], dtype=np.int64)
    options = [
        np.array([_nearest(own, path) for path in problem.paths[heads[c]]], dtype=np.int64)
        for own, c in zip(problem.paths, cluster, strict=True)
    ]
    options = [np.arange(len(own)) if d in heads else options[d] for d, own in enumerate(problem.paths)]
    return coarsen(problem, cluster, options)


def _head(problem: Routing, d: int, heads: ndarray) -> int:
    """Return the place of the head that a demand follows; a head follows itself."""
    if d in heads:
        return int(np.flatnonzero(heads == d)[0])
    common = [
        np.mean([_overlap(problem.paths[d][_nearest(problem.paths[d], path)], path) for path in problem.paths[head]])
        for head in heads
    ]
    return int(np.argmax(common))


def _nearest(own: tuple[Path, ...], path: Path) -> int:
    """Return the number of the own path that has most in common with another."""
    return int(np.argmax([_overlap(each, path) for each in own]))


def _overlap(first: Path, second: Path) -> float:
    """Return the links of both over the links of either."""
    return len(set(first) & set(second)) / len(set(first) | set(second))
