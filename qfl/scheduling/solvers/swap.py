"""Swaps: two devices exchange their sub-channels. The move that is left where every sub-channel is full (capacity)."""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.best_response import GAIN_MIN, improve
from qfl.scheduling.specs import require_kind
from qfl.scheduling.starts import random_options
from qfl.seeds import stream


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    max_sweeps: int = 50,
) -> Solution[Schedule]:
    """Return a schedule that neither a change of one device nor an exchange of two improves, from random options.

    Args:
        problem: A rate objective.
        seed: Of the start and of the order of best responses.
        start: Where to begin; random options if None.
        max_evaluations: Limit.
        max_sweeps: Limit of each of the two searches, 0 or more.
    """
    require_kind(problem, "rates", "swap")
    begin = random_options(problem, seed) if start is None else start
    record = Recorder(problem, "swap", "random" if start is None else "given", max_evaluations)
    schedule, _ = improve(problem, begin, record, stream(seed, "best-response"), max_sweeps)
    schedule, status = improve_by_swaps(problem, schedule, record, max_sweeps)
    return record.solution(schedule, status)


def improve_by_swaps(
    problem: Problem, schedule: Schedule, record: Recorder[Schedule], max_sweeps: int = 50
) -> tuple[Schedule, Status]:
    """Return the schedule after sweeps of best swaps and best responses, until neither improves it.

    Args:
        problem: A rate objective.
        schedule: Where to begin.
        record: Takes the trace; holds the limit on evaluations.
        max_sweeps: Limit, 0 or more.
    """
    generator = np.random.default_rng(0)  # of the order of best responses only, which any order serves
    value = problem.value(schedule)
    for _ in range(max_sweeps):
        before = value
        for device in np.flatnonzero(schedule.channel >= 0):
            if record.exhausted:
                return schedule, Status.OUT_OF_EVALUATIONS
            partners, gains = swap_gains(problem, schedule, int(device))
            record.evaluations += len(partners)
            if len(partners) and gains.max() > GAIN_MIN:
                swapped = swap(schedule, int(device), int(partners[gains.argmax()]))
                if (tried := problem.value(swapped)) > value:
                    schedule, value = swapped, tried
        schedule, status = improve(problem, schedule, record, generator, max_sweeps)
        value = problem.value(schedule)
        if value <= before or status is Status.OUT_OF_EVALUATIONS:
            return schedule, status
    return schedule, Status.FINISHED


def swap(schedule: Schedule, one: int, other: int) -> Schedule:
    """Return the schedule after two devices have exchanged their sub-channels, each keeping its power.

    Args:
        schedule: The schedule before.
        one: A device with a sub-channel.
        other: Another one.
    """
    channel = schedule.channel.copy()
    channel[[one, other]] = channel[[other, one]]
    return Schedule(channel, schedule.power_w)


def swap_gains(
    problem: Problem, schedule: Schedule, device: int
) -> tuple[Int64[ndarray, " partner"], Float64[ndarray, " partner"]]:
    """Return every device on another sub-channel, and what swapping with it adds to the weighted rate in bit/s/Hz.

    Args:
        problem: A rate objective.
        schedule: What each device has now.
        device: A device with a sub-channel.
    """
    gain, cap = problem.instance.gain, problem.instance.se_cap or np.inf
    channel, power_w, weight = schedule.channel, schedule.power_w, problem.rate_weights
    here = channel[device]
    partners = np.flatnonzero((channel >= 0) & (channel != here))
    there = channel[partners]
    table, received = members(problem, schedule)
    weights = np.where(table >= 0, weight[table], 0.0)

    def rate(
        received: Float64[ndarray, "*case member"], weights: Float64[ndarray, "*case member"]
    ) -> Float64[ndarray, "*case"]:
        total = 1 + received.sum(-1, keepdims=True)
        return (weights * np.minimum(np.log2(total / np.maximum(total - received, 1.0)), cap)).sum(-1)

    now = rate(received, weights)
    # the partner takes the device's place here, and the device the partner's place there
    place_here = table[here] == device
    new_here = np.where(place_here, (power_w * gain[:, here])[partners, None], received[here])
    weights_here = np.where(place_here, weight[partners, None], weights[here])
    place_there = table[there] == partners[:, None]
    new_there = np.where(place_there, (power_w[device] * gain[device, there])[:, None], received[there])
    weights_there = np.where(place_there, weight[device], weights[there])
    return partners, rate(new_here, weights_here) + rate(new_there, weights_there) - now[here] - now[there]


def members(
    problem: Problem, schedule: Schedule
) -> tuple[Int64[ndarray, "channel member"], Float64[ndarray, "channel member"]]:
    """Return the devices of each sub-channel, filled up with -1, and what is received from each over the noise."""
    on = np.flatnonzero(schedule.channel >= 0)
    order = on[np.argsort(schedule.channel[on], kind="stable")]
    where = schedule.channel[order]
    count = np.bincount(where, minlength=problem.num_channels)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(count) - count, count)
    table = np.full((problem.num_channels, int(count.max())), -1)
    received = np.zeros(table.shape)
    table[where, rank] = order
    received[where, rank] = schedule.power_w[order] * problem.instance.gain[order, where]
    return table, received
