"""Greedy insertion: the strongest device first, each where it adds most to those already placed."""

import numpy as np

from qfl.scheduling.models.occupancy import occupy
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule, empty_schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.best_response import best_options, moved
from qfl.scheduling.specs import require_kind


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution[Schedule]:
    """Return the schedule built by inserting one device after the other; an iteration is an insertion.

    Where a device must transmit, the last and weakest ones may well cost more than they add.

    Args:
        problem: A rate objective.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> gain = np.array([[8.0, 1.0], [9.0, 3.0]])
        >>> problem = Problem(UplinkInstance(gain, np.ones(2), 0.0, 1.0, 1.0, "all_active", 2, None))
        >>> solve(problem, seed=1).schedule.channel
        array([1, 0])
    """
    require_kind(problem, "rates", "greedy")
    choice, record = problem.options, Recorder(problem, "greedy", "empty network")
    schedule = empty_schedule(problem.num_devices)
    record.note(0.0)
    for device in np.argsort(-problem.instance.gain.max(axis=1), kind="stable"):
        best, _ = best_options(problem, choice, occupy(problem, schedule), schedule, np.array([device]))
        schedule = moved(schedule, int(device), choice, int(best[0]))
        record.evaluations += len(choice)
        record.note(problem.value(schedule))
    return record.solution(schedule, Status.FINISHED)
