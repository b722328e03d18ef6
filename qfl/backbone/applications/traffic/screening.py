r"""Links that cannot be the busiest, and demands that need no decision: left out, and nothing is lost.

With B a lower bound of the optimum, a link whose utilisation is below B whatever is chosen,

.. math:: u_e + \sum_d \max_p a_{dpe} \le B,

never decides. A demand with a path over such links alone takes it: whatever it would take instead, no link that can
decide has less. Both are exact for the busiest link.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.heuristics import shortest
from qfl.backbone.applications.traffic.routing import Choice, Routing

MARGIN = 1 - 1e-9  # of the bound, for what rounding makes of it


@dataclass(frozen=True, eq=False)
class Screened:
    """What is left to be decided.

    Args:
        problem: The full one.
        left: The demands that need a decision, the others on their paths.
        kept: Their numbers in the full problem.
        settled: A path for every demand; of those that are left it says nothing.
        deciding: Whether a link can be the busiest.
    """

    problem: Routing
    left: Routing
    kept: Int64[ndarray, " demand_of_block"]
    settled: Choice
    deciding: Bool[ndarray, " link"]

    def lift(self, choice: Int64[ndarray, " demand_of_block"]) -> Choice:
        """Return a path for every demand from those of the demands that were left."""
        found = self.settled.copy()
        found[self.kept] = choice
        return found


def screen(problem: Routing, bound: float) -> Screened:
    """Return the problem without the links and demands that decide nothing; one demand is left at least.

    Args:
        problem: The full one.
        bound: That no routing is below, such as `qfl.backbone.applications.traffic.linear.utilisation_bound`.

    Example:
        >>> from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
        >>> from qfl.backbone.applications.traffic.linear import utilisation_bound
        >>> from qfl.backbone.applications.traffic.routing import routing
        >>> problem = routing(ABILENE, hourly_demands(20, seed=1))
        >>> found = screen(problem, utilisation_bound(problem))
        >>> len(found.left.demands) < 132 and int(found.deciding.sum()) < 30
        True
    """
    most = problem.base + np.maximum.reduceat(problem.share, problem.first, axis=0).sum(0)
    deciding = most > bound * MARGIN
    free = ~(problem.share[:, deciding] > 0).any(1)
    settled = shortest(problem)
    kept = list[int]()
    for d, own in enumerate(np.split(free, problem.first[1:])):
        if own.any():
            settled[d] = int(own.argmax())
        else:
            kept.append(d)
    numbers = np.array(kept or [int(problem.volume.argmax())], dtype=np.int64)
    return Screened(problem, problem.block(numbers.tolist(), settled), numbers, settled, deciding)
