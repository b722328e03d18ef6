r"""Variables that may trade places, and models that may be turned upside down.

Two variables u and v are twins if exchanging them changes nothing. If they do not repel each other (coupling
:math:`J \le 0`), some minimum has both alike, and one is enough. Where they are nearly so, holding them alike costs

.. math:: \ell_{uv} = \tfrac12 \max_x \Bigl|a_u - a_v + \sum_w (c_{uw} - c_{vw}) x_w\Bigr| + \tfrac12 \max(J, 0)

at most: the model averaged over the exchange differs from the model by the first term, and in it twins that repel each
other lose no more than the second by being alike. Costs of several merges add up, and a merge does not raise the cost
of another. A connected part without fields, in spins, has its minimum twice: one of its variables is fixed.
"""

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from qfl.backbone.runtime.structure import compiled, structure_of

MOST_VARIABLES = 300  # of which all pairs are looked at, in time that grows with their cube
ROUNDING = 1e-12  # of the largest coefficient: below it a cost is none

Pair = tuple[int, int]


def merges(model: dimod.BinaryQuadraticModel, tolerance: float) -> tuple[list[Pair], float]:
    """Return places of variables to be held alike, no variable twice, and what that costs at most.

    Args:
        model: In binary variables, of 300 at most; of larger ones none are looked for.
        tolerance: What all together may cost, 0 or more.

    Example:
        >>> model = dimod.BinaryQuadraticModel({"a": 1.0, "b": 1.0}, {"ab": -1.5, "ac": 1.0, "bc": 1.0}, "BINARY")
        >>> merges(model, 0.0)
        ([(0, 1)], 0.0)
    """
    if not 2 <= model.num_variables <= MOST_VARIABLES:
        return [], 0.0
    structure, linear, couplings = structure_of(model)
    size = max(np.abs(linear).max(), np.abs(couplings).max(initial=0.0))
    near = _near(linear, 2 * (tolerance + ROUNDING * size))
    if not len(near):
        return [], 0.0
    costs = _costs(linear, _matrix(compiled(structure).pairs, couplings, len(linear)), near)
    costs[costs <= ROUNDING * size] = 0.0
    first, second = np.triu_indices(len(linear), 1)
    found, taken, spent = list[Pair](), set[int](), 0.0
    for k in np.argsort(costs[first, second], kind="stable"):
        pair = int(first[k]), int(second[k])
        if spent + costs[pair] > tolerance:
            break
        if not taken & set(pair):
            taken |= set(pair)
            found.append(pair)
            spent += float(costs[pair])
    return found, spent


def without_fields(model: dimod.BinaryQuadraticModel) -> list[int]:
    """Return a variable's place for every connected part, of two or more, that may be turned upside down.

    Args:
        model: In binary variables.
    """
    structure, linear, couplings = structure_of(model)
    pairs = compiled(structure).pairs
    fields = compiled(structure).slopes(linear, couplings, np.full(len(linear), 0.5))  # twice those of the spins
    size = max(np.abs(linear).max(initial=0.0), np.abs(couplings).max(initial=0.0))
    bare = np.abs(fields) <= ROUNDING * size
    if not bare.any():
        return []
    first, second = (each[couplings != 0] for each in pairs)
    graph = coo_array((np.ones(len(first)), (first, second)), shape=(len(linear), len(linear)))
    _, part = connected_components(graph, directed=False)
    sizes, with_field = np.bincount(part), np.bincount(part, ~bare)
    begin = np.unique(part, return_index=True)[1]
    return [int(begin[p]) for p in np.flatnonzero((sizes > 1) & (with_field == 0))]


def _near(linear: ndarray, gap: float) -> ndarray:
    """Return the places of variables with a bias near another's: a pair costs half the difference at least."""
    order = np.argsort(linear)
    close = np.diff(linear[order]) <= gap
    return np.unique(np.concatenate([order[:-1][close], order[1:][close]]))


def _costs(
    linear: ndarray, matrix: Float64[ndarray, "variable variable"], near: ndarray
) -> Float64[ndarray, "variable variable"]:
    """Return what holding two variables alike costs at most, for every pair; infinite where one was not asked for.

    Args:
        linear: Biases.
        matrix: Couplings, both ways.
        near: Places of the variables that are asked for.
    """
    found = np.full_like(matrix, np.inf)
    places = np.arange(len(linear))
    for u in near:
        apart = matrix[u] - matrix
        apart[:, u] = 0.0
        apart[places, places] = 0.0  # their own coupling tells nothing of others
        bias = linear[u] - linear
        most = bias + np.maximum(apart, 0).sum(1)
        least = bias + np.minimum(apart, 0).sum(1)
        found[u] = (np.maximum(np.abs(most), np.abs(least)) + np.maximum(matrix[u], 0.0)) / 2
    return found


def _matrix(pairs: tuple[ndarray, ndarray], couplings: ndarray, count: int) -> Float64[ndarray, "variable variable"]:
    found = np.zeros((count, count))
    found[pairs] = couplings
    return found + found.T
