"""A binary quadratic model in parts that are coupled as weakly as can be: spectral bisection, again and again.

Reference:
    Fiedler, A property of eigenvectors of nonnegative symmetric matrices, Czechoslovak Math. J. 25, 619 (1975); the
    halves are those of his vector's order, so that they have the sizes that are wanted.
"""

from collections.abc import Collection, Hashable, Sequence
from math import ceil

import dimod
import numpy as np
from jaxtyping import Float64
from numpy import ndarray
from scipy.sparse import csr_array

from qfl.errors import ConfigError

Part = tuple[Hashable, ...]
MOST_HALVED = 200  # variables; more are halved in their order, since a decision does not wait for their eigenvectors


def coupling(model: dimod.BinaryQuadraticModel, parts: Sequence[Collection[Hashable]]) -> float:
    """Return the share of the couplings' sizes that lies between parts, 0 to 1; 0 where nothing is coupled.

    Args:
        model: Whose variables are in the parts.
        parts: Every variable in one of them.

    Example:
        >>> model = dimod.BinaryQuadraticModel({}, {"ab": 3.0, "bc": -1.0}, "BINARY")
        >>> coupling(model, [("a", "b"), ("c",)])
        0.25
    """
    own = {v: k for k, part in enumerate(parts) for v in part}
    place = np.array([own[v] for v in model.variables])
    row, column, bias = model.to_numpy_vectors().quadratic
    sizes = np.abs(bias)
    return float(sizes[place[row] != place[column]].sum() / sizes.sum()) if sizes.any() else 0.0


def parts_of(
    model: dimod.BinaryQuadraticModel, most: int, count: int = 1, natural: Sequence[Collection[Hashable]] = ()
) -> tuple[Part, ...]:
    """Return parts of a model, each small enough.

    Args:
        model: What is parted.
        most: Variables of a part, 1 or more.
        count: Parts that are wanted, 1 or more; there are more where they would be too large, fewer variables where
            there are not so many.
        natural: Parts that the application knows, regions of a network for one; those too large are parted further.

    Raises:
        ConfigError: If most or count is below 1.

    Example:
        >>> model = dimod.BinaryQuadraticModel({}, {"ab": 3.0, "bc": -1.0, "cd": 3.0}, "BINARY")
        >>> sorted(map(sorted, parts_of(model, most=2)))
        [['a', 'b'], ['c', 'd']]
    """
    if most < 1 or count < 1:
        raise ConfigError(f"most is {most} and count {count}; give the variables of a part and parts, 1 or more each")
    weight, number = _weights(model), {v: k for k, v in enumerate(model.variables)}
    given = [np.array(sorted(number[v] for v in part if v in number), dtype=np.int64) for part in natural]
    left = np.setdiff1d(np.arange(len(number)), np.concatenate(given) if given else [])
    whole = [part for part in (*given, left) if len(part)]
    wanted = 1 if given else count
    found = [half for part in whole for half in _parted(weight, part, max(wanted, ceil(len(part) / most)))]
    names = list(model.variables)
    return tuple(tuple(names[k] for k in part) for part in found)


def _weights(model: dimod.BinaryQuadraticModel) -> csr_array:
    """Return the sizes of the couplings, symmetric, in the order of the variables."""
    count = model.num_variables
    row, column, bias = model.to_numpy_vectors().quadratic
    numbers = np.concatenate([row, column]), np.concatenate([column, row])
    return csr_array((np.abs(np.concatenate([bias, bias])), numbers), shape=(count, count))


def _parted(weight: csr_array, part: ndarray, count: int) -> list[ndarray]:
    """Return so many parts of nearly one size, or as many as there are variables."""
    count = min(count, len(part))
    if count <= 1:
        return [part]
    order = part[np.argsort(_fiedler(weight[part][:, part]), kind="stable")] if len(part) <= MOST_HALVED else part
    left = count // 2
    size = len(part) * left // count
    return [*_parted(weight, order[:size], left), *_parted(weight, order[size:], count - left)]


def _fiedler(weight: csr_array) -> Float64[ndarray, " variable"]:
    """Return the eigenvector of the second smallest eigenvalue of the Laplacian."""
    dense = weight.toarray().astype(np.float64)
    return np.linalg.eigh(np.diag(dense.sum(0)) - dense)[1][:, 1]
