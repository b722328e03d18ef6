"""Check what a solver found: lifted to all variables, improved flip by flip, its energy recomputed by us."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np

from qfl.backbone.runtime.pipeline.reduce import Reduction
from qfl.backbone.runtime.pipeline.solve import Solved
from qfl.backbone.runtime.structure import compiled, structure_of

Sample = Mapping[Hashable, int]


@dataclass(frozen=True)
class Verified:
    """An answer that may leave.

    Args:
        sample: Values of all variables of the original problem.
        energy: Its energy by the original model.
        raw: The energy of what the solver found, before anything was improved: what is told of its quality.
        flips: Flips that improved it.
        feasible: Whether the operational constraints hold.
        solver: Who found it.
    """

    sample: Sample
    energy: float
    raw: float
    flips: int
    feasible: bool
    solver: str


def verify(reduction: Reduction, solved: Solved, feasible: Callable[[Sample], bool] = lambda sample: True) -> Verified:
    """Return the answer with its energy recomputed, after descent by single flips.

    A flip that would leave the constraints is not made; where the solver's answer is outside them, flips that lower the
    energy (penalties among it) are its repair.

    Args:
        reduction: The way back.
        solved: What was found of the reduced model.
        feasible: Says whether the constraints hold for values of the original's variables.
    """
    sample, model = reduction.lift(solved.sample), reduction.original
    structure, linear, couplings = structure_of(model)
    raw, inside, flips = float(model.energy(sample)), feasible(sample), 0
    order = list(model.variables)
    while order:
        values = np.array([sample[v] for v in order], dtype=np.float64)
        change = (1 - 2 * values) * compiled(structure).slopes(linear, couplings, values)
        for k in np.argsort(change):
            if change[k] >= -1e-12:
                return Verified(sample, float(model.energy(sample)), raw, flips, inside, solved.solver)
            tried = sample | {order[k]: 1 - sample[order[k]]}
            if feasible(tried) or not inside:
                sample, inside, flips = tried, feasible(tried), flips + 1
                break
        else:
            break
    return Verified(sample, float(model.energy(sample)), raw, flips, inside, solved.solver)


def better(first: Verified, second: Verified) -> Verified:
    """Return the better of two answers: one inside the constraints before one outside, then the lower energy."""
    return min((first, second), key=lambda answer: (not answer.feasible, answer.energy))
