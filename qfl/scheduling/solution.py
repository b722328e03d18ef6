"""What a solver hands back, and the record it keeps on the way."""

from dataclasses import dataclass
from enum import Enum
from time import perf_counter

from qfl.scheduling.problem import Problem, Schedule


class Status(Enum):
    """How a solver ended; the value is the sentence to show."""

    OPTIMAL = "The schedule is optimal."
    CONVERGED = "No move of this method improves the schedule."
    FINISHED = "The method did all the iterations it was asked for."
    OUT_OF_EVALUATIONS = "The method stopped at the limit on evaluations."
    INFEASIBLE = "The schedule breaks a constraint of the problem; its value does not count."


@dataclass(frozen=True)
class Solution:
    """A schedule and how it was found.

    Args:
        schedule: The best schedule found, unless the method says otherwise.
        value: Its objective, recomputed by `Problem.value`.
        status: How the solver ended.
        trace: (evaluations, seconds, value) after each iteration, first the start. An evaluation is one candidate
            schedule whose true objective, or its exact change, was computed.
        iterations: In the method's own unit.
        evaluations: In all.
        seconds: In all, this process.
        start: Name of the schedule it started from.
        method: Name of the solver.
    """

    schedule: Schedule
    value: float
    status: Status
    trace: tuple[tuple[int, float, float], ...]
    iterations: int
    evaluations: int
    seconds: float
    start: str
    method: str


class Recorder:
    """Counts evaluations, reads the clock and keeps the trace of one solver run.

    Args:
        problem: What is solved.
        method: Name of the solver.
        start: Name of the start.
        max_evaluations: Limit; None = none.
    """

    def __init__(self, problem: Problem, method: str, start: str, max_evaluations: int | None = None):
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

    def solution(self, schedule: Schedule, status: Status) -> Solution:
        """Return the solution, its value recomputed and its constraints checked."""
        seconds = perf_counter() - self._began
        value = self.problem.value(schedule)
        if not self.trace:
            self.trace.append((self.evaluations, seconds, value))
        status = Status.INFEASIBLE if self.problem.check(schedule) else status
        return Solution(
            schedule,
            value,
            status,
            tuple(self.trace),
            len(self.trace) - 1,
            self.evaluations,
            seconds,
            self.start,
            self.method,
        )
