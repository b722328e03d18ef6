"""What a solver hands back, and the record it keeps on the way."""

from dataclasses import dataclass
from enum import Enum
from time import perf_counter
from typing import Generic, Protocol, TypeVar, runtime_checkable

from jaxtyping import Int64
from numpy import ndarray

from qfl.scheduling.schedule import Schedule

Choice = TypeVar("Choice")
"""What is decided: a `Schedule`, or the user of each access point."""


@runtime_checkable
class ChoiceProblem(Protocol[Choice]):
    """What a problem offers, whatever is decided; `Problem` of the uplink and `AssignmentProblem` do."""

    @property
    def num_choosers(self) -> int:
        """How many choose: devices, or access points."""
        ...

    def value(self, choice: Choice, /) -> float:
        """Return the objective of a choice."""
        ...

    def check(self, choice: Choice, /) -> list[str]:
        """Return one sentence for each constraint that a choice violates."""
        ...

    def changed(
        self, choice: Choice, block: Int64[ndarray, " block"], picks: Int64[ndarray, " block"], /
    ) -> Choice | None:
        """Return the choice after a block has taken options; None if nothing changes, or a constraint forbids it.

        Args:
            choice: The choice before.
            block: Who chooses, each once.
            picks: The option of each of them.
        """
        ...


class Status(Enum):
    """How a solver ended; the value is the sentence to show."""

    OPTIMAL = "The solution is optimal."
    CONVERGED = "No move of this method improves the solution."
    FINISHED = "The method did all the iterations it was asked for."
    OUT_OF_EVALUATIONS = "The method stopped at the limit on evaluations."
    FAILED = "The method failed; there is no solution."
    INFEASIBLE = "The solution breaks a constraint of the problem; its value does not count."


@dataclass(frozen=True)
class Solution(Generic[Choice]):
    """What was decided and how it was found.

    Args:
        choice: The best schedule found, or user of each access point, unless the method says otherwise.
        value: Its objective, recomputed by the problem's ``value``.
        status: How the solver ended.
        trace: (evaluations, seconds, value) after each iteration, first the start. An evaluation is one candidate
            whose true objective, or its exact change, was computed.
        iterations: In the method's own unit.
        evaluations: In all.
        seconds: In all, this process.
        start: Name of what it started from.
        method: Name of the solver.
    """

    choice: Choice
    value: float
    status: Status
    trace: tuple[tuple[int, float, float], ...]
    iterations: int
    evaluations: int
    seconds: float
    start: str
    method: str

    @property
    def schedule(self: "Solution[Schedule]") -> Schedule:
        """What was decided, where that is a schedule."""
        return self.choice


class Recorder(Generic[Choice]):
    """Counts evaluations, reads the clock and keeps the trace of one solver run.

    Args:
        problem: What is solved.
        method: Name of the solver.
        start: Name of the start.
        max_evaluations: Limit; None = none.
    """

    def __init__(self, problem: ChoiceProblem[Choice], method: str, start: str, max_evaluations: int | None = None):
        self.problem, self.method, self.start = problem, method, start
        self.limit = float("inf") if max_evaluations is None else max_evaluations
        self.evaluations = 0
        self.trace: list[tuple[int, float, float]] = []
        self._began = perf_counter()

    @property
    def exhausted(self) -> bool:
        """Whether the limit on evaluations is reached."""
        return self.evaluations >= self.limit

    def note(self, value: float) -> None:
        """Append one row to the trace: the value after an iteration."""
        self.trace.append((self.evaluations, perf_counter() - self._began, value))

    def solution(self, choice: Choice, status: Status) -> Solution[Choice]:
        """Return the solution, its value recomputed and its constraints checked."""
        seconds = perf_counter() - self._began
        value = self.problem.value(choice)
        if not self.trace:
            self.trace.append((self.evaluations, seconds, value))
        status = Status.INFEASIBLE if self.problem.check(choice) else status
        return Solution(
            choice,
            value,
            status,
            tuple(self.trace),
            len(self.trace) - 1,
            self.evaluations,
            seconds,
            self.start,
            self.method,
        )
