r"""Classical answers: shortest paths, equal-cost splitting, greedy, one-move descent and reweighted descent.

Reweighted descent lowers :math:`\sum_e w_e U_e^2` move by move and then weighs busy links more,
:math:`w_e \leftarrow w_e e^{2 (U_e / U_{max} - 1)}`; the best routing by the true maximum is kept.
"""

from collections.abc import Callable

import networkx
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.traffic.routing import Choice, Loads, Routing
from qfl.backbone.applications.traffic.topology import Topology

Cost = Callable[[Loads], Float64[ndarray, "*choice"]]
LEAST_WEIGHT = 1e-4  # of a link, where the mean is 1
ROUNDING = 1e-12  # share of a cost below which a move may be two ways of adding up, and its way back another


def shortest(problem: Routing) -> Choice:
    """Return every demand on its shortest path."""
    return np.zeros(len(problem.demands), dtype=np.int64)


def greedy(problem: Routing) -> Choice:
    """Return the largest demand first, each on the path after which the busiest link is the least so."""
    loads, choice = problem.base.copy(), shortest(problem)
    for d in np.argsort(-problem.volume, kind="stable"):
        own = problem.share[problem.first[d] :][: len(problem.paths[d])]
        after = loads + own
        choice[d] = np.lexsort(((after**2).sum(1), after.max(1)))[0]
        loads += own[choice[d]]
    return choice


def descend(problem: Routing, choice: Choice, cost: Cost | None = None) -> Choice:
    """Return where moves of one demand to another path no longer help, the best move first.

    Args:
        problem: The problem.
        choice: Where to begin.
        cost: Of utilisations; their maximum if it is not given.
    """
    measure = cost or (lambda loads: loads.max(-1))
    choice, loads = choice.copy(), problem.loads(choice)
    while True:
        now = problem.share[problem.first + choice]
        costs = measure(loads - now[problem.owner] + problem.share)
        best = int(costs.argmin())
        standing = float(measure(loads))
        if costs[best] >= standing - ROUNDING * max(1.0, standing):
            return choice
        d = problem.owner[best]
        choice[d] = best - problem.first[d]
        loads = problem.loads(choice)


def reweighted(problem: Routing, *, rounds: int = 30) -> Choice:
    """Return the best routing, by its busiest link, of descents with weights that follow the busy links."""
    choice = best = greedy(problem)
    weights = np.ones(len(problem.base))
    for _ in range(rounds):
        choice = descend(problem, choice, lambda loads, weights=weights: loads**2 @ weights)
        best = min(best, choice, key=problem.utilisation)
        weights = reweigh(weights, problem.loads(choice))
    return descend(problem, best)


def reweigh(weights: Float64[ndarray, " link"], loads: Float64[ndarray, " link"]) -> Float64[ndarray, " link"]:
    """Return the links' next weights, of mean 1 before the least is kept."""
    grown = weights * np.exp(2 * (loads / loads.max() - 1))
    return np.maximum(grown / grown.mean(), LEAST_WEIGHT)


def equal_cost_utilisation(topology: Topology, matrix: Float64[ndarray, "node node"]) -> float:
    """Return the busiest link's utilisation if nodes split equally over the next hops of shortest paths (ECMP)."""
    flow = dict.fromkeys(topology.links, 0.0)
    for column, target in enumerate(topology.nodes):
        hops = networkx.single_source_shortest_path_length(topology.graph.reverse(copy=False), target)
        arriving = {node: float(matrix[row, column]) for row, node in enumerate(topology.nodes)}
        for node in sorted(hops, key=lambda node: -hops[node])[:-1]:
            onward = [n for n in topology.graph.successors(node) if hops.get(n) == hops[node] - 1]
            for n in onward:
                flow[node, n] += arriving[node] / len(onward)
                arriving[n] += arriving[node] / len(onward)
    return max(flow[link] / capacity for link, capacity in zip(topology.links, topology.capacity, strict=True))
