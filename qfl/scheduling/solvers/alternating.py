"""Alternation: all sub-channels at fixed powers, then all powers on fixed sub-channels, and so on.

The case study of QFL for 6G alternates so, 150 times, for QAOA and for SCA alike. Unlike
`qfl.scheduling.descent`, whose step moves the devices of one block, an iteration here may move every device, so that
iterations of the two can be told beside each other.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypedDict, Unpack

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.scheduling.descent import BlockChooser, descend, on_diagonal, passes, require_blocks
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.best_response import improve
from qfl.scheduling.solvers.exact_blocks import best as best_of_block
from qfl.scheduling.solvers.fixed_channels import capped, with_sca_power
from qfl.scheduling.solvers.qaoa import block_chooser
from qfl.scheduling.solvers.sca import STRETCHES, first_split, relaxed_step
from qfl.scheduling.specs import require_choice, require_kind
from qfl.scheduling.starts import random_channels, random_options
from qfl.seeds import stream

Assign = Callable[[Problem, Schedule, Recorder[Schedule]], Schedule]
"""From a problem whose powers are all 1 and a schedule of it to another, counting evaluations."""

METHODS = {"best": "sca_alternating", "polished": "sca_alternating_1opt"}


class Turns(TypedDict, total=False):
    """What every alternation takes beside problem and seed, see `with_qaoa`."""

    start: Schedule | None
    max_evaluations: int | None
    num_iterations: int


class BlockTurns(Turns, total=False):
    """The same where a pass goes block by block."""

    block_size: int


def with_qaoa(
    problem: Problem,
    *,
    seed: int,
    layers: int = 3,
    shots: int = 64,
    sampler: Any = None,
    **settings: Unpack[BlockTurns],
) -> Solution[Schedule]:
    """Return the best schedule of an alternation whose sub-channels QAOA chooses, from random options.

    Sub-channels at fixed powers: a pass of block steps over all devices. Powers on fixed sub-channels: SCA
    (`qfl.wireless.power.sca_power`), from the present powers and from the highest, whichever ends better.

    Args:
        problem: A rate objective.
        seed: Of the start, of the order of the devices and of the draws.
        layers: Depth p.
        shots: Draws per block.
        sampler: What runs the blocks; None is the exact simulation.
        **settings: ``start``, ``max_evaluations`` (it ends the alternation in which it is reached),
            ``num_iterations``, 150 unless given, and ``block_size``, 2.

    Raises:
        ConfigError: If the objective is no rate, or there is nothing to do.

    Example:
        >>> from qfl.wireless.scenario import UplinkScenario
        >>> from qfl.wireless.uplink import draw
        >>> problem = Problem(draw(UplinkScenario(num_devices=6, num_channels=3), seed=1))
        >>> found = with_qaoa(problem, seed=1, num_iterations=4)
        >>> found.iterations, found.value <= with_qaoa(problem, seed=1, num_iterations=8).value
        (4, True)

    Reference:
        "Empowering AI-Native 6G Wireless Networks with Quantum Federated Learning", section V: sub-channel selection
        and power control in turns, 150 iterations. What a turn does is not said there; the above is ours.
    """
    return _by_blocks(problem, block_chooser(layers, shots, sampler=sampler), "qaoa_alternating", seed, **settings)


def with_exact(problem: Problem, *, seed: int, **settings: Unpack[BlockTurns]) -> Solution[Schedule]:
    """Return the result of `with_qaoa` with every block enumerated; its settings apply."""
    return _by_blocks(problem, on_diagonal(best_of_block), "exact_alternating", seed, **settings)


def with_sca(problem: Problem, *, seed: int, keep: str = "best", **settings: Unpack[Turns]) -> Solution[Schedule]:
    """Return the best schedule of an alternation whose sub-channels SCA chooses, from an even split at full power.

    Sub-channels at fixed powers: a tangent of the relaxed assignment (`qfl.scheduling.solvers.sca.relaxed_step`),
    which stays relaxed from turn to turn, rounded. Powers as in `with_qaoa`, whose settings apply but for blocks.

    Args:
        problem: A rate objective.
        seed: Of the noise of the start, and of the polish.
        keep: ``best``, or ``polished``: best responses after it.
        **settings: See `with_qaoa`.
    """
    require_choice("keep", keep, METHODS)
    record, begin, num_iterations = _begun(problem, METHODS[keep], "even split", **settings)
    step = _tangents(seed, given=begin is not None)
    best, status = _alternate(begin or _at_full_power(problem, seed), step, record, num_iterations)
    if keep == "polished" and not record.exhausted:
        best, status = improve(problem, best, record, stream(seed, "best-response"))
    return record.solution(best, status)


def at_powers(problem: Problem, schedule: Schedule) -> tuple[Problem, Schedule, Float64[ndarray, " device"]]:
    """Return the problem of the sub-channels alone, the schedule in it, and the power that its 1 means.

    Gains are multiplied by the powers, so a power of 1 is the device's own. Who is silent would join at the highest.

    Args:
        problem: A rate objective.
        schedule: Whose powers are fixed.
    """
    instance = problem.instance
    unit_w = np.where(schedule.power_w > 0, schedule.power_w, instance.max_power_w)
    fixed = replace(instance, gain=instance.gain * unit_w[:, None], min_power_w=1.0, max_power_w=1.0)
    on = np.where(schedule.power_w > 0, 1.0, 0.0)
    return replace(problem, instance=fixed), Schedule(schedule.channel, on), unit_w


def _by_blocks(
    problem: Problem, choose: BlockChooser, method: str, seed: int, *, block_size: int = 2, **settings: Unpack[Turns]
) -> Solution[Schedule]:
    record, begin, num_iterations = _begun(problem, method, "random", **settings)
    require_blocks(num_iterations, block_size)
    step = _passes(choose, block_size, stream(seed, "blocks"))
    return record.solution(*_alternate(begin or random_options(problem, seed), step, record, num_iterations))


def _begun(
    problem: Problem,
    method: str,
    begun: str,
    *,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    num_iterations: int = 150,
) -> tuple[Recorder[Schedule], Schedule | None, int]:
    require_kind(problem, "rates", method)
    if num_iterations < 1:
        raise ConfigError(f"num_iterations is {num_iterations}; give 1 or more alternations")
    record = Recorder[Schedule](problem, method, begun if start is None else "given", max_evaluations)
    return record, start, num_iterations


def _alternate(
    schedule: Schedule, assign: Assign, record: Recorder[Schedule], num_iterations: int
) -> tuple[Schedule, Status]:
    problem: Any = record.problem
    best = schedule
    record.note(problem.value(best))
    for _ in range(num_iterations):
        if record.exhausted:
            return best, Status.OUT_OF_EVALUATIONS
        at_present, unit, unit_w = at_powers(problem, schedule)
        assigned = assign(at_present, unit, record)
        schedule = _powered(problem, assigned.channel, assigned.power_w * unit_w, record)
        best = max(best, schedule, key=problem.value)
        record.note(problem.value(best))
    return best, Status.FINISHED


def _powered(
    problem: Problem, channel: ndarray, power_w: Float64[ndarray, " device"], record: Recorder[Schedule]
) -> Schedule:
    found = (with_sca_power(problem, channel, begin, record) for begin in (power_w, None))
    return max(Schedule(channel, power_w), *found, key=problem.value)


def _passes(choose: BlockChooser, block_size: int, generator: np.random.Generator) -> Assign:
    """Return a pass of block steps over all devices."""

    def assign(problem: Problem, schedule: Schedule, record: Recorder[Schedule]) -> Schedule:
        own = Recorder[Schedule](problem, record.method, record.start)
        num_blocks = -(-problem.num_devices // block_size)
        blocks = passes(generator, problem.num_devices, num_blocks, block_size)
        found, _ = descend(schedule, choose, own, generator, blocks, partial(pairwise_model, problem))
        record.evaluations += own.evaluations
        return found

    return assign


def _tangents(seed: int, *, given: bool) -> Assign:
    """Return a tangent of the relaxed assignment, which stays relaxed from call to call, and its rounding."""
    splits = list[ndarray]()

    def assign(problem: Problem, schedule: Schedule, record: Recorder[Schedule]) -> Schedule:
        split = splits.pop() if splits else first_split(problem, schedule if given else None, seed)
        splits.append(relaxed_step(problem, split))
        record.evaluations += len(STRETCHES)
        return Schedule(capped(problem, splits[0]), np.ones(problem.num_devices))

    return assign


def _at_full_power(problem: Problem, seed: int) -> Schedule:
    return Schedule(random_channels(problem, seed), np.full(problem.num_devices, problem.instance.max_power_w))
