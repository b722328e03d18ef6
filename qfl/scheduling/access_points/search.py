r"""Algorithm 4, the paper's "search-based method": users take the best access point left, in turn."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling.access_points.problem import SILENT, AssignmentProblem, Users
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.specs import require_choice

OTHERS = ("silent", "strongest")


def solve(
    problem: AssignmentProblem,
    *,
    seed: int = 1,
    start: Users | None = None,
    max_evaluations: int | None = None,
    others: str = "silent",
) -> Solution[Users]:
    r"""Return the assignment of Algorithm 4.

    .. math:: j^* = \arg\max_{j \notin S} \Gamma_{j \to k} \quad \text{for } k = 1, ..., K, 1, ..., \text{ until } S = A

    Gamma is printed with the interference of all others, whose precoders depend on assignments not yet made, so one has
    to say which. We leave it out; then the choice is that of the largest :math:`|h_{jk}|^2`. With ``strongest`` every
    other access point sends to its own strongest user: an access point that would disturb user k is then better taken
    than left, so the choice is *not* the same. On 1,000 channels of Table III's network (seed 1) it
    differs on 10.9 % of them and gives 3.06 / 15.37 bit/s/Hz (least / summed rate) instead of 3.03 / 15.32;
    ``pytest -s tests/scheduling/access_points/test_search.py`` prints both. Unlike the printed loop,
    which goes on while :math:`|S| \le N_{AP}` and so never ends, this one ends when nobody is left. Users are served in
    their order, so the first is served twice.

    Args:
        problem: What to solve.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.
        others: What the other access points send while one is chosen: nothing (``silent``), or a beam to the user whose
            channel is their strongest (``strongest``).

    Raises:
        ConfigError: If ``others`` is neither.
    """
    require_choice("others", others, OTHERS)
    record = Recorder(problem, "algorithm4", "none")
    record.evaluations = 1
    ratio = problem.strength if others == "silent" else disturbed(problem)
    users = np.full(problem.num_aps, SILENT)
    while (free := np.flatnonzero(users == SILENT)).size:
        for user in range(min(problem.num_users, len(free))):
            best = free[ratio[free, user].argmax()]
            users[best] = user
            free = free[free != best]
    return record.solution(users, Status.FINISHED)


def disturbed(problem: AssignmentProblem) -> Float64[ndarray, "ap user"]:
    r"""Return Gamma of Eq. (4) where every other access point sends to its own strongest user.

    .. math:: \Gamma_{j \to k} = \frac{\rho |h_{jk}^T v_{jk}|^2}{\rho \mu \sum_{n \ne j} |h_{nk}^T v_{n u(n)}|^2 + 1}
    """
    strength = problem.strength
    # access point user: what user k receives of the beam of each access point to its strongest user
    sent = problem.network.snr * problem.power[np.arange(problem.num_aps), strength.argmax(axis=1)]
    return strength / (problem.network.interference * (sent.sum(axis=0) - sent) + 1)
