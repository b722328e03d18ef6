r"""What of a binary quadratic model does not depend on its numbers, computed once for each structure and kept.

A controller poses the same problem every few seconds with other coefficients: the same variables are coupled. The
places of each coupling, and the rows of the relaxation

.. math:: z_{uv} \le x_u, \; z_{uv} \le x_v \quad (c_{uv} < 0), \qquad x_u + x_v - z_{uv} \le 1 \quad (c_{uv} > 0)

follow from the structure (and the signs of the couplings) alone. The numbers of a job are read from its model anew, so
an answer is the same bit for bit whether its structure was known or not.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import dimod
import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray
from scipy.sparse import csr_array

MOST_KEPT = 64  # structures; one of 200,000 couplings has a few MB


@dataclass(frozen=True)
class Structure:
    """Which variables are coupled, by their places in the model's order.

    Args:
        variables: How many there are.
        first: Places of one variable of each coupling, as the bytes of whole numbers of 32 bits.
        second: Of the other.
    """

    variables: int
    first: bytes
    second: bytes


@dataclass(frozen=True)
class Compiled:
    """What follows from a structure; each part is computed when it is first asked for.

    Args:
        structure: It.
    """

    structure: Structure

    @cached_property
    def pairs(self) -> tuple[Int64[ndarray, " coupling"], Int64[ndarray, " coupling"]]:
        """The places of both variables of every coupling."""
        first, second = (np.frombuffer(each, np.int32) for each in (self.structure.first, self.structure.second))
        return first.astype(np.int64), second.astype(np.int64)

    @cached_property
    def _rows(self) -> dict[bytes, tuple[csr_array, Float64[ndarray, " row"]]]:
        return {}

    def relaxation(self, negative: ndarray) -> tuple[csr_array, Float64[ndarray, " row"]]:
        """Return matrix and limits of the relaxation: a column for each variable, then one for each coupling.

        Args:
            negative: Whether each coupling is below 0.
        """
        signs = np.packbits(negative).tobytes()
        if signs not in self._rows:
            if len(self._rows) >= MOST_KEPT:
                self._rows.clear()
            self._rows[signs] = _relaxation(*self.pairs, negative, self.structure.variables)
        return self._rows[signs]

    def slopes(self, linear: ndarray, couplings: ndarray, values: ndarray) -> Float64[ndarray, " variable"]:
        """Return the derivative by every variable: its bias, and its couplings times its neighbours' values.

        Args:
            linear: Biases.
            couplings: Biases of the couplings, in the structure's order.
            values: Of the variables, or of the couplings' part that each is to have.
        """
        first, second = self.pairs
        count = self.structure.variables
        towards = np.bincount(first, couplings * values[second], count) + np.bincount(
            second, couplings * values[first], count
        )
        return linear + towards


def structure_of(model: dimod.BinaryQuadraticModel) -> tuple[Structure, ndarray, ndarray]:
    """Return a model's structure, and its numbers: the biases of its variables, and of its couplings.

    Example:
        >>> model = dimod.BinaryQuadraticModel({"a": 1.0}, {"ab": 2.0}, "BINARY")
        >>> structure, linear, couplings = structure_of(model)
        >>> structure.variables, linear.tolist(), couplings.tolist()
        (2, [1.0, 0.0], [2.0])
    """
    # dimod sorts whole-number labels unless it is told an order
    vectors = model.to_numpy_vectors(variable_order=list(model.variables))
    first, second, couplings = vectors.quadratic
    places = (np.ascontiguousarray(each, dtype=np.int32).tobytes() for each in (first, second))
    return Structure(model.num_variables, *places), vectors.linear_biases, couplings


@lru_cache(maxsize=MOST_KEPT)
def compiled(structure: Structure) -> Compiled:
    """Return what follows from a structure; the same object, as long as it is kept."""
    return Compiled(structure)


def _relaxation(
    first: Int64[ndarray, " coupling"], second: Int64[ndarray, " coupling"], negative: ndarray, variables: int
) -> tuple[csr_array, Float64[ndarray, " row"]]:
    """Return matrix and limits; a coupling below 0 has two rows, one above 0 has one.

    Args:
        first: Place of one variable of each coupling.
        second: Of the other.
        negative: Whether each coupling is below 0.
        variables: How many there are.
    """
    below, above = np.flatnonzero(negative), np.flatnonzero(~negative)
    apart, joint = len(below), len(above)
    z, ones = variables + np.arange(len(first)), np.ones
    rows = np.arange(2 * apart), np.arange(2 * apart, 2 * apart + joint)
    entries = [
        (rows[0], np.concatenate([z[below], z[below]]), ones(2 * apart)),
        (rows[0], np.concatenate([first[below], second[below]]), -ones(2 * apart)),
        (rows[1], first[above], ones(joint)),
        (rows[1], second[above], ones(joint)),
        (rows[1], z[above], -ones(joint)),
    ]
    r, c, value = (np.concatenate([entry[axis] for entry in entries]) for axis in range(3))
    limits = np.concatenate([np.zeros(2 * apart), ones(joint)])
    return csr_array((value, (r, c)), shape=(2 * apart + joint, variables + len(first))), limits
