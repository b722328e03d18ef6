"""Maximum-weight matching: the optimum where a device may be silent."""

import numpy as np

from qfl.errors import ConfigError
from qfl.scheduling.bounds import matched_schedule, matching_bound
from qfl.scheduling.matched import heaviest_pairs
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.specs import require_kind


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution[Schedule]:
    """Return one device for each sub-channel, so that the sum of (weighted) rates at full power is largest.

    Under optional_channel and optional_power that is the optimum of the sum rate if the matching bound is tight (see
    `qfl.scheduling.bounds.matching_bound`); the status says so.

    Args:
        problem: A rate objective.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.

    Raises:
        ConfigError: If the variant forbids silence and there are fewer sub-channels than devices.
    """
    require_kind(problem, "rates", "matching")
    _refuse_too_few_channels(problem)
    record = Recorder(problem, "matching", "none")
    efficiency = np.log2(1 + problem.instance.max_power_w * problem.instance.gain)
    if problem.instance.se_cap:
        efficiency = np.minimum(efficiency, problem.instance.se_cap)
    device, channel = heaviest_pairs(problem.rate_weights[:, None] * efficiency)
    record.evaluations = 1
    schedule = matched_schedule(problem, device, channel)
    optimal = problem.objective == "sum_rate" and matching_bound(problem).tight
    return record.solution(schedule, Status.OPTIMAL if optimal else Status.FINISHED)


def _refuse_too_few_channels(problem: Problem) -> None:
    variant = problem.instance.variant
    if variant in ("all_active", "capacity") and problem.num_devices > problem.num_channels:
        raise ConfigError(
            f"matching gives each device a sub-channel of its own, but {problem.num_devices} devices must transmit on "
            f"{problem.num_channels} sub-channels under {variant}; give at least {problem.num_devices} sub-channels, "
            "variant optional_channel or optional_power, or the solver matching_dump_1opt"
        )
