r"""Admission of network slices: each request has a few ways to be placed and routed, or is rejected.

.. math:: \max \sum_{r,o} v_r x_{ro}, \quad \sum_o x_{ro} \le 1, \quad \sum_{r,o} u_{roc} x_{ro} \le C_c

for the capacities c of compute nodes and links. As a binary quadratic model every capacity gets slack bits, and both
penalties are above the largest value, which suffices: dropping one request of an overloaded capacity lowers its penalty
by 1 at least, all uses being whole numbers. A request has ``capacities``, a list of whole numbers, and ``requests``, a
list of ``{"value": v, "options": [[use of each capacity], ...]}``; with ``screen`` what can never matter is left out.
"""

from collections.abc import Mapping
from typing import Any

import dimod
import numpy as np
from numpy import ndarray
from scipy.optimize import Bounds, LinearConstraint, milp

from qfl.backbone.applications.posed import Posed, Sample, take
from qfl.backbone.applications.slice_problem import Chosen, Slices
from qfl.backbone.applications.slice_screening import as_it_is, screened
from qfl.errors import ConfigError

MARGIN = 1.001


def pose(request: Mapping[str, Any]) -> Posed:
    """Return the problem; its answer has the option of every admitted request and their value.

    Raises:
        ConfigError: If a number is out of range, or the options do not fit the capacities in number.

    Example:
        >>> requests = [{"value": 1.0, "options": [[2]]}, {"value": 3, "options": [[1]]}]
        >>> posed = pose({"capacities": [2], "requests": requests})
        >>> best = {v: int(x) for v, x in dimod.ExactSolver().sample(posed.model).first.sample.items()}
        >>> posed.read(best)["admitted"], posed.read(best)["value"]
        ({'1': 0}, 3.0)
    """
    capacities, requests, screen = take("slices", request, {"capacities": list, "requests": list}, {"screen": False})
    problem = _problem(capacities, requests)
    left = screened(problem) if screen else as_it_is(problem)

    def read(sample: Sample) -> dict[str, Any]:
        chosen = filled(problem, repaired(problem, left.lift(_taken(left.left, sample))))
        told = {"given_up": [each.row for each in left.given_up]} if screen else {}
        return {"admitted": {str(r): o for r, o in chosen.items()}, "value": problem.value(chosen), **told}

    return Posed(slices_model(left.left), read)


def slices_model(problem: Slices) -> dimod.BinaryQuadraticModel:
    """Return the model: a variable for each option, and slack bits for each capacity."""
    penalty = MARGIN * max(problem.values)
    model = dimod.BinaryQuadraticModel(dimod.BINARY)
    for r, options in enumerate(problem.options):
        names = [f"x{r}.{o}" for o in range(len(options))]
        for k, name in enumerate(names):
            model.add_linear(name, -problem.values[r])
            for other in names[:k]:
                model.add_quadratic(name, other, 2 * penalty)
    for c, capacity in enumerate(problem.capacities.tolist()):
        uses = [(f"x{r}.{o}", int(u)) for r, opts in enumerate(problem.options) for o, u in enumerate(opts[:, c]) if u]
        if sum(max((int(u) for u in opts[:, c]), default=0) for opts in problem.options) > capacity:
            model.add_linear_equality_constraint([*uses, *_slack(c, capacity)], penalty, -capacity)
    return model


def exact(problem: Slices, seconds: float = 10.0) -> tuple[Chosen, float]:
    """Return the best that HiGHS finds in some seconds, and its bound of the value.

    Args:
        problem: The problem.
        seconds: Most seconds.
    """
    places = [(r, o) for r, options in enumerate(problem.options) for o in range(len(options))]
    values = np.array([problem.values[r] for r, _ in places])
    use = np.array([problem.options[r][o] for r, o in places]).T
    once = np.array([[float(r == k) for r, _ in places] for k in range(len(problem.values))])
    at_most: Any = problem.capacities.astype(np.float64)
    limits = [LinearConstraint(once, -np.inf, 1.0), LinearConstraint(use, -np.inf, at_most)]
    options = {"time_limit": seconds}
    found = milp(-values, integrality=np.ones(len(values)), bounds=Bounds(0, 1), constraints=limits, options=options)
    chosen = {} if found.x is None else {r: o for (r, o), x in zip(places, found.x, strict=True) if x > 0.5}
    limit = -found.mip_dual_bound if found.mip_dual_bound is not None else float(sum(problem.values))
    return chosen, limit


def greedy(problem: Slices) -> Chosen:
    """Return the requests by value for what they use at least of the capacities, each by its first option that fits."""
    return filled(problem, {})


def filled(problem: Slices, chosen: Chosen) -> Chosen:
    """Return a choice with every further request that still fits, those of the most value for their use first."""
    found = dict(chosen)
    worth = [
        v / min((o / problem.capacities).sum() for o in opts)
        for v, opts in zip(problem.values, problem.options, strict=True)
    ]
    for r in sorted(set(range(len(problem.values))) - found.keys(), key=lambda r: -worth[r]):
        left = problem.capacities - problem.used(found)
        fits = [o for o, use in enumerate(problem.options[r]) if (use <= left).all()]
        if fits:
            found[r] = fits[0]
    return found


def repaired(problem: Slices, chosen: Chosen) -> Chosen:
    """Return a choice that meets the capacities: of the requests on one that does not, the least valuable leave."""
    found = dict(chosen)
    while (over := problem.used(found) > problem.capacities).any():
        guilty = [r for r, o in found.items() if problem.options[r][o][over].any()]
        del found[min(guilty, key=lambda r: problem.values[r])]
    return found


def _slack(c: int, capacity: int) -> list[tuple[str, int]]:
    """Return bits whose sum takes every value from 0 to the capacity."""
    bits = capacity.bit_length()
    return [(f"s{c}.{k}", 2**k) for k in range(bits - 1)] + [(f"s{c}.{bits - 1}", capacity - 2 ** (bits - 1) + 1)]


def _taken(problem: Slices, sample: Sample) -> Chosen:
    found: Chosen = {}
    for r, options in enumerate(problem.options):
        if chosen := [o for o in range(len(options)) if sample[f"x{r}.{o}"]]:
            found[r] = chosen[0]
    return found


def _problem(capacities: list[Any], requests: list[Any]) -> Slices:
    if not capacities or not all(type(c) is int and 1 <= c <= 10**6 for c in capacities):
        raise ConfigError(f"slices: capacities are {repr(capacities)[:60]}; give whole numbers from 1 to 1,000,000")
    values: list[float] = []
    options: list[ndarray] = []
    for number, entry in enumerate(requests):
        value = entry.get("value") if isinstance(entry, dict) else None
        rows = entry.get("options") if isinstance(entry, dict) else None
        if isinstance(value, bool) or not isinstance(value, int | float) or not (np.isfinite(value) and value > 0):
            raise ConfigError(f"slices: request {number} has the value {value!r}; give a finite number above 0")
        if not (isinstance(rows, list) and rows and all(_is_use(row, len(capacities)) for row in rows)):
            raise ConfigError(
                f"slices: request {number} has options that are none; give lists of {len(capacities)} whole numbers "
                "of 0 or more, not all of them 0"
            )
        values.append(float(value))
        options.append(np.array(rows, dtype=np.int64))
    if not values:
        raise ConfigError("slices: there is no request; give one")
    return Slices(np.array(capacities, dtype=np.int64), tuple(values), tuple(options))


def _is_use(row: Any, count: int) -> bool:
    whole = isinstance(row, list) and len(row) == count and all(type(use) is int and use >= 0 for use in row)
    return whole and any(row)
