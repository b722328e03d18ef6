"""Traffic engineering as a request: links with capacities, demands, and how many paths each demand may take.

A request has ``links``, a list of ``[from, to, capacity]``; ``demands``, a list of ``[from, to, volume]``; and ``k``,
the number of shortest paths of each demand. It may want a smaller problem: ``screen``, without what cannot decide,
which is exact; ``clusters``, how many demands decide, the others following them; or ``regions``, how many the network
is parted into, all demands from one to another being routed alike. The answer has a path for every demand, the
utilisation of the busiest link of the full network, its bound, and what was ``given_up``.
"""

from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.backbone.applications.posed import MOST_VARIABLES, Posed, Sample, take
from qfl.backbone.applications.traffic.heuristics import descend
from qfl.backbone.applications.traffic.linear import utilisation_bound
from qfl.backbone.applications.traffic.paths import as_arrays, remember
from qfl.backbone.applications.traffic.reductions import Reduced, Wanted, reduced
from qfl.backbone.applications.traffic.regional import options_by_region
from qfl.backbone.applications.traffic.routing import Routing, demand_matrix, routing
from qfl.backbone.applications.traffic.surrogate import counts, repaired, surrogate, taken
from qfl.backbone.applications.traffic.topology import Link, Topology
from qfl.errors import ConfigError

MOST_LINKS = 2000
OTHERS = {"k": 4, "screen": False, "clusters": 0, "regions": 0}


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem.

    Raises:
        ConfigError: If the topology is not connected, a demand has no path, or a number is not finite.

    Example:
        >>> line = {"links": [["a", "b", 10], ["b", "c", 5]], "demands": [["a", "c", 2], ["b", "c", 0.5]]}
        >>> pose(line).read({0: 1, 1: 1})["utilisation"]
        0.5
    """
    problem, _, wanted = _problem(request)
    small = reduced(problem, wanted)
    return Posed(
        surrogate(small.small, small.weights),
        lambda sample: _read(small, sample),
        lambda sample: bool((counts(small.small, taken(small.small, sample)) == 1).all()),
        parts=lambda count: options_by_region(small.small, count),
    )


def compile_paths(request: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return what of a request does not depend on its demands' volumes, as facts and numbers: the paths.

    Raises:
        ConfigError: As `pose`.
    """
    problem, k, _ = _problem(request)
    paths = {(a, b, k): own for (a, b), own in zip(problem.demands, problem.paths, strict=True)}
    network = problem.topology
    facts = {"nodes": list(network.nodes), "links": [list(link) for link in network.links]}
    return facts, as_arrays(paths, network.nodes)


def warm_paths(facts: Mapping[str, Any], arrays: Mapping[str, NDArray]) -> None:
    """Take the paths over that `compile_paths` found.

    Raises:
        ConfigError: If they are none of the network.
    """
    links = tuple((str(a), str(b)) for a, b in facts.get("links", ()))
    remember(tuple(facts.get("nodes", ())), links, arrays)


def _problem(request: Mapping[str, Any]) -> tuple[Routing, int, Wanted]:
    links, demands, k, *wanted = take("traffic", request, {"links": list, "demands": list}, OTHERS)
    if len(links) > MOST_LINKS or len(demands) > MOST_VARIABLES:
        raise ConfigError(
            f"traffic: {len(links):,} links and {len(demands):,} demands; give at most {MOST_LINKS:,} and "
            f"{MOST_VARIABLES:,}"
        )
    topology = Topology.of(_triples("link", links))
    return routing(topology, demand_matrix(topology, _triples("demand", demands)), k), k, Wanted(*wanted)


def _read(small: Reduced, sample: Sample) -> dict[str, Any]:
    problem, raw = small.problem, small.lift(repaired(small.small, taken(small.small, sample)))
    choice = descend(problem, raw)
    links, paths = problem.topology.links, [own[c] for own, c in zip(problem.paths, choice, strict=True)]
    return {
        "paths": [
            {"from": a, "to": b, "over": [*(links[e][0] for e in path), b]}
            for (a, b), path in zip(problem.demands, paths, strict=True)
        ],
        "utilisation": problem.utilisation(np.asarray(choice)),
        "raw_utilisation": problem.utilisation(raw),
        "bound": utilisation_bound(problem),
        "given_up": [each.row for each in small.given_up],
    }


def _triples(what: str, entries: list[Any]) -> dict[Link, float]:
    found: dict[Link, float] = {}
    for entry in entries:
        named = isinstance(entry, list) and len(entry) == 3 and all(isinstance(node, str) for node in entry[:2])
        number = entry[2] if named else None
        if isinstance(number, bool) or not isinstance(number, int | float) or not isfinite(number):
            raise ConfigError(f"traffic: the {what} {repr(entry)[:60]} is none; give [from, to, finite number]")
        if (entry[0], entry[1]) in found:
            raise ConfigError(f"traffic: the {what} from {entry[0]} to {entry[1]} is there twice; give it once")
        found[entry[0], entry[1]] = float(number)
    return found
