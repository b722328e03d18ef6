"""Block descent: choose a few options at a time, the others fixed, whatever is decided."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypedDict

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Choice, Recorder, Solution, Status
from qfl.scheduling.specs import require_kind
from qfl.scheduling.starts import random_options
from qfl.seeds import stream

Block = Int64[ndarray, " block"]

BlockSampler = Callable[[Float64[ndarray, "..."], np.random.Generator], tuple[int, ...]]
"""From the rewards of all combinations, one axis for each device, and a generator to the combination to try."""

BlockChooser = Callable[[BlockModel, np.random.Generator], tuple[int, ...]]
"""The same from the quadratic model, for samplers that take a DQM or a BQM."""

ModelBuilder = Callable[[Problem, Schedule, Block], BlockModel]


class BlockOptions(TypedDict, total=False):
    """What every block descent takes beside problem and seed, see `solve`."""

    start: Schedule | None
    max_evaluations: int | None
    num_blocks: int
    block_size: int


class DescentOptions(BlockOptions, total=False):
    """The same on rates."""

    model: ModelBuilder


def on_diagonal(sample: BlockSampler) -> BlockChooser:
    """Return the chooser that hands a sampler the table of all M^B rewards."""
    return lambda model, generator: sample(model.diagonal(), generator)


@checked()
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
) -> Solution[Schedule]:
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
    require_kind(problem, "rates", method)
    begin = random_options(problem, seed) if start is None else start
    record = Recorder(problem, method, "random" if start is None else "given", max_evaluations)
    generator = stream(seed, "blocks")
    blocks = passes(generator, problem.num_devices, num_blocks, block_size)
    return record.solution(*descend(begin, choose, record, generator, blocks, partial(model, problem)))


def descend(
    start: Choice,
    choose: BlockChooser,
    record: Recorder[Choice],
    generator: np.random.Generator,
    blocks: Iterable[Block],
    build: Callable[[Choice, Block], BlockModel],
    merit: Callable[[Choice], float] | None = None,
) -> tuple[Choice, Status]:
    """Return the choice after block steps that never lower the merit, noting the objective after each.

    Args:
        start: Where to begin.
        choose: Picks an option for each of a block.
        record: Holds the problem and the limit on evaluations.
        generator: Of the sampler's draws.
        blocks: Who chooses together, block after block.
        build: From the present choice and a block to the model that is sampled.
        merit: What must not fall; the objective if None.
    """
    problem, choice, shown = record.problem, start, record.problem.value(start)
    value = merit(start) if merit else shown
    record.note(shown)
    for block in blocks:
        if record.exhausted:
            return choice, Status.OUT_OF_EVALUATIONS
        model = build(choice, block)
        picks = np.array(choose(model, generator))
        record.evaluations += model.linear.size + int(np.count_nonzero(model.coupling)) + 1
        tried = problem.changed(choice, block, picks)
        if tried is not None and (reached := (merit or problem.value)(tried)) >= value:
            choice, value = tried, reached
            shown = problem.value(tried) if merit else reached
        record.note(shown)
    return choice, Status.FINISHED


def passes(generator: np.random.Generator, num_choosers: int, num_blocks: int, block_size: int) -> Iterator[Block]:
    """Yield blocks: passes over all in random order, cut into blocks.

    Args:
        generator: Of the order.
        num_choosers: How many choose.
        num_blocks: How many blocks, 1 or more.
        block_size: How many choose together, 1 or more.

    Raises:
        ConfigError: If there is no block to choose.
    """
    require_blocks(num_blocks, block_size)
    order: Block = np.array([], np.int64)
    for _ in range(num_blocks):
        if len(order) < min(block_size, num_choosers):
            order = generator.permutation(num_choosers)
        yield order[:block_size]
        order = order[block_size:]


def require_blocks(num_blocks: int, block_size: int) -> None:
    """Refuse a descent without a block, or with empty ones.

    Raises:
        ConfigError: With what was asked for.
    """
    if num_blocks < 1 or block_size < 1:
        raise ConfigError(f"{num_blocks} blocks of {block_size} were asked for; give at least 1 of each")
