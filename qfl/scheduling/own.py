"""A user's scheduler: a function of a problem, or any dimod sampler as what picks the options of a block.

A function is ``solve(problem, *, seed, start, max_evaluations, ...) -> Schedule | Solution``; it takes those of these
arguments that it asks for, and settings of its own. What it gives back is checked, and its objective recomputed here,
so that nobody's word is taken for a number. A sampler is given the binary model of each block of our block descent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from inspect import isclass
from itertools import pairwise
from time import perf_counter
from typing import Any, cast

import dimod

from qfl.errors import ConfigError, SolverFailure, UserError
from qfl.extend import load_own, raised
from qfl.own_calls import call_own, own_arguments, settings_taken
from qfl.scheduling import descent
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule
from qfl.scheduling.solution import Solution, Status
from qfl.scheduling.solvers import dimod_blocks, load_balancing

GIVEN = ("problem", "seed", "start", "max_evaluations")
WANTED = "a Schedule (sub-channel and power of each device) or a Solution"


@dataclass(frozen=True)
class OwnSolver:
    """A user's scheduler as one of ours: call it with a problem, a seed, and the options of every solver.

    Args:
        reference: ``"file.py:attribute"`` or ``"module:attribute"``.
        key: The setting that names it, such as ``"radio.solver"``.
        thing: What the reference is: a function, a sampler, or a class of samplers.
        mine: Its own settings: a function's arguments; a sampler's, of its making or of its ``sample``.
        blocks: Settings of the block descent, ``num_blocks`` and ``block_size``, where it is a sampler.
    """

    reference: str
    key: str
    thing: Any
    mine: Mapping[str, Any]
    blocks: Mapping[str, int]

    def __post_init__(self):
        if is_sampler(self.thing):
            self._sampler()
        else:
            own_arguments(self.thing, self.key, dict.fromkeys(GIVEN), self.mine)

    def __call__(
        self, problem: Problem, *, seed: int, start: Schedule | None = None, max_evaluations: int | None = None
    ) -> Solution[Schedule]:
        """Return the solution, checked and with its objective recomputed.

        Args:
            problem: What is to be scheduled; the user's code gets a copy.
            seed: Of its draws.
            start: Where to begin, for a method that can.
            max_evaluations: Schedules that it may try.

        Raises:
            SolverFailure: If it ends in an error, or gives something else than a feasible schedule of the problem.
        """
        began = perf_counter()
        try:
            copy = replace(problem, instance=replace(problem.instance, gain=problem.instance.gain.copy()))
            found = self._found(copy, seed, start, max_evaluations)
        except UserError as error:  # what `call_own` says has the key already
            raise self._failure(f"failed: {' '.join(str(error).removeprefix(f'{self.key}: ').split())}") from error
        except Exception as error:
            raise self._failure(raised(error)) from error
        return self._checked(problem, found, perf_counter() - began)

    def _found(self, problem: Problem, seed: int, start: Schedule | None, max_evaluations: int | None) -> Any:
        if not is_sampler(self.thing):
            given = {"problem": problem, "seed": seed, "start": start, "max_evaluations": max_evaluations}
            return call_own(self.thing, self.key, given, self.mine)
        sampler, parameters = self._sampler()
        choose = dimod_blocks.of_sampler(sampler, **parameters)
        solve = load_balancing.solve if problem.kind == "round_time" else descent.solve
        blocks: Any = dict(self.blocks)
        return solve(problem, choose, self.reference, seed=seed, start=start, max_evaluations=max_evaluations, **blocks)

    def _sampler(self) -> tuple[Any, dict[str, Any]]:
        """Return the sampler and those of its own settings that its ``sample`` takes."""
        made = self.thing
        asked = settings_taken(self.thing, self.key) if isclass(self.thing) else frozenset[str]()
        making = {name: value for name, value in self.mine.items() if asked is None or name in asked}
        if isclass(self.thing):
            made = call_own(self.thing, self.key, {}, making)
        rest = {name: value for name, value in self.mine.items() if name not in making}
        try:
            known = sorted(made.parameters)
        except Exception as error:
            raise ConfigError(f"{self.key} = {self.reference!r}: its parameters {raised(error)}; mend it") from error
        if wrong := [name for name in rest if name not in known]:
            raise ConfigError(
                f"{self.key} = {self.reference!r} has no setting {wrong[0]!r}; it takes "
                f"{', '.join([*sorted(asked or ()), *known]) or 'none'}"
            )
        return made, rest

    def _checked(self, problem: Problem, found: Any, seconds: float) -> Solution[Schedule]:
        told: Any = cast("Any", found) if isinstance(found, Solution) else None
        schedule: Any = cast("Any", found) if told is None else told.choice
        if not isinstance(schedule, Schedule):
            raise self._failure(f"gave a {type(schedule).__name__}; give {WANTED}")
        if len(schedule.channel) != len(schedule.power_w):
            raise self._failure(
                f"gave {len(schedule.channel)} sub-channels and {len(schedule.power_w)} powers; give one of each device"
            )
        if broken := problem.check(schedule):
            raise self._failure(f"broke a constraint: {'; '.join(broken)}; give a schedule that keeps them")
        value = problem.value(schedule)
        if told is None:
            return Solution(
                schedule, value, Status.FINISHED, ((1, seconds, value),), 0, 1, seconds, "own", self.reference
            )
        self._well_told(told)
        # only we may say that a value is optimal or a constraint broken
        status = told.status if told.status in (Status.CONVERGED, Status.OUT_OF_EVALUATIONS) else Status.FINISHED
        trace = tuple((int(spent), min(float(after), seconds), float(worth)) for spent, after, worth in told.trace)
        evaluations, iterations = int(told.evaluations), len(trace) - 1
        return Solution(
            schedule, value, status, trace, iterations, evaluations, seconds, str(told.start), self.reference
        )

    def _well_told(self, told: Any) -> None:
        """Refuse a trace that is none: rows of evaluations that grow, seconds, and the objective."""
        try:
            spent = [int(evaluations) for evaluations, _, _ in told.trace]
            [float(number) for row in told.trace for number in row]
        except (TypeError, ValueError):
            spent = []
        ordered = all(before <= after for before, after in pairwise([0, *spent]))
        if not spent or not ordered or not isinstance(told.evaluations, int) or spent[-1] > told.evaluations:
            raise self._failure(
                "gave a Solution whose trace is no rows of (evaluations, seconds, value) with evaluations that grow up "
                "to its own; give such rows, or the Schedule alone"
            )

    def _failure(self, said: str) -> SolverFailure:
        return SolverFailure(f"{self.key} = {self.reference!r} {said}")


def own_solver(
    reference: str, key: str, mine: Mapping[str, Any] = {}, blocks: Mapping[str, int] = {}
) -> Callable[..., Solution[Schedule]]:
    """Return a user's scheduler as one of ours.

    Args:
        reference: ``"file.py:attribute"`` or ``"module:attribute"``.
        key: The setting that names it.
        mine: Its own settings.
        blocks: ``num_blocks`` and ``block_size`` of the descent, where it is a sampler.

    Raises:
        ConfigError: If there is no such object, it is neither function nor sampler, or does not take its settings.

    Example:
        >>> from qfl.wireless.scenario import UplinkScenario
        >>> from qfl.wireless.uplink import draw
        >>> problem = Problem(draw(UplinkScenario(num_devices=4, num_channels=2), seed=1))
        >>> solve = own_solver("dwave.samplers:SteepestDescentSolver", "radio.solver", {"num_reads": 4})
        >>> solve(problem, seed=1).status.name
        'FINISHED'
    """
    return OwnSolver(reference, key, load_own(reference, key), dict(mine), dict(blocks))


def solver_takes(reference: str, key: str) -> frozenset[str] | None:
    """Return the names of the settings that a user's scheduler may have; None where only the making of it can tell.

    Raises:
        ConfigError: If there is no such object, or it is neither function nor sampler.
    """
    thing = load_own(reference, key)
    if is_sampler(thing):
        return None
    names = settings_taken(thing, key)
    return None if names is None else names - set(GIVEN)


def is_sampler(thing: Any) -> bool:
    """Return whether an object is a dimod sampler, or a class of them."""
    return isinstance(thing, dimod.Sampler) or (isclass(thing) and issubclass(thing, dimod.Sampler))
