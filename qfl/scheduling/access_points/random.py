"""A random assignment: the floor."""

import numpy as np

from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.seeds import stream


def solve(
    problem: AssignmentProblem, *, seed: int, start: Users | None = None, max_evaluations: int | None = None
) -> Solution[Users]:
    """Return a user for each access point, uniform; if all must be served, uniform among such for small networks.

    Drawn until everybody is served; should that not happen in 1,000 draws, as many access points as there are users
    are dealt out first, and the others at random.

    Args:
        problem: What to solve.
        seed: Of the draws.
        start: Not used.
        max_evaluations: Not used.
    """
    return Recorder(problem, "random", "none").solution(random_users(problem, seed), Status.FINISHED)


def random_users(problem: AssignmentProblem, seed: int) -> Users:
    """Return the assignment itself."""
    generator = stream(seed, "random assignment")
    users = generator.integers(problem.num_users, size=(1000, problem.num_aps))
    if not problem.all_served:
        return users[0]
    if (served := problem.unserved(users) == 0).any():
        return users[served.argmax()]
    dealt = users[0]
    dealt[generator.permutation(problem.num_aps)[: problem.num_users]] = np.arange(problem.num_users)
    return dealt
