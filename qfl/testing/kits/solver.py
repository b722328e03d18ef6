"""What must be true of a solver: whatever it decides, and whoever wrote it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from qfl.errors import UserError
from qfl.scheduling.solution import Solution, Status
from qfl.testing.kits import Check

Solve = Callable[..., Solution[Any]]
"""``solve(problem, *, seed, start=None, max_evaluations=None) -> Solution``; options are bound to it before."""

Found = Callable[[], Solution[Any]]

SEED, OTHER_SEEDS = 3, (4, 5)
ROUNDING = 1e-9  # relative


def checks(
    solve: Solve,
    problems: Mapping[str, Any],
    *,
    refused: Mapping[str, Any] = {},
    best: Solve | None = None,
    climbs: bool = False,
    keeps_start: bool = False,
    clocked: bool = False,
    limit: int | None = None,
) -> Iterator[Check]:
    """Yield the checks of a solver.

    Args:
        solve: The solver.
        problems: Small problems that it solves, by name.
        refused: Problems that it must refuse with a `UserError`, by name.
        best: A solver that finds the best value of each of these problems.
        climbs: Whether its trace never gets worse.
        keeps_start: Whether it never ends worse than the start that it is given.
        clocked: Whether it stops by the clock, so that one seed may give two solutions.
        limit: Evaluations, fewer than it would use, at which it stops; None if it takes no notice of a limit.

    Example:
        >>> from qfl.scheduling.problem import Problem
        >>> from qfl.scheduling.solvers.greedy import solve
        >>> from qfl.testing.kits import run
        >>> from qfl.wireless.scenario import UplinkScenario
        >>> from qfl.wireless.uplink import draw
        >>> run(checks(solve, {"a small cell": Problem(draw(UplinkScenario(num_devices=4, num_channels=2), 1))}))
        []
    """
    for name, problem in problems.items():
        found = cache(partial(solve, problem, seed=SEED))
        yield f"{name}: no constraint is broken", partial(_feasible, solve, problem)
        yield f"{name}: the value is the problem's own", partial(_recomputed, found, problem)
        yield f"{name}: the way there is told", partial(_told, found)
        if not clocked:
            yield f"{name}: one seed gives one solution", partial(_repeated, found, partial(solve, problem, seed=SEED))
        if best:
            yield f"{name}: nothing is better than the best", partial(_bounded, found, problem, best)
        if climbs:
            yield f"{name}: the trace never gets worse", partial(_climbing, found, problem)
        if keeps_start:
            yield f"{name}: a start is not worsened", partial(_kept, solve, problem, [solve, *([best] if best else [])])
        if limit is not None:
            held = partial(solve, problem, seed=SEED, max_evaluations=limit)
            yield f"{name}: the limit on evaluations is kept", partial(_limited, found, held, limit)
    for name, problem in refused.items():
        yield f"{name}: it is refused in a sentence, whatever the seed", partial(_refused, solve, problem)


def _feasible(solve: Solve, problem: Any) -> None:
    for seed in (SEED, *OTHER_SEEDS):
        solution = solve(problem, seed=seed)
        broken = problem.check(solution.choice)
        assert not broken, f"with seed {seed} {'; '.join(broken)}"
        assert solution.status is not Status.INFEASIBLE, f"with seed {seed} its status says it is infeasible"


def _recomputed(found: Found, problem: Any) -> None:
    solution = found()
    own = problem.value(solution.choice)
    assert solution.value == own, f"it says {solution.value!r}, the problem {own!r}"


def _told(found: Found) -> None:
    solution = found()
    trace = solution.trace
    spent = [evaluations for evaluations, _, _ in trace]
    assert isinstance(solution.status, Status), f"its status is {solution.status!r}"
    assert solution.start and solution.method, "its start or its method has no name"
    assert trace, "its trace is empty"
    assert solution.iterations == len(trace) - 1, f"{solution.iterations} iterations have {len(trace)} rows of trace"
    assert spent == sorted(spent), f"evaluations fall: {spent}"
    assert spent[-1] <= solution.evaluations, f"{spent[-1]} evaluations on the way, {solution.evaluations} in all"
    assert 0 <= trace[-1][1] <= solution.seconds, f"{trace[-1][1]} s on the way, {solution.seconds} s in all"


def _repeated(found: Found, again: Found) -> None:
    first, second = found(), again()
    assert _same(first.choice, second.choice), f"{first.choice} and {second.choice}"
    assert first.evaluations == second.evaluations, f"{first.evaluations} and {second.evaluations} evaluations"


def _bounded(found: Found, problem: Any, best: Solve) -> None:
    value, most = found().value, best(problem, seed=SEED).value
    assert _no_worse(problem, most, value), f"it has {value}, the best is {most}"


def _climbing(found: Found, problem: Any) -> None:
    values = [value for *_, value in found().trace]
    for before, after in pairwise(values):
        assert _no_worse(problem, after, before), f"after {before} comes {after}"


def _kept(solve: Solve, problem: Any, others: Sequence[Solve]) -> None:
    for other in others:
        start = other(problem, seed=OTHER_SEEDS[0]).choice
        before, kept = [array.copy() for array in _arrays(start)], problem.value(start)
        solution = solve(problem, seed=SEED, start=start)
        assert all(map(np.array_equal, before, _arrays(start))), "it has written into the start"
        assert solution.start == "given", f"it says that it started from {solution.start!r}, not 'given'"
        assert _no_worse(problem, solution.value, kept), f"it began at {kept} and ended at {solution.value}"


def _limited(found: Found, held: Found, limit: int) -> None:
    free, short = found(), held()
    assert free.evaluations > limit, f"it needs {free.evaluations} evaluations; give a limit below"
    spent = [0, *(evaluations for evaluations, _, _ in free.trace), free.evaluations]
    most = limit + max(after - before for before, after in pairwise(spent))
    assert short.evaluations <= most, f"it used {short.evaluations}; {limit} and an iteration are {most}"
    assert short.evaluations < free.evaluations, f"it used all {free.evaluations}"


def _refused(solve: Solve, problem: Any) -> None:
    for seed in (SEED, *OTHER_SEEDS):
        try:
            solution = solve(problem, seed=seed)
        except UserError as error:
            assert "give" in str(error), f"the sentence does not say what to give: {error}"
        else:
            raise AssertionError(f"with seed {seed} it has a solution of value {solution.value}")


def _no_worse(problem: Any, value: float, than: float) -> bool:
    better = than - value if problem.kind == "round_time" else value - than
    return better >= -ROUNDING * abs(than)


def _arrays(choice: Any) -> list[np.ndarray]:
    return [getattr(choice, item.name) for item in fields(choice)] if is_dataclass(choice) else [np.asarray(choice)]


def _same(one: Any, other: Any) -> bool:
    return all(map(np.array_equal, _arrays(one), _arrays(other)))
