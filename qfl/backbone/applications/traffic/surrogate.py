r"""The problem as a binary quadratic model, and its way through reduce, solve and verify.

.. math:: \sum_e w_e U_e(x)^2 + \sum_d A_d \Bigl(1 - \sum_p x_{dp}\Bigr)^2

A variable for each path of each demand. Products within a demand are left out of the squares: with one path they are 0.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from time import perf_counter

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.traffic.heuristics import descend, greedy
from qfl.backbone.applications.traffic.routing import Choice, Routing
from qfl.backbone.runtime.pipeline.reduce import reduce
from qfl.backbone.runtime.pipeline.solve import solve
from qfl.backbone.runtime.pipeline.verify import verify

MARGIN = 1.001  # of a penalty over what is proved to do
Weights = Float64[ndarray, " link"]
Sample = Mapping[Hashable, int]


@dataclass(frozen=True, eq=False)
class Routed:
    """An answer that went through the pipeline.

    Args:
        choice: A path for every demand, after descent by moves of one demand.
        utilisation: Of its busiest link, recomputed.
        raw: Of the busiest link before that descent: what is told of the solver's own quality.
        broken: Demands that the solver left without a path or with several; in `raw` repair has given them one.
        seconds: Wall-clock seconds, all together.
    """

    choice: Choice
    utilisation: float
    raw: float
    broken: int
    seconds: float


def penalties(problem: Routing, weights: Weights) -> Float64[ndarray, " demand"]:
    r"""Return A_d for which a minimum of the model has one path for every demand.

    A second path only adds cost, so only leaving a demand out can pay. It saves at most what the best of its paths
    costs, :math:`\sum_e w_e (2 U_e a_e + a_e^2)`; a minimum is not above a routing that is known, of cost F, so by
    Cauchy and Schwarz that is at most :math:`2 \sqrt{F s} + s` with :math:`s = \sum_e w_e a_e^2`. Unlike the usual
    estimate of U_e at that routing, this is a proof.
    """
    known = float(problem.loads(greedy(problem)) ** 2 @ weights)
    size = problem.share**2 @ weights
    return MARGIN * np.minimum.reduceat(2 * np.sqrt(known * size) + size, problem.first)


def surrogate(problem: Routing, weights: Weights | None = None) -> dimod.BinaryQuadraticModel:
    """Return the model; its variables are the numbers of options.

    Args:
        problem: Of n options, so of n variables.
        weights: Of the links' squares; 1 if they are not given.

    Example:
        >>> from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
        >>> from qfl.backbone.applications.traffic.routing import routing
        >>> surrogate(routing(ABILENE, hourly_demands(20, seed=1))).num_variables
        522
    """
    w = np.ones(len(problem.base)) if weights is None else weights
    penalty = penalties(problem, w)[problem.owner]
    squares = (problem.share * w) @ problem.share.T
    linear = squares.diagonal() + 2 * problem.share @ (w * problem.base) - penalty
    same = problem.owner[:, None] == problem.owner
    couplings = 2 * np.triu(np.where(same, penalty[:, None], squares), 1)
    offset = float(problem.base**2 @ w + penalty[problem.first].sum())
    model = dimod.BinaryQuadraticModel(dimod.BINARY)
    model.add_linear_from_array(linear.tolist())
    model.add_quadratic_from_dense(couplings)
    model.offset += offset
    return model


def optimise(
    problem: Routing,
    solver: str | dimod.Sampler,
    *,
    seed: int,
    weights: Weights | None = None,
    reads: int = 32,
    improve: bool = True,
) -> Routed:
    """Return a solver's answer, verified: one path per demand, the busiest link recomputed, moves that help made.

    Args:
        problem: The problem.
        solver: As `qfl.backbone.runtime.pipeline.solve.solve` takes it.
        seed: Of its draws.
        weights: Of the links' squares; 1 if they are not given.
        reads: Draws.
        improve: Whether moves of one demand are tried in the end.

    Raises:
        ConfigError: If there is no such solver, or the problem is too large for it.
    """
    start = perf_counter()
    reduction = reduce(surrogate(problem, weights), roof_duality=False)  # fixes next to nothing here, at a high price
    solved = solve(reduction.model, solver, seed=seed, reads=reads)
    drawn = taken(problem, reduction.lift(solved.sample))
    checked = verify(reduction, solved, lambda sample: bool((counts(problem, taken(problem, sample)) == 1).all()))
    raw = repaired(problem, taken(problem, checked.sample))
    choice = descend(problem, raw) if improve else raw
    return Routed(
        choice,
        problem.utilisation(choice),
        problem.utilisation(raw),
        int((counts(problem, drawn) != 1).sum()),
        perf_counter() - start,
    )


def taken(problem: Routing, sample: Sample) -> Float64[ndarray, " option"]:
    """Return 1 for every option that an assignment takes, else 0."""
    return np.array([float(sample[option]) for option in range(len(problem.owner))])


def counts(problem: Routing, chosen: Float64[ndarray, " option"]) -> Float64[ndarray, " demand"]:
    """Return how many paths are taken for every demand; 1 is what is wanted."""
    return np.add.reduceat(chosen, problem.first)


def repaired(problem: Routing, chosen: Float64[ndarray, " option"]) -> Choice:
    """Return the first path that was taken for every demand; the shortest where none was."""
    return np.array([int(own.argmax()) for own in np.split(chosen, problem.first[1:])], dtype=np.int64)
