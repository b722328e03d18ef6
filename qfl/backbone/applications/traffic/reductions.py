"""A request's problem made smaller as it asks: screened, then by clusters of demands or by regions of the network."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.traffic.coarse import Coarse, clusters
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.regions import by_regions
from qfl.backbone.applications.traffic.routing import Choice, Routing
from qfl.backbone.applications.traffic.screening import screen
from qfl.backbone.runtime.pipeline.given_up import GivenUp
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Wanted:
    """What a request wants of its reduction.

    Args:
        screen: Whether links and demands that decide nothing are left out; exact.
        clusters: Of demands that are routed alike; 0 for none.
        regions: Of the network; 0 for none.

    Raises:
        ConfigError: If a number is below 0, or clusters and regions are both wanted.
    """

    screen: bool = False
    clusters: int = 0
    regions: int = 0

    def __post_init__(self):
        if min(self.clusters, self.regions) < 0 or (self.clusters and self.regions):
            raise ConfigError(
                f"traffic: {self.clusters} clusters and {self.regions} regions; give one of both, 1 or more, or 0 for "
                "none"
            )


@dataclass(frozen=True, eq=False)
class Reduced:
    """A smaller problem.

    Args:
        problem: The full one.
        small: What is to be decided.
        weights: Of the links in the model: 0 where one cannot be the busiest.
        lift: From a choice of the small problem to one of the full.
        given_up: By every rule that was asked for.
    """

    problem: Routing
    small: Routing
    weights: Float64[ndarray, " link"]
    lift: Callable[[Choice], Choice]
    given_up: tuple[GivenUp, ...]


def reduced(problem: Routing, wanted: Wanted) -> Reduced:
    """Return the problem as it is to be solved; as it is, where nothing is wanted.

    What clusters or regions gave up is measured by the bounds: that of the small problem less that of the full one, in
    units of utilisation.

    Args:
        problem: The full one.
        wanted: By the request.

    Raises:
        ConfigError: If there are more clusters than demands, or more regions than nodes.
    """
    found = _screened(problem) if wanted.screen else Reduced(problem, problem, np.ones(len(problem.base)), _same, ())
    if wanted.clusters:
        most = len(problem.demands)
        _require("clusters", wanted.clusters, most, "demands")
        return _coarsened(found, "clusters", clusters(found.small, min(wanted.clusters, len(found.small.demands))))
    if wanted.regions:
        _require("regions", wanted.regions, len(problem.topology.nodes), "nodes")
        return _coarsened(found, "regions", by_regions(found.small, wanted.regions))
    return found


def _screened(problem: Routing) -> Reduced:
    found = screen(problem, utilisation_bound(problem))
    links, demands = len(problem.base), len(problem.demands)
    told = (
        GivenUp("links that cannot be the busiest", links, int(found.deciding.sum()), at_most=0.0),
        GivenUp("demands that decide nothing", demands, len(found.kept), at_most=0.0),
    )
    weights = found.deciding.astype(np.float64) if found.deciding.any() else np.ones(links)
    return Reduced(problem, found.left, weights, found.lift, told)


def _coarsened(before: Reduced, rule: str, coarse: Coarse) -> Reduced:
    loss = utilisation_bound(coarse.small) - utilisation_bound(before.small)
    told = GivenUp(rule, len(before.small.demands), len(coarse.small.demands), measured=max(0.0, loss))
    lift = lambda choice: before.lift(coarse.lift(choice))  # noqa: E731
    return Reduced(before.problem, coarse.small, before.weights, lift, (*before.given_up, told))


def _same(choice: Choice) -> Choice:
    return choice


def _require(what: str, given: int, most: int, things: str) -> None:
    if given > most:
        raise ConfigError(f"traffic: {given} {what} for {most} {things}; give at most {most}")
