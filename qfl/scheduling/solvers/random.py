"""The random floor: what no planning at all gives."""

import numpy as np

from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.starts import random_channels
from qfl.seeds import stream


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution[Schedule]:
    """Return a random sub-channel and a power uniform in dBm for each device.

    Args:
        problem: Any objective.
        seed: Of the draws.
        start: Not used.
        max_evaluations: Not used.
    """
    instance, generator = problem.instance, stream(seed, "random-schedule")
    low_w = max(instance.min_power_w, 1e-6 * instance.max_power_w)
    power_w = np.exp(generator.uniform(np.log(low_w), np.log(instance.max_power_w), problem.num_devices))
    schedule = Schedule(random_channels(problem, seed), np.minimum(power_w, instance.max_power_w))
    return Recorder(problem, "random", "none").solution(schedule, Status.FINISHED)
