"""Every assignment tried: the optimum for the beams given, where they can be counted."""

from functools import lru_cache
from itertools import product

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.solution import Recorder, Solution, Status

MOST = 65_536


def solve(
    problem: AssignmentProblem, *, seed: int = 1, start: Users | None = None, max_evaluations: int | None = None
) -> Solution[Users]:
    """Return the best assignment.

    Args:
        problem: What to solve.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.

    Raises:
        ConfigError: If there are too many to try.
    """
    record, users = Recorder(problem, "exhaustive", "none"), candidates(*problem.power.shape[:2], problem.all_served)
    record.evaluations = len(users)
    return record.solution(users[problem.values(users).argmax()], Status.OPTIMAL)


@lru_cache(maxsize=8)
def candidates(num_aps: int, num_users: int, all_served: bool = True) -> Int64[ndarray, "candidate ap"]:
    """Return all assignments, 81 for the paper's network, or those that serve every user, 36.

    Args:
        num_aps: Access points M, each of which serves one user.
        num_users: Users K; :math:`K^M` is at most `MOST`.
        all_served: Whether to leave out those that leave out a user.

    Raises:
        ConfigError: If there are too many.

    Example:
        >>> candidates(4, 3).shape, candidates(4, 3, all_served=False).shape
        ((36, 4), (81, 4))
    """
    if num_users**num_aps > MOST:
        raise ConfigError(
            f"{num_users} users and {num_aps} access points have {num_users**num_aps} assignments; exhaustive search "
            f"takes at most {MOST}, give another method"
        )
    rows = np.array(list(product(range(num_users), repeat=num_aps)))
    served = (rows[..., None] == np.arange(num_users)).any(axis=1).all(axis=1)
    return rows[served] if all_served else rows
