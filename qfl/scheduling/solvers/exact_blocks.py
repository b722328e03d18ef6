"""Block descent that enumerates every block: what no sampler of blocks can beat, block by block."""

from typing import Unpack

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.scheduling import descent
from qfl.scheduling.descent import DescentOptions, on_diagonal
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution


def solve(problem: Problem, *, seed: int, **settings: Unpack[DescentOptions]) -> Solution[Schedule]:
    """Return the result of `qfl.scheduling.descent.solve` with exact blocks; its settings apply."""
    return descent.solve(problem, on_diagonal(best), "bcd_exact", seed=seed, **settings)


def best(rewards: Float64[ndarray, "..."], generator: np.random.Generator) -> tuple[int, ...]:
    """Return the combination with the largest reward (the generator is not used).

    Example:
        >>> best(np.array([[0.0, 2.0], [5.0, 1.0]]), np.random.default_rng(1))
        (1, 0)
    """
    return tuple(int(o) for o in np.unravel_index(rewards.argmax(), rewards.shape))
