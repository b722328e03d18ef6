r"""Algorithm 4, the paper's "search-based method": users take the best access point left, in turn."""

import numpy as np

from qfl.scheduling.access_points.problem import SILENT, AssignmentProblem, Users


def solve(problem: AssignmentProblem, *, seed: int = 1) -> Users:
    r"""Return the assignment of Algorithm 4; the seed is not used.

    .. math:: j^* = \arg\max_{j \notin S} \Gamma_{j \to k} \quad \text{for } k = 1, ..., K, 1, ..., \text{ until } S = A

    Gamma is printed with the interference of all others, whose precoders depend on assignments not yet made. Whether
    one takes them at their strongest user, at user k, or leaves them out as we do: for given k Gamma grows with
    :math:`|h_{jk}|^2`, so the choice is the same. Unlike the printed loop, which goes on while :math:`|S| \le N_{AP}`
    and so never ends, this one ends when nobody is left. Users are served in their order, so the first is served twice.
    """
    users = np.full(problem.num_aps, SILENT)
    strength = problem.strength
    while (free := np.flatnonzero(users == SILENT)).size:
        for user in range(min(problem.num_users, len(free))):
            best = free[strength[free, user].argmax()]
            users[best] = user
            free = free[free != best]
    return users
