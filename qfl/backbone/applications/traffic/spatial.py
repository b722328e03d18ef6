"""Spatial decomposition: every region routes its own demands, what crosses borders is reconciled classically.

The paper's distributed mode for networks (section II-D): "partitioning the backbone by region, solving each region's
sub-problem on a local QPU, and reconciling inter-region flows classically". Given the paths of the demands that cross
borders, regions share no link, so each is a job of its own; given the regions' loads, the border's demands are routed
anew. The two alternate, the best routing by the busiest link of the whole network is kept, and moves of one demand are
made while they lower that link. How inter-region flows are reconciled the paper does not say: this is ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from jaxtyping import Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.heuristics import descend, reweighted, shortest
from qfl.backbone.applications.traffic.regional import Regional
from qfl.backbone.applications.traffic.routing import Choice, Routing
from qfl.errors import ConfigError

ENOUGH = 1e-6  # share by which a round must lower the busiest link for another one


@dataclass(frozen=True)
class Reconciled:
    """What came of it.

    Args:
        choice: One path for every demand of the whole network.
        utilisation: Of its busiest link, recomputed on the whole network.
        rounds: Of regions, then border.
        work_s: Seconds of all solving, one after the other.
        critical_s: Seconds if every region has a solver of its own: the slowest region and the border, round by round.
    """

    choice: Choice
    utilisation: float
    rounds: int
    work_s: float
    critical_s: float


def route_by_region(
    problem: Regional, *, solve: Callable[[Routing], Choice] = reweighted, rounds: int = 4
) -> Reconciled:
    """Return the best routing of some rounds; one that no longer helps is the last.

    Args:
        problem: In regions.
        solve: Routes one region's demands, on whatever computer; the border's are routed by reweighted descent.
        rounds: Most, 1 or more.

    Raises:
        ConfigError: If rounds is below 1.

    Example:
        >>> from qfl.backbone.applications.traffic.networks import draw_network
        >>> from qfl.backbone.applications.traffic.regional import in_regions
        >>> from qfl.backbone.applications.traffic.regions import regions_of
        >>> topology, matrix = draw_network(12, seed=1)
        >>> problem = in_regions(topology, matrix, regions_of(topology, 2))
        >>> found = route_by_region(problem)
        >>> found.utilisation == problem.whole.utilisation(found.choice)
        True
    """
    if rounds < 1:
        raise ConfigError(f"rounds is {rounds}; give 1 or more")
    choice, used_s = _timed(_border_routed, problem, shortest(problem.whole))
    best, work_s, critical_s, done = choice, used_s, used_s, 0
    while done < rounds:
        done += 1
        found = [_timed(_region_routed, problem, region, choice, solve) for region in range(len(problem.regions))]
        choice, border_s = _timed(_border_routed, problem, _joined(problem, choice, [own for own, _ in found]))
        work_s += sum(seconds for _, seconds in found) + border_s
        critical_s += max(seconds for _, seconds in found) + border_s
        before, best = problem.whole.utilisation(best), min(best, choice, key=problem.whole.utilisation)
        if problem.whole.utilisation(best) >= (1 - ENOUGH) * before:
            break
    best, last_s = _timed(descend, problem.whole, best)
    return Reconciled(best, problem.whole.utilisation(best), done, work_s + last_s, critical_s + last_s)


def _timed(function: Callable[..., Choice], *given: object) -> tuple[Choice, float]:
    start = perf_counter()
    found = function(*given)
    return found, perf_counter() - start


def _region_routed(
    problem: Regional, region: int, choice: Choice, solve: Callable[[Routing], Choice]
) -> Int64[ndarray, " _"]:
    """Return the paths of a region's own demands."""
    return solve(problem.job(region, choice)) if len(problem.inside[region]) else problem.inside[region]


def _border_routed(problem: Regional, choice: Choice) -> Choice:
    """Return a choice with the border's demands routed anew, all others as they are."""
    anew = choice.copy()
    if len(problem.border):
        anew[problem.border] = reweighted(problem.whole.block(problem.border.tolist(), choice))
    return anew


def _joined(problem: Regional, choice: Choice, own: list[Int64[ndarray, " _"]]) -> Choice:
    joined = choice.copy()
    for demands, paths in zip(problem.inside, own, strict=True):
        joined[demands] = paths
    return joined
