"""Block coordinate descent: choose a few devices' options at a time, the others fixed."""

from collections.abc import Callable
from functools import partial

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.errors import ConfigError
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.options import chosen, options
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solution import Recorder, Solution, Status
from qfl.scheduling.solvers.random import random_options, refuse_round_time
from qfl.seeds import stream

BlockSampler = Callable[[Float64[ndarray, "..."], np.random.Generator], tuple[int, ...]]
"""From the rewards of all combinations, one axis for each device, and a generator to the combination to try."""

BlockChooser = Callable[[BlockModel, np.random.Generator], tuple[int, ...]]
"""The same from the quadratic model, for samplers that take a DQM or a BQM."""

ModelBuilder = Callable[[Problem, Schedule, Int64[ndarray, " block"]], BlockModel]


def on_diagonal(sample: BlockSampler) -> BlockChooser:
    """Return the chooser that hands a sampler the table of all M^B rewards."""
    return lambda model, generator: sample(model.diagonal(), generator)


def solve(
    problem: Problem,
    choose: BlockChooser,
    method: str,
    *,
    seed: int,
    start: Schedule | None = None,
    max_evaluations: int | None = None,
    num_blocks: int = 150,
    block_size: int = 2,
    model: ModelBuilder = pairwise_model,
) -> Solution:
    """Return the schedule after a number of block steps on a rate objective, from random options if no start is given.

    An iteration is a block. A step is undone if the true objective would fall, so the trace never falls, whatever
    model or sampler is used.

    Args:
        problem: A rate objective.
        choose: Picks an option for each device of a block.
        method: Name for the solution.
        seed: Of the start, of the blocks and of the sampler.
        start: Where to begin.
        max_evaluations: Limit. A block costs the options and pairs of options that its model prices, and one check.
        num_blocks: Number of blocks.
        block_size: Devices in a block; above 2 the model is no longer exact.
        model: Builds the model of a block.

    Raises:
        ConfigError: If the objective is `round_time`, or there is no block to choose.
    """
    refuse_round_time(problem, method)
    begin = random_options(problem, seed) if start is None else start
    record = Recorder(problem, method, "random" if start is None else "given", max_evaluations)
    build = partial(model, problem)
    schedule, status = descend(
        begin, choose, record, stream(seed, "blocks"), num_blocks, block_size, build, problem.value
    )
    return record.solution(schedule, status)


def descend(
    start: Schedule,
    choose: BlockChooser,
    record: Recorder,
    generator: np.random.Generator,
    num_blocks: int,
    block_size: int,
    build: Callable[[Schedule, Int64[ndarray, " block"]], BlockModel],
    merit: Callable[[Schedule], float],
) -> tuple[Schedule, Status]:
    """Return the schedule after block steps that never lower the merit, noting the objective after each."""
    if num_blocks < 1 or block_size < 1:
        raise ConfigError(f"{num_blocks} blocks of {block_size} devices were asked for; give at least 1 of each")
    problem, schedule, value = record.problem, start, merit(start)
    choice, order = options(problem), np.array([], int)
    limited = problem.instance.variant == "V4"  # in the others every combination of options is feasible
    shown = problem.value(start)
    record.note(shown)
    for _ in range(num_blocks):
        if record.exhausted:
            return schedule, Status.OUT_OF_EVALUATIONS
        # passes over all devices in random order, cut into blocks
        if len(order) < min(block_size, problem.num_devices):
            order = generator.permutation(problem.num_devices)
        block, order = order[:block_size], order[block_size:]
        model = build(schedule, block)
        picks = np.array(choose(model, generator))
        record.evaluations += model.linear.size + int(np.count_nonzero(model.coupling)) + 1
        new = chosen(choice, picks)
        if not _same(schedule, block, new):
            tried = _with_block(schedule, block, new)
            if (reached := merit(tried)) >= value and not (limited and problem.check(tried)):
                schedule, value, shown = tried, reached, problem.value(tried)
        record.note(shown)
    return schedule, Status.FINISHED


def _same(schedule: Schedule, block: Int64[ndarray, " block"], new: Schedule) -> bool:
    return bool(np.all(schedule.channel[block] == new.channel) and np.all(schedule.power_w[block] == new.power_w))


def _with_block(schedule: Schedule, block: Int64[ndarray, " block"], new: Schedule) -> Schedule:
    channel, power_w = schedule.channel.copy(), schedule.power_w.copy()
    channel[block], power_w[block] = new.channel, new.power_w
    return Schedule(channel, power_w)
