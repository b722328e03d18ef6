"""Block descent with any dimod sampler: simulated annealing, tabu search, steepest descent, or D-Wave's hardware."""

from collections.abc import Callable
from typing import Any, Unpack

import dimod
import numpy as np

from qfl.scheduling import descent
from qfl.scheduling.descent import BlockChooser, DescentOptions
from qfl.scheduling.models.block import BlockModel
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution
from qfl.scheduling.specs import require_choice

LARGEST_SEED = 2**31 - 1
HOTTEST, COLDEST = 4.0, 1000.0  # inverse temperatures of annealing, in units of one over the penalty


def solve(
    problem: Problem, *, seed: int, sampler: str | dimod.Sampler = "annealing", **settings: Unpack[DescentOptions]
) -> Solution[Schedule]:
    """Return the result of `qfl.scheduling.descent.solve`, each block's QUBO given to a sampler; its settings apply.

    One QUBO of the whole network is not offered: its coefficients span so many decades that a penalised annealer does
    not even keep one option for each device.

    Args:
        problem: A rate objective.
        seed: Of start, blocks and sampler.
        sampler: ``annealing``, ``tabu``, ``steepest_descent``, or any `dimod.Sampler` of binary models, such as
            ``EmbeddingComposite(DWaveSampler())``.
        **settings: Of `qfl.scheduling.descent.solve`.
    """
    if isinstance(sampler, str):
        require_choice("sampler", sampler, CHOOSERS)
        name = {"annealing": "annealing_qubo"}.get(sampler, sampler)
        return descent.solve(problem, CHOOSERS[sampler](), name, seed=seed, **settings)
    return descent.solve(problem, of_sampler(sampler), type(sampler).__name__, seed=seed, **settings)


def of_sampler(
    sampler: dimod.Sampler, parameters_of: Callable[[BlockModel], dict[str, Any]] | None = None, **parameters: Any
) -> BlockChooser:
    """Return the block chooser of a sampler of binary models: the best of its samples, mended to one option each.

    Args:
        sampler: It gets a seed if it takes one.
        parameters_of: More parameters, which depend on the model.
        **parameters: Of its `sample`.

    Example:
        >>> model = BlockModel(np.array([4]), 0.0, np.array([[1.0, 3.0]]), np.zeros((1, 1, 2, 2)))
        >>> of_sampler(dimod.ExactSolver())(model, np.random.default_rng(1))
        (1,)
    """
    takes_seed = "seed" in sampler.parameters

    def choose(model: BlockModel, generator: np.random.Generator) -> tuple[int, ...]:
        extra = parameters_of(model) if parameters_of else {}
        if takes_seed:
            extra["seed"] = int(generator.integers(LARGEST_SEED))
        samples: Any = sampler.sample(model.to_bqm(), **parameters, **extra)  # pyright: ignore[reportUnknownMemberType]
        rows = np.unique(samples.record.sample, axis=0)
        candidates = [model.decode(dict(zip(samples.variables, row, strict=True))) for row in rows]
        return max(candidates, key=model.reward)

    return choose


def annealing(num_reads: int = 8, num_sweeps: int = 100) -> BlockChooser:
    """Return the chooser of simulated annealing on the QUBO (dwave-samplers, the successor of dwave-neal).

    The sampler's own range of temperatures stops far too hot for the rewards, because the penalty is so much larger;
    ours runs from the penalty down to what tells options apart.
    """
    from dwave.samplers import SimulatedAnnealingSampler

    def cooling(model: BlockModel) -> dict[str, Any]:
        penalty = model.sufficient_penalty()
        return {"beta_range": [HOTTEST / penalty, COLDEST / penalty]}

    return of_sampler(SimulatedAnnealingSampler(), cooling, num_reads=num_reads, num_sweeps=num_sweeps)


def tabu(num_reads: int = 1, timeout: int = 20) -> BlockChooser:
    """Return the chooser of tabu search; `timeout` is in ms and for each read, so its results depend on the machine."""
    from dwave.samplers import TabuSampler

    return of_sampler(TabuSampler(), num_reads=num_reads, timeout=timeout)


def steepest_descent(num_reads: int = 64) -> BlockChooser:
    """Return the chooser of steepest descent from random starts."""
    from dwave.samplers import SteepestDescentSampler

    return of_sampler(SteepestDescentSampler(), num_reads=num_reads)


CHOOSERS: dict[str, Callable[[], BlockChooser]] = {
    "annealing": annealing,
    "tabu": tabu,
    "steepest_descent": steepest_descent,
}
