"""Exhaustive search, for cases small enough to certify the others."""

from itertools import product

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem, upload_times
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status

MOST_DEVICES = 12


def solve(
    problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
) -> Solution[Schedule]:
    r"""Return the best schedule with every power at one of its two levels.

    The objective is a sum (or, for `round_time`, a maximum) over sub-channels, so instead of all :math:`(2C)^N`
    schedules it suffices to price all :math:`3^N` teams of one sub-channel (absent, low, high), keep the best powers
    of each of the :math:`2^N` sets, and combine sub-channels one by one over all :math:`3^N` pairs of a set and a
    subset: :math:`O(C 3^N)`, exhaustive all the same. Two levels lose nothing unless rates are capped
    (`qfl.scheduling.options.uplink_options`).

    Args:
        problem: Any objective, at most 12 devices.
        seed: Not used: nothing is random.
        start: Not used.
        max_evaluations: Not used.

    Raises:
        ConfigError: If there are more than 12 devices.
    """
    if problem.num_devices > MOST_DEVICES:
        raise ConfigError(
            f"brute_force searches every schedule of at most {MOST_DEVICES} devices and {problem.num_devices} were "
            "given; give fewer devices, or a bound (qfl.scheduling.bounds)"
        )
    record = Recorder(problem, "brute_force", "none")
    sign = 1.0 if problem.maximise else -1.0
    worth, powers_w = _team_worth(problem, sign, record)
    channel, power_w = _combine(problem, worth, powers_w)
    optimal = Status.FINISHED if problem.instance.se_cap and problem.maximise else Status.OPTIMAL
    return record.solution(Schedule(channel, power_w), optimal)


def _team_worth(
    problem: Problem, sign: float, record: Recorder[Schedule]
) -> tuple[Float64[ndarray, "channel set"], Float64[ndarray, "channel set device"]]:
    """Return, for each sub-channel and set of devices, the worth of its best powers, and these powers."""
    num_devices, num_channels = problem.num_devices, problem.num_channels
    levels = problem.options.levels
    teams = np.array(list(product(range(len(levels) + 1), repeat=num_devices)))
    sets = (teams > 0) @ (1 << np.arange(num_devices))
    power_w = np.concatenate([[0.0], levels])[teams]
    crowded = (teams > 0).sum(axis=1) > problem.instance.max_per_channel
    worth = np.full((num_channels, 1 << num_devices), -np.inf)
    powers_w = np.zeros((num_channels, 1 << num_devices, num_devices))
    for channel in range(num_channels):
        value = sign * _values(problem, channel, teams > 0, power_w)
        if problem.maximise:
            value[crowded] = -np.inf
        order = np.argsort(value, kind="stable")  # the best team of a set is written last
        worth[channel, sets[order]] = value[order]
        powers_w[channel, sets[order]] = power_w[order]
        record.evaluations += len(teams)
    return worth, powers_w


def _values(
    problem: Problem, channel: int, on: ndarray, power_w: Float64[ndarray, "team device"]
) -> Float64[ndarray, " team"]:
    """Return the weighted rate in bit/s/Hz, or the busy seconds, of each team on one sub-channel."""
    instance = problem.instance
    if problem.objective == "round_time":
        full_w = np.full(problem.num_devices, instance.max_power_w)
        return np.where(on, upload_times(problem, full_w)[:, channel], 0.0).sum(axis=1)
    received = power_w * instance.gain[:, channel]
    total = 1 + received.sum(axis=1, keepdims=True)
    rates = np.minimum(np.log2(total / np.maximum(total - received, 1.0)), instance.se_cap or np.inf)
    return rates @ problem.rate_weights


def _combine(
    problem: Problem, worth: Float64[ndarray, "channel set"], powers_w: Float64[ndarray, "channel set device"]
) -> tuple[Int64[ndarray, " device"], Float64[ndarray, " device"]]:
    """Return the best division of the devices among the sub-channels."""
    num_devices, num_sets = problem.num_devices, int(worth.shape[1])
    join = np.add if problem.maximise else np.minimum
    best, taken = worth[0].copy(), [np.arange(num_sets)]
    for channel in range(1, problem.num_channels):
        together, last = np.empty(num_sets), np.empty(num_sets, int)
        for whole in range(num_sets):
            team = _subsets(whole)
            value = join(worth[channel, team], best[whole ^ team])
            last[whole] = team[value.argmax()]
            together[whole] = value.max()
        best = together
        taken.append(last)
    silent_allowed = problem.maximise and problem.instance.variant == "optional_channel"
    left = int(best.argmax()) if silent_allowed else num_sets - 1
    channel, power_w = np.full(num_devices, -1), np.zeros(num_devices)
    for number in reversed(range(problem.num_channels)):
        team = int(taken[number][left])
        members = np.flatnonzero(team >> np.arange(num_devices) & 1)
        channel[members], power_w[members] = number, powers_w[number, team, members]
        left ^= team
    return channel, power_w


def _subsets(whole: int) -> Int64[ndarray, " set"]:
    """Return all subsets of a set of bits, itself included.

    Example:
        >>> _subsets(5)
        array([0, 1, 4, 5])
    """
    found = np.zeros(1, dtype=np.int64)
    for bit in range(whole.bit_length()):
        if whole >> bit & 1:
            found = np.concatenate([found, found | 1 << bit])
    return np.sort(found)
