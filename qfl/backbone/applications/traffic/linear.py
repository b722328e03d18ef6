r"""What no routing is below, and the exact reference: linear programs of SciPy's HiGHS.

.. math:: \min z \quad \text{s.t.} \quad \sum_{d,p} a_{dpe} x_{dp} \le z, \quad \sum_p x_{dp} = 1

with x at least 0 (a demand may be split over its paths: a lower bound) or x binary (one path: the problem itself).
"""

from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack

from qfl.backbone.applications.traffic.heuristics import greedy
from qfl.backbone.applications.traffic.routing import Choice, Routing


def split_bound(problem: Routing) -> float:
    """Return the least utilisation of the busiest link if demands could be split over their paths."""
    return float(_program(problem, whole=False).fun)


def unsplittable_bound(problem: Routing) -> float:
    """Return what one demand alone brings about: the largest, over demands, of the best path's busiest link."""
    on = np.where(problem.share > 0, problem.share + problem.base, 0.0).max(1)
    alone = np.minimum.reduceat(on, problem.first)
    return float(max(alone.max(), problem.base.max()))


def utilisation_bound(problem: Routing) -> float:
    """Return the larger of both bounds, which no routing with one path per demand is below.

    Example:
        >>> from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
        >>> from qfl.backbone.applications.traffic.routing import routing
        >>> problem = routing(ABILENE, hourly_demands(20, seed=1))
        >>> utilisation_bound(problem) <= problem.utilisation(greedy(problem))
        True
    """
    return max(split_bound(problem), unsplittable_bound(problem))


def exact(problem: Routing, *, seconds: float = 10.0) -> tuple[Choice, float]:
    """Return the best routing that HiGHS finds in a time, and the bound that it proves.

    Where the time was too short for any, it is the greedy one.
    """
    found = _program(problem, whole=True, seconds=seconds)
    dual = found.get("mip_dual_bound")
    proved = float(dual) if dual is not None and np.isfinite(dual) else 0.0
    if found.x is None:
        return greedy(problem), proved
    taken = np.split(found.x[:-1], problem.first[1:])
    return np.array([int(x.argmax()) for x in taken], dtype=np.int64), proved


def _program(problem: Routing, *, whole: bool, seconds: float = np.inf) -> Any:
    """Return what HiGHS finds: a variable for every option, then z."""
    options, links = problem.share.shape
    numbers, each = np.arange(options), len(problem.demands)
    below = hstack([csr_array(problem.share.T), csr_array(-np.ones((links, 1)))])
    one = coo_array((np.ones(options), (problem.owner, numbers)), shape=(each, options + 1))
    rows: list[Any] = [  # SciPy's stubs know no arrays as limits
        (below.tocsc(), np.full(links, -np.inf), -problem.base),
        (one.tocsc(), np.ones(each), np.ones(each)),
    ]
    ends: Any = (np.zeros(options + 1), np.append(np.ones(options), np.inf))
    return milp(
        np.append(np.zeros(options), 1.0),
        constraints=[LinearConstraint(*row) for row in rows],
        bounds=Bounds(*ends),
        integrality=np.append(np.full(options, int(whole)), 0),
        options={"time_limit": seconds} if whole else {},
    )
