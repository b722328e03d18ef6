"""Annealing of the assignment's QUBO, block by block, with any dimod sampler."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import dimod
import numpy as np

from qfl.arrays import checked
from qfl.scheduling.access_points.matching import matched_users
from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.access_points.qubo import assignment_model
from qfl.scheduling.descent import Block, BlockChooser, descend, require_blocks
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.solution import Recorder, Solution
from qfl.scheduling.solvers.dimod_blocks import HOTTEST, of_sampler
from qfl.seeds import stream

COLDEST_PER_BIT = 50.0  # last inverse temperature; the least rate is decided by hundredths of a bit


@checked()
def solve(
    problem: AssignmentProblem,
    *,
    seed: int,
    start: Users | None = None,
    max_evaluations: int | None = None,
    sampler: dimod.Sampler | None = None,
    num_blocks: int = 150,
    block_size: int = 2,
) -> Solution[Users]:
    """Return the assignment after a number of block steps, from matching unless a start is given.

    Each step anneals the QUBO of a few access points (`assignment_model`), one variable for each pair of access point
    and user, and is undone if the true objective would fall. An iteration is a step.

    Args:
        problem: What to solve.
        seed: Of the blocks and the sampler.
        start: Where to begin.
        max_evaluations: Limit.
        sampler: Of binary models, such as ``EmbeddingComposite(DWaveSampler())``; dwave's simulated annealing if None.
        num_blocks: Number of steps.
        block_size: Access points in a block; above 2 the model is no longer exact.

    Raises:
        ConfigError: If there is no block to choose.
    """
    record = Recorder(problem, "annealing", "matching" if start is None else "given", max_evaluations)
    choose = _annealing() if sampler is None else of_sampler(sampler)
    users, generator = matched_users(problem) if start is None else start, stream(seed, "blocks")
    blocks, build = _blocks(generator, problem.num_aps, num_blocks, block_size), partial(assignment_model, problem)
    return record.solution(*descend(users, choose, record, generator, blocks, build))


def _blocks(generator: np.random.Generator, num_aps: int, num_blocks: int, block_size: int) -> Iterator[Block]:
    """Yield blocks, each drawn afresh from all access points."""
    require_blocks(num_blocks, block_size)
    for _ in range(num_blocks):
        yield generator.permutation(num_aps)[:block_size]


def _annealing(num_reads: int = 8, num_sweeps: int = 100) -> BlockChooser:
    """Return dwave's annealing, from the height of the one-hot penalty down to what tells assignments apart."""
    from dwave.samplers import SimulatedAnnealingSampler

    def cooling(model: BlockModel) -> dict[str, Any]:
        return {"beta_range": [HOTTEST / model.sufficient_penalty(), COLDEST_PER_BIT]}

    return of_sampler(SimulatedAnnealingSampler(), cooling, num_reads=num_reads, num_sweeps=num_sweeps)
