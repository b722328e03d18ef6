"""The door to every solver: from a problem and a name to a solution."""

from collections.abc import Callable
from functools import partial
from typing import Any

from qfl.errors import ConfigError
from qfl.extend import load_object
from qfl.scheduling.solution import Solution
from qfl.scheduling.specs import COMMON, AnyProblem, require_kind, specs_of


def solve(problem: AnyProblem, name: str, *, seed: int, **options: Any) -> Solution[Any]:
    """Return the solution that a solver finds.

    Args:
        problem: A `qfl.scheduling.problem.Problem` of the uplink, or a
            `qfl.scheduling.access_points.problem.AssignmentProblem`.
        name: Of a row of `qfl.scheduling.specs.SOLVERS`.
        seed: Of the solver's draws.
        options: ``start``, ``max_evaluations``, and what the row lists as the solver's own.

    Raises:
        ConfigError: If there is no such solver, it does not do for the problem, or it has no such option.

    Example:
        >>> from qfl.scheduling.problem import Problem
        >>> from qfl.wireless.scenario import UplinkScenario
        >>> from qfl.wireless.uplink import draw
        >>> problem = Problem(draw(UplinkScenario(num_devices=6, num_channels=3), seed=1))
        >>> solve(problem, "swap", seed=1).value <= solve(problem, "brute_force", seed=1).value
        True
        >>> solve(problem, "swap", seed=1, blocks=9)
        Traceback (most recent call last):
        qfl.errors.ConfigError: swap has no option 'blocks'; give start, max_evaluations, max_sweeps
    """
    rows = specs_of(name)
    if problem.kind not in rows:
        require_kind(problem, next(iter(rows)), name)
    spec = rows[problem.kind]
    known = (*COMMON, *spec.options)
    if wrong := [option for option in options if option not in known]:
        raise ConfigError(f"{name} has no option {wrong[0]!r}; give {', '.join(known)}")
    return load_object(spec.maker)(problem, seed=seed, **{**spec.fixed, **options})


def solver(name: str) -> Callable[..., Solution[Any]]:
    """Return `solve` with a name: call it with the problem, a seed, and options.

    Raises:
        ConfigError: If there is no such solver.

    Example:
        >>> solver("sca")
        Traceback (most recent call last):
        qfl.errors.ConfigError: 'sca' is not a solver; give one of random, random_wmmse, ...
    """
    specs_of(name)
    return partial(solve, name=name)
