r"""The exact reference for small workloads: OR-Tools' CP-SAT, an optional dependency.

On a grid of a microsecond: for each sub-circuit and each QPU that takes it an optional interval whose length is the
set-up and its shots, with shots and begin free; the intervals of a QPU do not overlap, all shots of a served job are
run, and what waits begins after what it waits for. The seconds of a shot are rounded up, so what is found can be run.
A sub-circuit has at most one fragment on a QPU here; the schedules of others may have more, and the fluid bound closes
what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from typing import Any

from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.jobs import Subcircuit, Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.errors import MissingExtra

TICKS = 10**6  # a second's


@dataclass(frozen=True)
class Optimum:
    """The best that is known of a workload.

    Args:
        schedule: The best schedule.
        closed: Whether none serves more: the bound is met, or CP-SAT has shown that no schedule of its form does.
    """

    schedule: QuantumSchedule
    closed: bool


def close_gap(workload: Workload, found: QuantumSchedule, cut: str = "locc", *, seconds: float = 20.0) -> Optimum:
    """Return a schedule that serves as many jobs as can be, begun at one that is known; jobs count alike.

    From scratch CP-SAT is a poor scheduler of such jobs; asked whether one more can be served it is a good oracle.

    Args:
        workload: Jobs of weight 1, and QPUs, few of both.
        found: A schedule that can be run.
        cut: Way to cut; jobs without it are dropped.
        seconds: For each question.

    Raises:
        MissingExtra: If OR-Tools is not installed.
    """
    most = floor(bound(workload, (cut,)) + 1e-6)
    while len(found.cuts) < most:
        better, impossible = _ask(workload, cut, len(found.cuts) + 1, seconds)
        if better is None:
            return Optimum(found, impossible)
        found = better
    return Optimum(found, True)


def _ask(workload: Workload, cut: str, jobs: int, seconds: float) -> tuple[QuantumSchedule | None, bool]:
    """Return a schedule that serves so many jobs, or None and whether there is none."""
    try:
        from ortools.sat.python import cp_model  # type: ignore[import-not-found]
    except ImportError:
        raise MissingExtra("the exact scheduler needs OR-Tools; pip install 'qfl-wireless[cpsat]'") from None
    program, solver = _Program(workload, cut, cp_model.CpModel()), cp_model.CpSolver()
    program.build(jobs)
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    status = solver.solve(program.model)
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return program.read(solver), False
    return None, status == cp_model.INFEASIBLE


@dataclass
class _Piece:
    """One sub-circuit on one QPU."""

    qpu: int
    shots: Any
    begin: Any
    end: Any
    present: Any


@dataclass
class _Program:
    """The model, and its variables by job and sub-circuit."""

    workload: Workload
    cut: str
    model: Any
    served: dict[int, Any] = field(default_factory=dict)
    pieces: dict[tuple[int, int], list[_Piece]] = field(default_factory=dict)
    intervals: dict[int, list[Any]] = field(default_factory=dict)

    def build(self, jobs: int) -> None:
        """Add every job, the QPUs' exclusivity, and how many jobs are to be served."""
        for j, job in enumerate(self.workload.jobs):
            if self.cut in job.cuts:
                self.served[j] = self.model.new_bool_var(f"job{j}")
                self._job(j, job.cuts[self.cut])
        for intervals in self.intervals.values():
            self.model.add_no_overlap(intervals)
        self.model.add(sum(self.served.values()) == jobs)

    def read(self, solver: Any) -> QuantumSchedule:
        """Return the schedule of a solution; every fragment's length is that of its shots."""
        served = [j for j, chosen in self.served.items() if solver.value(chosen)]
        fragments = []
        for (j, i), pieces in self.pieces.items():
            depth = self.workload.jobs[j].cuts[self.cut][i].depth
            for piece in pieces if j in served else []:
                if shots := solver.value(piece.shots):
                    start = solver.value(piece.begin) / TICKS
                    end = start + self.workload.qpus[piece.qpu].seconds(shots, depth)
                    fragments.append(Fragment(start, end, piece.qpu, j, i, shots))
        return QuantumSchedule(dict.fromkeys(served, self.cut), tuple(fragments))

    def _job(self, j: int, subs: Sequence[Subcircuit]) -> None:
        for i, sub in enumerate(subs):
            self.pieces[j, i] = [self._piece(j, i, sub, m) for m in self.workload.eligible(sub)]
            self.model.add(sum(piece.shots for piece in self.pieces[j, i]) == sub.shots * self.served[j])
        latency = ceil(self.workload.latency_s * TICKS)
        for i, sub in enumerate(subs):
            for needed in sub.after:
                for first in self.pieces[j, needed]:
                    for then in self.pieces[j, i]:
                        self.model.add(then.begin >= first.end + latency).only_enforce_if(then.present, first.present)

    def _piece(self, j: int, i: int, sub: Subcircuit, m: int) -> "_Piece":
        job, qpu, name = self.workload.jobs[j], self.workload.qpus[m], f"{j}.{i}.{m}"
        low, high = ceil(max(job.release_s, qpu.free_s) * TICKS), floor(job.last_end_s * TICKS)
        high = max(high, low)
        present = self.model.new_bool_var(f"on{name}")
        shots = self.model.new_int_var(0, sub.shots, f"shots{name}")
        begin, end = self.model.new_int_var(low, high, f"begin{name}"), self.model.new_int_var(low, high, f"end{name}")
        length = self.model.new_int_var(0, high - low, f"length{name}")
        per_shot, setup = ceil(qpu.per_shot_s(sub.depth) * TICKS), ceil(qpu.setup_s * TICKS)
        self.model.add(length == per_shot * shots + setup).only_enforce_if(present)
        self.model.add(shots == 0).only_enforce_if(~present)
        self.model.add(length == 0).only_enforce_if(~present)
        self.model.add_implication(present, self.served[j])
        self.intervals.setdefault(m, []).append(self.model.new_optional_interval_var(begin, length, end, present, name))
        return _Piece(m, shots, begin, end, present)
