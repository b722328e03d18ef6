"""Traffic engineering in regions beside the whole network at once, over the network's size."""

from statistics import fmean
from time import perf_counter
from typing import Any

from qfl.backbone.applications.traffic.heuristics import reweighted
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.networks import draw_network
from qfl.backbone.applications.traffic.regional import in_regions
from qfl.backbone.applications.traffic.regions import regions_of
from qfl.backbone.applications.traffic.routing import Routing, routing
from qfl.backbone.applications.traffic.spatial import route_by_region

REACHES = {"near": 0.1, "far": 0.4}
"""Over which distance demands fade: most stay in their region, or many cross borders."""


def by_region(nodes: tuple[int, ...], seeds: int, region: int = 16) -> dict[str, Any]:
    """Return for each size and reach the busiest link over the bound, in regions and whole, and the seconds of both.

    Both have the same heuristic. The bound is over the paths of both, so neither is below it.

    Args:
        nodes: Sizes of networks.
        seeds: Networks of each size.
        region: Nodes of a region, on average.
    """
    return {
        f"{size}": {
            name: _mean([_compared(size, seed, reach, max(2, round(size / region))) for seed in range(seeds)])
            for name, reach in REACHES.items()
        }
        for size in nodes
    }


def _compared(nodes: int, seed: int, reach: float, count: int) -> dict[str, float]:
    topology, matrix = draw_network(nodes, seed, reach=reach)
    whole, parts = routing(topology, matrix), in_regions(topology, matrix, regions_of(topology, count))
    found = route_by_region(parts)
    start = perf_counter()
    alone = whole.utilisation(reweighted(whole))
    whole_s = perf_counter() - start
    bound = utilisation_bound(parts.whole)
    crossing = parts.whole.volume[parts.border].sum() / parts.whole.volume.sum()
    return {
        "regions": found.utilisation / bound,
        "whole": alone / bound,
        "whole_in_same_seconds": _within(whole, found.work_s) / bound,
        "regions_work_s": found.work_s,
        "regions_critical_s": found.critical_s,
        "whole_s": whole_s,
        "rounds": found.rounds,
        "crossing": float(crossing),
    }


def _within(whole: Routing, seconds: float) -> float:
    """Return the busiest link of the undecomposed heuristic with the most reweightings that end in some seconds.

    Where not even the descent from the greedy routing does, it is that descent's all the same.
    """
    rounds, best = 0, float("inf")
    while True:
        start = perf_counter()
        found = whole.utilisation(reweighted(whole, rounds=rounds))
        if perf_counter() - start > seconds and best < float("inf"):
            return best
        best, rounds = min(best, found), max(1, 2 * rounds)
        if rounds > 30:
            return best


def _mean(rows: list[dict[str, float]]) -> dict[str, float]:
    return {key: fmean(row[key] for row in rows) for key in rows[0]} if rows else {}
