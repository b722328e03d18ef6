"""Every solver by its name."""

from collections.abc import Callable
from functools import partial
from typing import Any

from qfl.errors import ConfigError
from qfl.scheduling.descent import on_diagonal
from qfl.scheduling.problem import Problem
from qfl.scheduling.solution import Solution
from qfl.scheduling.solvers import (
    annealing,
    best_response,
    brute_force,
    dimod_blocks,
    exact_blocks,
    fixed_channels,
    greedy,
    load_balancing,
    matching,
    matching_overflow,
    qaoa,
    random,
    sca,
    swap,
    tdma_lpt,
    uniform_blocks,
)

LONG = 3000  # blocks; the case study shows 150 iterations


def squared_loads_qaoa(problem: Problem, *, seed: int, layers: int = 3, shots: int = 64, **settings: Any) -> Solution:
    """Return the result of `qfl.scheduling.solvers.load_balancing.solve` with one-hot QAOA, ideal mixer."""
    choose = on_diagonal(qaoa.block_sampler(layers, shots))
    return load_balancing.solve(problem, choose, "squared_loads_qaoa", seed=seed, **settings)


def squared_loads_annealing(problem: Problem, *, seed: int, **settings: Any) -> Solution:
    """Return the same with simulated annealing on the QUBO of each block (dwave-samplers)."""
    return load_balancing.solve(problem, dimod_blocks.annealing(), "squared_loads_annealing", seed=seed, **settings)


SOLVERS: dict[str, Callable[..., Solution]] = {
    # no planning, or sub-channels that are not planned
    "random": random.solve,
    "random_wmmse": partial(fixed_channels.solve, channels="random", power="wmmse"),
    "best_gain_wmmse": partial(fixed_channels.solve, channels="best_gain", power="wmmse"),
    "random_sca_power": partial(fixed_channels.solve, channels="random", power="sca"),
    # classical
    "greedy": greedy.solve,
    "best_response": best_response.solve,
    "swap": swap.solve,
    "matching": matching.solve,
    "matching_dump_1opt": matching_overflow.solve,
    "sca_final": partial(sca.solve, keep="final"),
    "sca_best": partial(sca.solve, keep="best"),
    "sca_1opt": partial(sca.solve, keep="polished"),
    "annealing": annealing.solve,
    "brute_force": brute_force.solve,
    # block descent, equal but for what picks the options of a block
    "bcd_exact": exact_blocks.solve,
    "bcd_exact_3000": partial(exact_blocks.solve, num_blocks=LONG),
    "bcd_sampling": uniform_blocks.solve,
    "bcd_sampling_3000": partial(uniform_blocks.solve, num_blocks=LONG),
    "qaoa_bcd": qaoa.solve,
    "qaoa_bcd_3000": partial(qaoa.solve, num_blocks=LONG),
    "annealing_qubo": partial(dimod_blocks.solve, sampler="annealing"),
    "neal": partial(dimod_blocks.solve, sampler="annealing"),  # dwave-neal is a shim of dwave-samplers
    "dwave-neal": partial(dimod_blocks.solve, sampler="annealing"),
    "tabu": partial(dimod_blocks.solve, sampler="tabu"),
    "steepest_descent": partial(dimod_blocks.solve, sampler="steepest_descent"),
    # round time
    "tdma_lpt": tdma_lpt.solve,
    "squared_loads_qaoa": squared_loads_qaoa,
    "squared_loads_annealing": squared_loads_annealing,
}
"""From a name to ``solve(problem, *, seed, start=None, max_evaluations=None, **options) -> Solution``."""

RATE_SOLVERS = tuple(
    name for name in SOLVERS if name not in ("tdma_lpt", "squared_loads_qaoa", "squared_loads_annealing")
)
ROUND_TIME_SOLVERS = ("tdma_lpt", "squared_loads_qaoa", "squared_loads_annealing", "brute_force", "random")


def solver(name: str) -> Callable[..., Solution]:
    """Return the solver of a name.

    Raises:
        ConfigError: If there is none.

    Example:
        >>> solver("sca")
        Traceback (most recent call last):
        qfl.errors.ConfigError: 'sca' is not a solver; give one of random, random_wmmse, ...
    """
    if name not in SOLVERS:
        raise ConfigError(f"{name!r} is not a solver; give one of {', '.join(SOLVERS)}")
    return SOLVERS[name]


def solve(problem: Problem, name: str, *, seed: int, **options: Any) -> Solution:
    """Return the solution that a solver finds.

    Args:
        problem: Who may send where, and what is to be large or small.
        name: A key of `SOLVERS`.
        seed: Of the solver's draws.
        options: ``start``, ``max_evaluations``, and what the solver has of its own.

    Raises:
        ConfigError: If there is no such solver, or it does not do for the problem.

    Example:
        >>> from qfl.wireless.scenario import UplinkScenario
        >>> from qfl.wireless.uplink import draw
        >>> problem = Problem(draw(UplinkScenario(num_devices=6, num_channels=3), seed=1))
        >>> solve(problem, "swap", seed=1).value <= solve(problem, "brute_force", seed=1).value
        True
    """
    return solver(name)(problem, seed=seed, **options)
