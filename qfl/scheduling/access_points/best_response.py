"""Best responses: one access point after the other moves to where the objective is largest, until none moves."""

import numpy as np

from qfl.arrays import checked
from qfl.scheduling.access_points import matching
from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.seeds import stream

MOST_SWEEPS = 100


@checked()
def solve(problem: AssignmentProblem, *, seed: int, start: Users | None = None) -> Users:
    """Return an assignment that no single move improves, from matching unless a start is given.

    Args:
        problem: What to solve.
        seed: Of the order of the access points.
        start: Where to begin.
    """
    users = (matching.solve(problem) if start is None else start).copy()
    generator, value = stream(seed, "best response"), problem.value(users)
    for _ in range(MOST_SWEEPS):
        before = value
        for ap in generator.permutation(problem.num_aps):
            tried = np.repeat(users[None], problem.num_users, axis=0)
            tried[:, ap] = np.arange(problem.num_users)
            values = problem.values(tried)
            # not for rounding's sake: an exact tie must not move for ever
            if values.max() > value + 1e-12:
                users, value = tried[values.argmax()], float(values.max())
        if value == before:
            break
    return users
