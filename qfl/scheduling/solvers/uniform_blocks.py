"""Block descent on the best of uniformly random samples: what a quantum sampler has to beat at equal shots."""

from typing import Unpack

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling import descent
from qfl.scheduling.descent import BlockSampler, DescentOptions, on_diagonal
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution


def solve(problem: Problem, *, seed: int, shots: int = 64, **settings: Unpack[DescentOptions]) -> Solution[Schedule]:
    """Return the result of `qfl.scheduling.descent.solve` with the best of uniform samples; its settings apply.

    Args:
        problem: A rate objective.
        seed: Of start, blocks and draws.
        shots: Draws for each block, 1 or more.
        **settings: Of `qfl.scheduling.descent.solve`.
    """
    return descent.solve(problem, on_diagonal(uniform(shots)), "bcd_sampling", seed=seed, **settings)


def uniform(shots: int) -> BlockSampler:
    """Return a block sampler that draws combinations uniformly and keeps the best.

    Example:
        >>> uniform(1000)(np.array([[0.0, 2.0], [5.0, 1.0]]), np.random.default_rng(1))
        (1, 0)
    """

    def sample(rewards: Float64[ndarray, "..."], generator: np.random.Generator) -> tuple[int, ...]:
        drawn = generator.integers(rewards.size, size=shots)
        best = int(drawn[rewards.ravel()[drawn].argmax()])
        return tuple(int(o) for o in np.unravel_index(best, rewards.shape))

    return sample
