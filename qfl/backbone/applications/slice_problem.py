"""The problem of admitting network slices: capacities, and requests with the ways in which each can be placed."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

Chosen = dict[int, int]
"""From the number of an admitted request to the number of its option."""


@dataclass(frozen=True, eq=False)
class Slices:
    """A problem of admission.

    Args:
        capacities: Of nodes and links, whole numbers of 1 or more.
        values: Of each request, above 0.
        options: Of each request the use of every capacity by each of its options.
    """

    capacities: Int64[ndarray, " capacity"]
    values: tuple[float, ...]
    options: tuple[Int64[ndarray, "_ capacity"], ...]

    def used(self, chosen: Chosen) -> Int64[ndarray, " capacity"]:
        """Return what the admitted requests use of every capacity."""
        return sum((self.options[r][o] for r, o in chosen.items()), np.zeros_like(self.capacities))

    def value(self, chosen: Chosen) -> float:
        """Return the value of the admitted requests."""
        return sum(self.values[r] for r in chosen)
