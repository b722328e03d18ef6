"""One round on the air: allocations, one or one for each frame, and the uploads that they carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from jaxtyping import Bool, Float64, Int64
from numpy import ndarray

from qfl.airtime.allocator import Allocator
from qfl.airtime.invocation import Moment, Row
from qfl.airtime.uploads import LAST, Uploads, accumulate, all_at_once, nothing_sent, one_after_another
from qfl.airtime.warm_start import scatter, subset, warm_start
from qfl.arrays import check_fields
from qfl.errors import InputError, SolverFailure
from qfl.scheduling.bounds import bound
from qfl.scheduling.problem import Problem
from qfl.scheduling.schedule import Schedule, empty_schedule
from qfl.scheduling.solution import Solution, Status
from qfl.wireless.uplink import UplinkInstance


@dataclass(frozen=True)
class RadioRound:
    """One round on the air, device by device of those that had something to send.

    Args:
        devices: Their numbers.
        bits: What each had to send.
        ready_s: When its training was done.
        schedule: Its last sub-channel and power.
        uploads: What became of it.
        in_time: Whether the update is in.
        seconds: How long the round lasted, from the broadcast on.
        ended: Why it lasted no longer: ``all-in``, ``deadline``, ``enough`` updates were in, or ``out-of-reach``: there
            is no deadline, and who is not in never would be.
        solutions: Each allocation of the round.
        solve_s: Wall-clock seconds that they took.
        memory: The sub-channel and power of every device of the cell, for a warm start; -1 = none.
        failure: What is wrong with the solver, where an allocation failed and nobody got a sub-channel by it.
        decisions: Of the invocation policy, one for each allocation; none without a pool.
        bound: What no first allocation can beat, in bit/s or s; None where nothing is proved for the objective.
    """

    devices: Int64[ndarray, " device"]
    bits: Float64[ndarray, " device"]
    ready_s: Float64[ndarray, " device"]
    schedule: Schedule
    uploads: Uploads
    in_time: Bool[ndarray, " device"]
    seconds: float
    ended: str
    solutions: tuple[Solution[Schedule], ...]
    solve_s: float
    memory: Schedule
    failure: str = ""
    decisions: tuple[Row, ...] = ()
    bound: float | None = None

    @property
    def on_air(self) -> Bool[ndarray, " device"]:
        """Whether the last allocation let a device send."""
        return (self.schedule.channel >= 0) & (self.schedule.power_w > 0)


@dataclass
class RoundSimulation:
    """One round while it lasts.

    Args:
        allocator: The rules.
        number: The round.
        instance: The gains of those that have something to send.
        devices: Their numbers.
        bits: How much each has to send.
        ready_s: From when on.
        memory: The allocation before, of all devices of the cell.
        learned: Decisions of earlier rounds, from which the invocation policy has learned.
        clock_s: The run's virtual clock at the broadcast.
    """

    allocator: Allocator
    number: int
    instance: UplinkInstance
    devices: Int64[ndarray, " device"]
    bits: Float64[ndarray, " device"]
    ready_s: Float64[ndarray, " device"]
    memory: Schedule
    learned: Sequence[Row] = ()
    clock_s: float = 0.0

    def __post_init__(self):
        check_fields(self, positive="bits", least="ready_s", infinite="ready_s")
        if len(self.devices) != len(self.instance.gain):
            raise InputError(
                f"there are {len(self.devices)} devices with gains of {len(self.instance.gain)}; give one for each"
            )
        self.solutions: list[Solution[Schedule]] = []
        self.decisions: list[Row] = []
        self.solve_s, self.failure, self.invocation = 0.0, "", self.allocator.invocation
        self.policy = self.invocation.policy(self.learned) if self.invocation else None
        deadline_s = self.allocator.settings.deadline_s
        self.until_s, self.limit = (np.inf, "out-of-reach") if deadline_s is None else (deadline_s, "deadline")
        self.schedule, self.bound = empty_schedule(len(self.devices)), None

    def one_after_another(self) -> RadioRound:
        """Return the round in which one device at a time has a sub-channel: one allocation says all."""
        every = np.arange(len(self.devices))
        problem, wait_s = self._allocate(every, self.bits, nothing_sent(len(every)), 0.0)
        begin_s = np.maximum(self.ready_s, wait_s)
        found = one_after_another(problem, self.schedule, begin_s, self.until_s)
        if self._enough(found):
            found = one_after_another(problem, self.schedule, begin_s, self.until_s)
        return self._round(found)

    def all_at_once(self) -> RadioRound:
        """Return the round in which all transmit at once: an allocation for every frame, or one that is kept."""
        frame_s, now, found = self.allocator.settings.frame_s or np.inf, 0.0, nothing_sent(len(self.devices))
        while now < self.until_s:
            waiting = np.flatnonzero(np.isinf(found.end_s))
            left = np.zeros(len(self.bits))
            left[waiting] = np.maximum(self.bits - found.sent_bits, LAST * self.bits)[waiting]
            ready = waiting if np.isinf(frame_s) else waiting[self.ready_s[waiting] <= now]
            if not len(waiting):
                break
            if not len(ready):
                now = float(self.ready_s[waiting].min())
                continue
            _, wait_s = self._allocate(ready, left[ready], found, now)
            begin_s, end = np.maximum(self.ready_s, now + wait_s), min(self.until_s, now + frame_s)
            span = all_at_once(self.instance, self.schedule, left, begin_s, now, end)
            if self._enough(accumulate(found, span)):
                end = self.until_s
                span = all_at_once(self.instance, self.schedule, left, begin_s, now, end)
            found, now = accumulate(found, span), end
            if not span.sent_bits.any() and not (begin_s[waiting] > now).any():
                break
        return self._round(found)

    def _enough(self, found: Uploads) -> bool:
        """Let the round end with the update that makes enough of them, if there is one."""
        enough = self.allocator.settings.enough
        if enough is None or np.isfinite(found.end_s).sum() < enough:
            return False
        self.until_s, self.limit = float(np.sort(found.end_s)[enough - 1]), "enough"
        return True

    def _allocate(self, some: ndarray, left: ndarray, found: Uploads, now: float) -> tuple[Problem, float]:
        """Solve for some of the devices and put the others on no sub-channel; keep the allocation for the next.

        Returns the problem, and the virtual seconds that the allocation was waited for.
        """
        own, delivered = self.devices[some], self.devices[np.isfinite(found.end_s)]
        problem = self.allocator.problem(subset(self.instance, some), own, left, delivered)
        start = warm_start(problem, self.memory, own) if self.allocator.settings.warm_start else None
        if not self.solutions and problem.objective != "weighted_sum_rate":
            self.bound = bound(problem).value
        began = perf_counter()
        try:
            solution, wait_s = self._solved(problem, start, now)
        except SolverFailure as error:
            self.failure, solution, wait_s = str(error), no_solution(problem, self.allocator.solver), 0.0
        self.solve_s += perf_counter() - began
        self.solutions.append(solution)
        if solution.status is not Status.FAILED:
            self.memory = scatter(self.memory, own, solution.schedule)
        self.schedule = scatter(empty_schedule(len(self.devices)), some, solution.schedule)
        return problem, wait_s

    def _solved(self, problem: Problem, start: Schedule | None, now: float) -> tuple[Solution[Schedule], float]:
        """Return an allocation and the virtual seconds that it took, which only backends of a pool have."""
        path = self.number, len(self.solutions)
        if self.invocation is None or self.policy is None:
            return self.allocator.solve(problem, start, *path), 0.0
        frame_s = self.allocator.settings.frame_s or np.inf
        moment = Moment(path, self.until_s - now, frame_s, self.clock_s + now)
        found = self.invocation.solve(self.policy, problem, start, moment)
        self.decisions.append(found.row)
        return found.solution, found.seconds

    def _round(self, found: Uploads) -> RadioRound:
        in_time = np.isfinite(found.end_s)
        missed = ~in_time & (self.schedule.channel >= 0) & (self.schedule.power_w > 0)
        late = bool(missed.any()) and np.isfinite(self.until_s)
        seconds = self.until_s if late else float(found.end_s[in_time].max(initial=0.0))
        return RadioRound(
            self.devices,
            self.bits,
            self.ready_s,
            self.schedule,
            found,
            in_time,
            seconds,
            "all-in" if in_time.all() else self.limit,
            tuple(self.solutions),
            self.solve_s,
            self.memory,
            self.failure,
            tuple(self.decisions),
            self.bound,
        )


def no_solution(problem: Problem, method: str) -> Solution[Schedule]:
    """Return what stands for the solution of a solver that failed: no device has a sub-channel."""
    nobody, none = empty_schedule(problem.num_devices), float("nan")
    return Solution(nobody, none, Status.FAILED, ((0, 0.0, none),), 0, 0, 0.0, "none", method)
