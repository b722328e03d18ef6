"""Best responses: one access point after the other moves to where the objective is largest, until none moves."""

import numpy as np

from qfl.arrays import checked
from qfl.scheduling.access_points.matching import matched_users
from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.seeds import stream


@checked()
def solve(
    problem: AssignmentProblem,
    *,
    seed: int,
    start: Users | None = None,
    max_evaluations: int | None = None,
    max_sweeps: int = 100,
) -> Solution[Users]:
    """Return an assignment that no single move improves, from matching unless a start is given.

    An iteration is a sweep over all access points in random order.

    Args:
        problem: What to solve.
        seed: Of the order of the access points.
        start: Where to begin.
        max_evaluations: Limit.
        max_sweeps: Limit, 0 or more.
    """
    record = Recorder(problem, "best_response", "matching" if start is None else "given", max_evaluations)
    users = (matched_users(problem) if start is None else start).copy()
    generator, value = stream(seed, "best response"), problem.value(users)
    record.note(value)
    for _ in range(max_sweeps):
        before = value
        for ap in generator.permutation(problem.num_aps):
            if record.exhausted:
                return record.solution(users, Status.OUT_OF_EVALUATIONS)
            tried = np.repeat(users[None], problem.num_users, axis=0)
            tried[:, ap] = np.arange(problem.num_users)
            values = problem.values(tried)
            record.evaluations += len(tried)
            # not for rounding's sake: an exact tie must not move for ever
            if values.max() > value + 1e-12:
                users, value = tried[values.argmax()], float(values.max())
        record.note(value)
        if value == before:
            return record.solution(users, Status.CONVERGED)
    return record.solution(users, Status.FINISHED)
