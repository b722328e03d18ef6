"""Matching in rounds: each round gives every user one more access point."""

import numpy as np

from qfl.scheduling.access_points.problem import SILENT, AssignmentProblem, Users
from qfl.scheduling.matched import heaviest_pairs
from qfl.scheduling.solution import Recorder, Solution, Status


def solve(
    problem: AssignmentProblem, *, seed: int = 1, start: Users | None = None, max_evaluations: int | None = None
) -> Solution[Users]:
    r"""Return maximum-weight matchings, round by round, with the gain in rate of each link as its weight.

    The weight of access point m for user k is :math:`\log_2(1 + s_k + s_{mk}) - \log_2(1 + s_k)`, s the SNR of a link
    and :math:`s_k` what user k has from earlier rounds. Interference is not looked at; best responses afterwards
    (`qfl.scheduling.access_points.best_response`) do.

    Args:
        problem: What to solve.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.
    """
    record = Recorder(problem, "matching", "none")
    record.evaluations = 1
    return record.solution(matched_users(problem), Status.FINISHED)


def matched_users(problem: AssignmentProblem) -> Users:
    """Return the assignment itself."""
    users, strength = np.full(problem.num_aps, SILENT), problem.strength
    while (free := np.flatnonzero(users == SILENT)).size:
        held = np.array([strength[users == k, k].sum() for k in range(problem.num_users)])
        row, user = heaviest_pairs(np.log2((1 + held + strength[free]) / (1 + held)))
        users[free[row]] = user
    return users
