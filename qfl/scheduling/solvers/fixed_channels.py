"""Simple assignments with good powers: random or best-gain sub-channels, then WMMSE or SCA on the powers alone."""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.specs import require_choice, require_kind
from qfl.scheduling.starts import random_channels
from qfl.wireless.power import PowerSolution, power_range, sca_power, wmmse_power

ITERATIONS = {"wmmse": 100, "sca": 20}
METHODS = {"wmmse": wmmse_power, "sca": sca_power}


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    channels: str = "random",
    power: str = "wmmse",
) -> Solution[Schedule]:
    """Return the powers that WMMSE or SCA finds for sub-channels that are not optimised.

    An iteration is one of the power method, and one evaluation.

    Args:
        problem: A rate objective.
        seed: Of the random sub-channels.
        start: Its sub-channels and powers are used, if given.
        max_evaluations: Limit.
        channels: ``random``, or ``best_gain``: each device's strongest that has room.
        power: ``wmmse`` (100 iterations) or ``sca`` (20).

    Reference:
        See `qfl.wireless.power.wmmse_power` and `qfl.wireless.power.sca_power`.
    """
    require_choice("channels", channels, ("random", "best_gain"))
    require_choice("power", power, METHODS)
    method = f"{channels}_{power}" if power == "wmmse" else f"{channels}_{power}_power"
    require_kind(problem, "rates", method)
    record = Recorder(problem, method, "given" if start is not None else f"{channels}, full power")
    if start is not None:
        channel, power_w = start.channel, start.power_w
    else:
        channel = random_channels(problem, seed) if channels == "random" else capped(problem, problem.instance.gain)
        power_w = None
    limit = ITERATIONS[power] if max_evaluations is None else min(ITERATIONS[power], max_evaluations)
    found = METHODS[power](problem.instance, channel, start=power_w, weights=problem.rate_weights, iterations=limit)
    for value in found.trace:
        record.note(value)
        record.evaluations += 1
    return record.solution(_schedule(channel, found), Status.FINISHED)


def capped(problem: Problem, preference: Float64[ndarray, "device channel"]) -> Int64[ndarray, " device"]:
    """Return each device's preferred sub-channel, or under capacity the most preferred with room, the keenest first."""
    if problem.instance.variant != "capacity":
        return preference.argmax(axis=1)
    channel, room = np.full(problem.num_devices, -1), np.full(problem.num_channels, problem.instance.max_per_channel)
    for device in np.argsort(-preference.max(axis=1), kind="stable"):
        channel[device] = np.where(room > 0, preference[device], -np.inf).argmax()
        room[channel[device]] -= 1
    return channel


def with_sca_power(
    problem: Problem,
    channel: Int64[ndarray, " device"],
    power_w: Float64[ndarray, " device"] | None,
    record: Recorder[Schedule],
) -> Schedule:
    """Return the schedule with the powers that SCA finds from some powers (the highest if None).

    Args:
        problem: A rate objective.
        channel: Sub-channel of each device; -1 = silent.
        power_w: Where to begin, brought into the allowed range.
        record: Counts one evaluation for each iteration.
    """
    least, most = power_range(problem.instance, channel)
    begin = None if power_w is None else np.clip(power_w, least, most)
    found = sca_power(
        problem.instance,
        channel,
        start=begin,
        weights=problem.rate_weights,
        iterations=ITERATIONS["sca"],
        tolerance=1e-6,
    )
    record.evaluations += len(found.trace)
    return _schedule(channel, found)


def _schedule(channel: Int64[ndarray, " device"], found: PowerSolution) -> Schedule:
    return Schedule(channel, found.power_w)
