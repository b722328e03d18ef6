"""A few demands at a time: small enough for a quantum computer, and for the two controls that it must be held against.

Block by block, some demands are taken out, about half of them from the busiest link, and routed anew by a solver of
their binary quadratic model; the answer is kept if the weighted squares are no larger, links are reweighted as in
`qfl.backbone.applications.traffic.heuristics.reweighted`, and the best routing by the busiest link is returned.
`PathSampler` is the controls: as many uniform draws as the quantum computer has shots, and all routings of the block.
"""

from itertools import product
from time import perf_counter
from typing import Any

import dimod
import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.backbone.applications.traffic.heuristics import descend, greedy, reweigh
from qfl.backbone.applications.traffic.routing import Choice, Routing
from qfl.backbone.applications.traffic.surrogate import Routed, optimise
from qfl.errors import ConfigError
from qfl.seeds import stream


class PathSampler(dimod.Sampler):
    """Draw routings of one path per demand, uniformly, or list them all.

    Args:
        problem: A block.
        every: Whether all are listed.
    """

    def __init__(self, problem: Routing, *, every: bool):
        self.problem, self.every = problem, every

    @property
    def properties(self) -> dict[str, Any]:
        """What this sampler is."""
        return {"demands": len(self.problem.demands), "every": self.every}

    @property
    def parameters(self) -> dict[str, Any]:
        """What `sample` takes."""
        return {"num_reads": [], "seed": []}

    def sample(self, bqm: dimod.BinaryQuadraticModel, **parameters: Any) -> dimod.SampleSet:
        """Return the routings with their energies; ``num_reads`` and ``seed`` are those of the draws.

        Paths that reduction has taken out of the model are not drawn.
        """
        kept: list[Any] = sorted(bqm.variables, key=int)  # numbers of options: the model is that of `surrogate`
        _, first, sizes = np.unique(self.problem.owner[kept], return_index=True, return_counts=True)
        if self.every:
            choices = np.array(list(product(*map(range, sizes.tolist()))))
        else:
            generator = stream(parameters.get("seed", 0), "backbone", "uniform-paths")
            choices = generator.integers(sizes, size=(parameters.get("num_reads", 64), len(sizes)))
        states = np.zeros((len(choices), len(kept)), dtype=np.int8)
        np.put_along_axis(states, first + choices, 1, axis=1)
        return dimod.SampleSet.from_samples_bqm((states, kept), bqm)


SAMPLERS = ("random", "qaoa", "enumeration")


def block_descent(
    problem: Routing, sampler: str, *, seed: int, blocks: int = 60, variables: int = 16, reads: int = 64
) -> Routed:
    """Return what a sampler makes of the greedy routing, block by block.

    Args:
        problem: The problem.
        sampler: One of `SAMPLERS`: uniform draws, QAOA of three layers with fixed angles, all routings of the block.
        seed: Of blocks and draws.
        blocks: How many.
        variables: Most binary variables, or qubits, of a block.
        reads: Draws per block.

    Raises:
        ConfigError: If there is no such sampler, or a demand alone has more paths than ``variables``.
    """
    if sampler not in SAMPLERS:
        raise ConfigError(f"{sampler!r} is not a sampler of blocks; give one of {', '.join(SAMPLERS)}")
    start, weights, broken = perf_counter(), np.ones(len(problem.base)), 0
    choice = best = greedy(problem)
    for number in range(blocks):
        demands = draw_block(problem, choice, variables, seed, number)
        block = problem.block(demands.tolist(), choice)
        solver = "qaoa" if sampler == "qaoa" else PathSampler(block, every=sampler == "enumeration")
        draws = int(stream(seed, "backbone", "block-draws", number).integers(2**31))
        found = optimise(block, solver, seed=draws, weights=weights, reads=reads, improve=False)
        tried, broken = choice.copy(), broken + found.broken
        tried[demands] = found.choice
        if problem.loads(tried) ** 2 @ weights <= problem.loads(choice) ** 2 @ weights:
            choice = tried
        best = min(best, choice, key=problem.utilisation)
        weights = reweigh(weights, problem.loads(choice))
    verified = descend(problem, best)
    used = problem.utilisation
    return Routed(verified, used(verified), used(best), broken, perf_counter() - start)


def draw_block(
    problem: Routing, choice: Choice, variables: int, seed: int, number: int
) -> Int64[ndarray, " demand_of_block"]:
    """Return the demands of a block, in their order: in turns one of the busiest link and one of the others.

    Args:
        problem: The problem.
        choice: The routing as it is.
        variables: Most binary variables of the block.
        seed: Of the draws.
        number: Of the block, from 0 on.

    Raises:
        ConfigError: If the first has more paths than ``variables``.
    """
    generator = stream(seed, "backbone", "block", number)
    busiest = int(problem.loads(choice).argmax())
    hot = problem.share[problem.first + choice, busiest] > 0
    order = generator.permutation(len(problem.demands))
    turns = [iter(order[hot[order]]), iter(order[~hot[order]])]
    taken, room = list[int](), variables
    while turns:
        turn = turns.pop(0)
        if (d := next(turn, None)) is None:
            continue
        if len(problem.paths[d]) > room:
            break
        taken.append(int(d))
        room -= len(problem.paths[d])
        turns.append(turn)
    if not taken:
        raise ConfigError(
            f"a block of {variables} variables is too small for a demand's paths; give more, or fewer paths"
        )
    return np.array(sorted(taken), dtype=np.int64)
