"""Annealing of the assignment's QUBO, block by block, with any dimod sampler."""

from typing import Any

import dimod

from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.scheduling.access_points import matching
from qfl.scheduling.access_points.problem import AssignmentProblem, Users
from qfl.scheduling.access_points.qubo import assignment_model
from qfl.scheduling.descent import BlockChooser
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.solvers.dimod_blocks import HOTTEST, of_sampler
from qfl.seeds import stream

COLDEST_PER_BIT = 50.0  # last inverse temperature; the least rate is decided by hundredths of a bit


@checked()
def solve(
    problem: AssignmentProblem,
    *,
    seed: int,
    start: Users | None = None,
    sampler: dimod.Sampler | None = None,
    num_blocks: int = 150,
    block_size: int = 2,
) -> Users:
    """Return the assignment after a number of block steps, from matching unless a start is given.

    Each step anneals the QUBO of a few access points (`assignment_model`), one variable for each pair of access point
    and user, and is undone if the true objective would fall.

    Args:
        problem: What to solve.
        seed: Of the blocks and the sampler.
        start: Where to begin.
        sampler: Of binary models, such as ``EmbeddingComposite(DWaveSampler())``; dwave's simulated annealing if None.
        num_blocks: Number of steps.
        block_size: Access points in a block; above 2 the model is no longer exact.

    Raises:
        ConfigError: If there is no block to choose.
    """
    if num_blocks < 1 or block_size < 1:
        raise ConfigError(f"{num_blocks} blocks of {block_size} access points were asked for; give at least 1 of each")
    choose = _annealing() if sampler is None else of_sampler(sampler)
    users, generator = (matching.solve(problem) if start is None else start).copy(), stream(seed, "blocks")
    value = problem.value(users)
    for _ in range(num_blocks):
        block = generator.permutation(problem.num_aps)[:block_size]
        tried = users.copy()
        tried[block] = choose(assignment_model(problem, users, block), generator)
        if (reached := problem.value(tried)) >= value:
            users, value = tried, reached
    return users


def _annealing(num_reads: int = 8, num_sweeps: int = 100) -> BlockChooser:
    """Return dwave's annealing, from the height of the one-hot penalty down to what tells assignments apart."""
    from dwave.samplers import SimulatedAnnealingSampler

    def cooling(model: BlockModel) -> dict[str, Any]:
        return {"beta_range": [HOTTEST / model.sufficient_penalty(), COLDEST_PER_BIT]}

    return of_sampler(SimulatedAnnealingSampler(), cooling, num_reads=num_reads, num_sweeps=num_sweeps)
