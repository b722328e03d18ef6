"""Best response: each device in turn takes its best option, until none wants to change (1-opt)."""

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.scheduling.models.occupancy import Occupancy, insertion_gains, occupy, without
from qfl.scheduling.options import Options
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.specs import require_kind
from qfl.scheduling.starts import random_options
from qfl.seeds import stream

GAIN_MIN = 1e-7  # bit/s/Hz; a smaller gain may be rounding
PLACES_AT_ONCE = 1 << 13  # devices asked at once, times places: what fits into the processor's cache


def solve(
    problem: Problem,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    max_sweeps: int = 50,
) -> Solution[Schedule]:
    """Return a schedule that no change of one device improves.

    An iteration is a sweep over all devices in random order. The value never falls, since a device moves only to an
    option with a higher sum rate; for equal weights the devices play an exact potential game, whose potential is the
    sum rate, and the end is one of its Nash equilibria.

    Args:
        problem: A rate objective.
        seed: Of the start and of the order.
        start: Where to begin; random options if None.
        max_evaluations: Limit.
        max_sweeps: Limit.

    Example:
        >>> from qfl.wireless.uplink import UplinkInstance
        >>> gain = np.array([[8.0, 1.0], [1.0, 3.0]])
        >>> problem = Problem(UplinkInstance(gain, np.ones(2), 0.0, 1.0, 1.0, "all_active", 2, None))
        >>> solve(problem, seed=1).schedule.channel
        array([0, 1])
    """
    require_kind(problem, "rates", "best_response")
    begin = random_options(problem, seed) if start is None else start
    record = Recorder(problem, "best_response", "random" if start is None else "given", max_evaluations)
    schedule, status = improve(problem, begin, record, stream(seed, "best-response"), max_sweeps)
    return record.solution(schedule, status)


def improve(
    problem: Problem, start: Schedule, record: Recorder[Schedule], generator: np.random.Generator, max_sweeps: int = 50
) -> tuple[Schedule, Status]:
    """Return the schedule after best responses in a random cyclic order, noting the value after each round of all.

    Several devices are asked at once as long as none moves: those after the first that moves are asked again.

    Args:
        problem: A rate objective.
        start: Where to begin.
        record: Takes the trace; holds the limit on evaluations.
        generator: Of the order.
        max_sweeps: Limit, 0 or more.
    """
    order = generator.permutation(problem.num_devices)
    choice, present, schedule = problem.options, occupy(problem, start), start
    done = quiet = 0
    ahead, most_ahead = 4, max(1, PLACES_AT_ONCE // len(present.received))
    record.note(problem.value(start))
    while quiet < len(order) and done < max_sweeps * len(order) and not record.exhausted:
        position = done % len(order)
        asked = order[position : position + min(ahead, most_ahead, len(order) - quiet)]
        best, wins = best_options(problem, choice, present, schedule, asked)
        moves = np.flatnonzero(wins > GAIN_MIN)
        answered = int(moves[0]) + 1 if len(moves) else len(asked)
        if len(moves):
            schedule = moved(schedule, int(asked[moves[0]]), choice, int(best[moves[0]]))
            present, quiet, ahead = occupy(problem, schedule), 0, max(1, ahead // 2)
        else:
            quiet, ahead = quiet + answered, 2 * ahead
        done, record.evaluations = done + answered, record.evaluations + answered * len(choice)
        if done % len(order) == 0 or quiet >= len(order):
            record.note(problem.value(schedule))
    if quiet >= len(order):
        return schedule, Status.CONVERGED
    return schedule, Status.OUT_OF_EVALUATIONS if record.exhausted else Status.FINISHED


def best_options(
    problem: Problem, choice: Options, present: Occupancy, schedule: Schedule, devices: Int64[ndarray, " asked"]
) -> tuple[Int64[ndarray, " asked"], Float64[ndarray, " asked"]]:
    """Return the best option of each device if it alone may change, and what that adds to the rate in bit/s/Hz.

    Args:
        problem: A rate objective.
        choice: The options of a device.
        present: Who is where, as `schedule` says.
        schedule: What each device has now.
        devices: Who is asked, each once.
    """
    rows, channel, held_w = np.arange(len(devices)), schedule.channel[devices], schedule.power_w[devices]
    gains = option_gains(problem, choice, present, devices)
    silence = 0.0 if choice.channel[-1] < 0 else -np.inf  # where it is forbidden, everything is better
    level = (choice.levels == held_w[:, None]).argmax(axis=1)
    held = np.where(channel >= 0, gains[rows, level * problem.num_channels + channel], silence)
    between = (channel >= 0) & ~np.isin(held_w, choice.levels)
    if np.any(between):
        held[between] = _held_gains(problem, present, schedule, devices[between])
    best = gains.argmax(axis=1)
    return best, gains[rows, best] - held


def option_gains(
    problem: Problem, choice: Options, present: Occupancy, devices: Int64[ndarray, " asked"]
) -> Float64[ndarray, "asked option"]:
    """Return what each option of a device adds to the others' sum rate in bit/s/Hz; -inf where there is no room.

    Args:
        problem: A rate objective.
        choice: The options of a device.
        present: Who is where.
        devices: Who is asked, each once.
    """
    others = without(present, devices[:, None])
    received = choice.levels[:, None] * problem.instance.gain[devices][:, None]
    gains = insertion_gains(others, received, problem.rate_weights[devices])
    room = others.count < problem.instance.max_per_channel
    if not room.all():
        gains = np.where(room[:, None], gains, -np.inf)
    flat = gains.reshape(len(devices), -1)
    silence = np.zeros((len(devices), len(choice) - flat.shape[1]))
    return np.concatenate([flat, silence], axis=1)


def _held_gains(
    problem: Problem, present: Occupancy, schedule: Schedule, devices: Int64[ndarray, " asked"]
) -> Float64[ndarray, " asked"]:
    """Return the same for the present sub-channel and a power between the levels."""
    received = schedule.power_w[devices][:, None, None] * problem.instance.gain[devices][:, None]
    gains = insertion_gains(without(present, devices[:, None]), received, problem.rate_weights[devices])
    return gains[np.arange(len(devices)), 0, schedule.channel[devices]]


def moved(schedule: Schedule, device: int, choice: Options, option: int) -> Schedule:
    """Return the schedule after one device has taken an option.

    Args:
        schedule: The schedule before.
        device: Its number.
        choice: The options of a device.
        option: The number of the option it takes.
    """
    return schedule.replaced(np.array([device]), choice.channel[[option]], choice.power_w[[option]])
