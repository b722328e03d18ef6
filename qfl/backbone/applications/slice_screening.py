r"""Constraints and options of an admission that can never matter: left out, and the best value stays what it was.

An option that uses more of a capacity than there is cannot be taken; one that uses as much of everything as another of
its request, or more, need not be. A capacity that all requests together cannot fill never binds, and neither does one
whose filling :math:`u_c / C_c` is nowhere above that of another.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.backbone.applications.slice_problem import Chosen, Slices
from qfl.backbone.runtime.pipeline.given_up import GivenUp


@dataclass(frozen=True, eq=False)
class ScreenedSlices:
    """What is left of an admission.

    Args:
        problem: The full one.
        left: Without what can never matter.
        requests: Their numbers in the full problem.
        options: Of each of them, the numbers of its options there.
    """

    problem: Slices
    left: Slices
    requests: tuple[int, ...]
    options: tuple[Int64[ndarray, " _"], ...]

    def lift(self, chosen: Chosen) -> Chosen:
        """Return a choice of the full problem from one of what was left."""
        return {self.requests[r]: int(self.options[r][o]) for r, o in chosen.items()}

    @property
    def given_up(self) -> tuple[GivenUp, ...]:
        """The account: nothing is lost."""
        before, after = (sum(map(len, each.options)) for each in (self.problem, self.left))
        capacities = len(self.problem.capacities), len(self.left.capacities)
        return GivenUp("capacities that never bind", *capacities, 0.0), GivenUp("useless options", before, after, 0.0)


def screened(problem: Slices) -> ScreenedSlices:
    """Return the admission without what can never matter; as it is, where no request fits at all.

    Args:
        problem: The full one.

    Example:
        >>> problem = Slices(np.array([4, 9]), (1.0, 2.0), (np.array([[5, 0], [2, 1]]), np.array([[3, 1]])))
        >>> found = screened(problem)
        >>> found.left.capacities.tolist(), found.lift({0: 0})
        ([4], {0: 1})
    """
    options = [_useful(own, problem.capacities) for own in problem.options]
    requests = tuple(r for r, own in enumerate(options) if len(own))
    if not requests:
        return as_it_is(problem)
    uses = [problem.options[r][options[r]] for r in requests]
    binding = _binding(uses, problem.capacities)
    left = Slices(
        problem.capacities[binding], tuple(problem.values[r] for r in requests), tuple(own[:, binding] for own in uses)
    )
    return ScreenedSlices(problem, left, requests, tuple(options[r] for r in requests))


def as_it_is(problem: Slices) -> ScreenedSlices:
    """Return the whole admission as what is left."""
    every = tuple(np.arange(len(own)) for own in problem.options)
    return ScreenedSlices(problem, problem, tuple(range(len(every))), every)


def _useful(own: Int64[ndarray, "option capacity"], capacities: Int64[ndarray, " capacity"]) -> ndarray:
    """Return the numbers of the options that fit, and that no other of the request is as good as."""
    fits = [o for o, use in enumerate(own) if (use <= capacities).all()]
    return np.array([o for o in fits if not any(_replaces(own, p, o) for p in fits)], dtype=np.int64)


def _replaces(own: Int64[ndarray, "option capacity"], p: int, o: int) -> bool:
    """Return whether an option is as good as another; of two that are the same, the first is."""
    return p != o and bool((own[p] <= own[o]).all()) and (p < o or bool((own[p] < own[o]).any()))


def _binding(uses: list[ndarray], capacities: Int64[ndarray, " capacity"]) -> ndarray:
    """Return the numbers of the capacities that may bind."""
    can = [c for c, most in enumerate(capacities) if sum(int(own[:, c].max()) for own in uses) > most]
    rows = np.concatenate(uses)
    return np.array([c for c in can if not any(_implies(rows, capacities, d, c) for d in can)], dtype=np.int64)


def _implies(rows: Int64[ndarray, "option capacity"], capacities: ndarray, d: int, c: int) -> bool:
    """Return whether a capacity that holds implies another; of two that are the same, the first does.

    Args:
        rows: Uses by all options; they fit, so that no product is above 10^12.
        capacities: Of all.
        d: The number of the one.
        c: That of the other.
    """
    if c == d:
        return False
    less, more = rows[:, c] * capacities[d], rows[:, d] * capacities[c]
    return bool((less <= more).all()) and (d < c or bool((less < more).any()))
