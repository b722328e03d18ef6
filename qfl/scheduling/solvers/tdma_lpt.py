"""List scheduling for the round time: the longest upload first, on the sub-channel that ends it earliest."""

import numpy as np

from qfl.scheduling.problem import Problem, upload_times
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.specs import require_kind


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution[Schedule]:
    """Return the schedule of longest processing time first, all at full power; O(N C).

    One device at a time has a sub-channel (TDMA), so full power is best and nobody disturbs anybody. At most 4/3 of
    the optimum on equal sub-channels; here uploads last a little longer on some than on others, and we claim no
    factor.

    Args:
        problem: With objective `round_time`.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.

    Raises:
        ConfigError: If the objective is not `round_time`.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> instance = UplinkInstance(np.ones((3, 2)), np.ones(3), 0.0, 1.0, 1.0, "all_active", 3, 0.0)
        >>> problem = Problem(instance, "round_time", payload_bits=np.array([1.0, 1.0, 2.0]))
        >>> solve(problem, seed=1).value
        2.0

    Reference:
        Graham, Bounds on multiprocessing timing anomalies, 1969.
    """
    require_kind(problem, "round_time", "tdma_lpt")
    record = Recorder(problem, "tdma_lpt", "none")
    schedule = longest_first(problem)
    record.evaluations = 1
    return record.solution(schedule, Status.FINISHED)


def longest_first(problem: Problem) -> Schedule:
    """Return the schedule itself."""
    power_w = np.full(problem.num_devices, problem.instance.max_power_w)
    times = upload_times(problem, power_w)
    channel, load = np.zeros(problem.num_devices, int), np.zeros(problem.num_channels)
    for device in np.argsort(-times.min(axis=1), kind="stable"):
        ends = load + times[device]
        channel[device] = ends.argmin()
        load[channel[device]] = ends[channel[device]]
    return Schedule(channel, power_w)
