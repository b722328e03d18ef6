"""Greedy insertion: one access point after the other where it helps most."""

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.scheduling.access_points.problem import SILENT, AssignmentProblem, Users
from qfl.scheduling.solution import Recorder, Solution, Status


def solve(
    problem: AssignmentProblem, *, seed: int = 1, start: Users | None = None, max_evaluations: int | None = None
) -> Solution[Users]:
    """Return the assignment built by the best insertion in each step, by the true rates of those already placed.

    For ``sum_rate`` the best pair of access point and user is inserted; while users must be served and are not, only
    they are offered. For ``min_rate`` the user with the least rate is offered alone, since one insertion rarely lifts
    the least rate of all. An iteration is an insertion.

    Args:
        problem: What to solve.
        seed: Not used, nor are start and limit.
        start: Not used.
        max_evaluations: Not used.
    """
    record = Recorder(problem, "greedy", "empty network")
    users = np.full(problem.num_aps, SILENT)
    record.note(0.0)
    while (users == SILENT).any():
        offered = _offered(problem, users)
        free = np.flatnonzero(users == SILENT)
        tried = np.repeat(users[None], len(free) * len(offered), axis=0)
        tried[np.arange(len(tried)), np.repeat(free, len(offered))] = np.tile(offered, len(free))
        rates = problem.rates(tried)
        gain = rates[:, offered[0]] if problem.objective == "min_rate" else rates.sum(axis=1)
        users = tried[gain.argmax()]
        record.evaluations += len(tried)
        record.note(problem.value(users))
    return record.solution(users, Status.FINISHED)


def _offered(problem: AssignmentProblem, users: Users) -> Int64[ndarray, " offered"]:
    everybody = np.arange(problem.num_users)
    if problem.objective == "min_rate":
        return everybody[[problem.rates(users[None])[0].argmin()]]
    waiting = np.setdiff1d(everybody, users)
    return waiting if problem.all_served and len(waiting) else everybody
