"""Slices drawn on random networks: two functions each, placed on compute nodes and joined by shortest paths."""

from itertools import pairwise
from typing import Any

import networkx
import numpy as np

from qfl.backbone.applications.slices import Slices
from qfl.seeds import stream


def draw_slices(requests: int, nodes: int, seed: int, options: int = 4) -> Slices:
    """Return requests on a network of nodes with 100 units of CPU and links with 40 units of bandwidth.

    Args:
        requests: How many.
        nodes: Of the network, 4 or more; every third is a compute node.
        seed: Of network and requests.
        options: Most ways to place a request, those of the fewest hops.
    """
    draw = stream(seed, "slices")
    graph = networkx.connected_watts_strogatz_graph(nodes, 4, 0.3, seed=int(draw.integers(2**31)))
    paths = {(a, b): list(pairwise(networkx.shortest_path(graph, a, b))) for a in range(nodes) for b in range(nodes)}
    compute = list(range(0, nodes, 3))
    links = {link: len(compute) + k for k, link in enumerate((a, b) for e in graph.edges for a, b in (e, e[::-1]))}
    capacities = np.array([100] * len(compute) + [40] * len(links), dtype=np.int64)
    values, all_options = [], []
    for _ in range(requests):
        source, target = (int(n) for n in draw.choice(nodes, 2, replace=False))
        band, cpu = int(draw.integers(2, 11)), draw.integers(5, 26, 2)
        ways = []
        for i, first in enumerate(compute):
            for j, second in enumerate(compute):
                hops = [hop for a, b in pairwise((source, first, second, target)) for hop in paths[a, b]]
                use = np.zeros(len(capacities), dtype=np.int64)
                use[i] += cpu[0]
                use[j] += cpu[1]
                for hop in hops:
                    use[links[hop]] += band
                ways.append((len(hops), i, j, use))
        ways.sort(key=lambda way: way[:3])
        all_options.append(np.array([way[3] for way in ways[:options]]))
        values.append(float(round(3 * band * (1 + draw.random()) + 0.4 * cpu.sum(), 2)))
    return Slices(capacities, tuple(values), tuple(all_options))


def as_request(problem: Slices) -> dict[str, Any]:
    """Return the problem as `pose` takes it."""
    rows = [{"value": v, "options": o.tolist()} for v, o in zip(problem.values, problem.options, strict=True)]
    return {"capacities": problem.capacities.tolist(), "requests": rows}
