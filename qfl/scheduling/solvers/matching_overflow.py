"""Matching, dumping and 1-opt: the best cheap method where every device must transmit."""

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling.matched import heaviest_pairs
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution
from qfl.scheduling.solvers.best_response import improve
from qfl.scheduling.solvers.swap import improve_by_swaps
from qfl.scheduling.specs import require_kind
from qfl.seeds import stream


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    max_sweeps: int = 50,
) -> Solution[Schedule]:
    """Return matching + dump, polished by best responses (and, where sub-channels are full, by swaps).

    Keeping C - 1 sub-channels clean costs one sub-channel of the matching bound at most, whatever the number of weak
    devices, because one sub-channel takes all the interference. Iterations are sweeps. `start`, if given, replaces
    matching + dump.

    Args:
        problem: A rate objective.
        seed: Of the order of best responses.
        start: Where to begin, in place of matching + dump.
        max_evaluations: Limit.
        max_sweeps: Limit of each of the two searches, 0 or more.

    Reference:
        Ours; the bound it comes near is `qfl.scheduling.bounds.matching_bound`.
    """
    require_kind(problem, "rates", "matching_dump_1opt")
    begun = "matching_dump" if start is None else "given"
    record = Recorder(problem, "matching_dump_1opt", begun, max_evaluations)
    begin = match_with_overflow(problem) if start is None else start
    schedule, status = improve(problem, begin, record, stream(seed, "best-response"), max_sweeps)
    if problem.instance.variant == "capacity":
        schedule, status = improve_by_swaps(problem, schedule, record, max_sweeps)
    return record.solution(schedule, status)


def match_with_overflow(problem: Problem) -> Schedule:
    """Return the best single users on all sub-channels but one, and everybody else at least power on that one.

    The dump is the sub-channel that the matching of all values least. Where devices may be silent nobody is dumped.
    Under capacity, where a sub-channel is soon full, the others fill the sub-channels in order of their strength:
    strong ones together under the weakest matched device, so that they disturb few.
    """
    instance = problem.instance
    value = problem.rate_weights[:, None] * np.log2(1 + instance.max_power_w * instance.gain)
    device, channel = heaviest_pairs(value)
    if instance.variant in ("optional_channel", "optional_power"):
        channels = np.full(problem.num_devices, -1 if instance.variant == "optional_channel" else 0)
        power_w = np.zeros(problem.num_devices)
    elif problem.num_devices <= problem.num_channels:
        channels, power_w = np.zeros(problem.num_devices, int), np.zeros(problem.num_devices)
    elif instance.variant == "capacity":
        return _fill_by_strength(problem, value)
    else:
        dump = channel[value[device, channel].argmin()]
        kept = np.delete(np.arange(problem.num_channels), dump)
        device, among = heaviest_pairs(value[:, kept])
        channel = kept[among]
        channels, power_w = np.full(problem.num_devices, dump), np.full(problem.num_devices, instance.min_power_w)
    channels[device], power_w[device] = channel, instance.max_power_w
    return Schedule(channels, power_w)


def _fill_by_strength(problem: Problem, value: Float64[ndarray, "device channel"]) -> Schedule:
    instance = problem.instance
    device, channel = heaviest_pairs(value)
    power_w = np.full(problem.num_devices, instance.min_power_w)
    power_w[device] = instance.max_power_w
    channels = np.full(problem.num_devices, -1)
    channels[device] = channel
    others = np.flatnonzero(channels < 0)
    strongest_first = others[np.argsort(-instance.gain[others].mean(axis=1), kind="stable")]
    weakest_first = channel[np.argsort(value[device, channel], kind="stable")]
    places = np.repeat(weakest_first, instance.max_per_channel - 1)
    channels[strongest_first] = places[: len(others)]
    return Schedule(channels, power_w)
