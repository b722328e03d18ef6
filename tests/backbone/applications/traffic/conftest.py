"""Small networks whose every routing can be looked at."""

from itertools import product

import numpy as np
import pytest

from qfl.backbone.applications.traffic.routing import demand_matrix, routing
from qfl.backbone.applications.traffic.topology import Topology

SQUARE = {("s", "a"): 10.0, ("a", "t"): 10.0, ("s", "b"): 4.0, ("b", "t"): 4.0, ("t", "s"): 10.0}


@pytest.fixture
def square():
    """Two ways from s to t, one of capacity 10 and one of capacity 4, and a way back."""
    return Topology.of(SQUARE)


def random_problem(seed, nodes=5, demands=4, k=3):
    rng = np.random.default_rng(seed)
    names = [f"n{i}" for i in range(nodes)]
    pairs = [(names[i], names[(i + 1) % nodes]) for i in range(nodes)]
    pairs += [(a, b) for a, b in product(names, names) if a != b and (a, b) not in pairs and rng.random() < 0.4]
    topology = Topology.of({pair: float(rng.uniform(5, 10)) for pair in pairs})
    ends = [tuple(rng.choice(names, 2, replace=False).tolist()) for _ in range(demands)]
    return routing(topology, demand_matrix(topology, {end: float(rng.uniform(0.5, 6)) for end in ends}), k)


def all_choices(problem):
    return [np.array(c, dtype=np.int64) for c in product(*(range(len(paths)) for paths in problem.paths))]


def hand_loads(problem, choice):
    """Add the volumes link by link, without the matrix."""
    flow = dict.fromkeys(range(len(problem.topology.links)), 0.0)
    for volume, paths, p in zip(problem.volume, problem.paths, choice, strict=True):
        for link in paths[p]:
            flow[link] += volume
    return np.array([flow[e] / c for e, c in enumerate(problem.topology.capacity)])
