"""A random assignment: the floor."""

import numpy as np

from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.seeds import stream


def solve(problem: AssignmentProblem, *, seed: int) -> Users:
    """Return a user for each access point, uniform; if all must be served, uniform among such for small networks.

    Drawn until everybody is served; should that not happen in 1,000 draws, as many access points as there are users
    are dealt out first, and the others at random.
    """
    generator = stream(seed, "random assignment")
    users = generator.integers(problem.num_users, size=(1000, problem.num_aps))
    if not problem.all_served:
        return users[0]
    if (served := problem.unserved(users) == 0).any():
        return users[served.argmax()]
    dealt = users[0]
    dealt[generator.permutation(problem.num_aps)[: problem.num_users]] = np.arange(problem.num_users)
    return dealt
