"""A rolling horizon: what is planned at a moment, what of it begins, what a failure takes, and what came of it."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.backbone.orchestration.remaining import View
from qfl.backbone.orchestration.schedule import ROUNDING_S, Fragment, QuantumSchedule
from qfl.backbone.orchestration.timeline import take

Planner = Callable[[Workload], QuantumSchedule]


@dataclass(frozen=True)
class OnlineRun:
    """What was run.

    Args:
        schedule: Of the jobs that were served.
        lost: Fragments that ended with their QPU.
        wasted: Fragments of jobs that were given up.
        promised: Jobs that were in a plan at some time.
        plans: How often was planned.
    """

    schedule: QuantumSchedule
    lost: tuple[Fragment, ...]
    wasted: tuple[Fragment, ...]
    promised: frozenset[int]
    plans: int

    @property
    def broken(self) -> frozenset[int]:
        """Jobs that were promised and not served."""
        return frozenset(self.promised - self.schedule.cuts.keys())


@dataclass
class Horizon:
    """A pool's scheduler in time: what is planned, what has begun, what was lost.

    Args:
        workload: Its QPUs, and the jobs it has been given so far.
        plan: Plans what is known.
        planned: Fragments that have not begun.
        begun: Fragments that have, and were not lost.
        lost: Fragments that ended with their QPU.
        cuts: Of the jobs that are begun or planned.
        promised: Jobs that were in a plan at some time.
        known: Jobs that may be planned; None for those that are released.
        plans: How often was planned.
    """

    workload: Workload
    plan: Planner
    planned: list[Fragment] = field(default_factory=list)
    begun: list[Fragment] = field(default_factory=list)
    lost: list[Fragment] = field(default_factory=list)
    cuts: dict[int, str] = field(default_factory=dict)
    promised: set[int] = field(default_factory=set)
    known: set[int] | None = None
    plans: int = 0

    def copy(self) -> "Horizon":
        """Return the same, to be tried on without a change to this one."""
        lists = {name: [*getattr(self, name)] for name in ("planned", "begun", "lost")}
        known = None if self.known is None else {*self.known}
        return replace(self, **lists, cuts={**self.cuts}, promised={*self.promised}, known=known)

    def add(self, job: Job) -> int:
        """Take a job that may be planned from now on, and return its number."""
        number = len(self.workload.jobs)
        self.workload = replace(self.workload, jobs=(*self.workload.jobs, job))
        if self.known is not None:
            self.known.add(number)
        return number

    def covers(self, job: int) -> bool:
        """Return whether all shots of a job have begun or are planned."""
        if job not in self.cuts:
            return False
        shots: dict[int, int] = defaultdict(int)
        for fragment in (*self.begun, *self.planned):
            if fragment.job == job:
                shots[fragment.subcircuit] += fragment.shots
        return all(shots[k] == sub.shots for k, sub in enumerate(self.workload.jobs[job].cuts[self.cuts[job]]))

    def begin_until(self, now: float) -> None:
        """Let what was planned before a moment begin."""
        self.begun += [f for f in self.planned if f.start_s < now - ROUNDING_S]
        self.planned = [f for f in self.planned if f.start_s >= now - ROUNDING_S]

    def lose(self, now: float, qpus: set[int]) -> None:
        """Take what runs on QPUs that fail at a moment from what counts; the part that ran stays where it was."""
        gone = [f for f in self.begun if f.qpu in qpus and f.end_s > now + ROUNDING_S]
        self.begun = [f for f in self.begun if f not in gone]
        self.lost += [replace(f, end_s=now) for f in gone]

    def replan(self, now: float, down: set[int]) -> None:
        """Plan what is known and not done on the QPUs that work; without one, nothing is planned until one is back."""
        if len(down) == len(self.workload.qpus):
            self.planned = []
            return
        view = View(self.workload, self.begun, self.cuts, down, now, self.known)
        self.plans += 1
        kept = self._kept(view)
        fresh = self.plan(view.remaining)
        best = fresh if self._better(view, fresh, kept) else kept
        self.planned = [view.absolute(fragment) for fragment in best.fragments]
        promised = {view.jobs[job]: cut for job, cut in best.cuts.items()}
        started = {job: self.cuts[job] for job in {f.job for f in self.begun}}
        self.cuts = started | promised
        self.promised |= promised.keys()

    def finished(self) -> OnlineRun:
        """Return what became of all jobs."""
        shots: dict[tuple[int, int], int] = defaultdict(int)
        for fragment in self.begun:
            shots[fragment.job, fragment.subcircuit] += fragment.shots
        jobs = self.workload.jobs
        served = {
            job: cut
            for job, cut in sorted(self.cuts.items())
            if all(shots[job, index] == sub.shots for index, sub in enumerate(jobs[job].cuts[cut]))
        }
        kept = tuple(f for f in self.begun if f.job in served)
        wasted = tuple(f for f in self.begun if f.job not in served)
        return OnlineRun(QuantumSchedule(served, kept), tuple(self.lost), wasted, frozenset(self.promised), self.plans)

    def _kept(self, view: View) -> QuantumSchedule:
        """Return the plan before, with what a failure took from it put elsewhere, and new jobs in the gaps."""
        decoder = Decoder(view.remaining)
        idle = [intervals[:] for intervals in decoder.empty]
        place = {job: position for position, job in enumerate(view.jobs)}
        before: dict[int, list[Fragment]] = defaultdict(list)
        for fragment in self.planned:
            if fragment.job in place:
                before[place[fragment.job]].append(view.relative(fragment))
        cuts: dict[int, str] = {}
        fragments: list[Fragment] = []
        for job, parts in before.items():
            if view.still_whole(job, self.cuts[view.jobs[job]], parts):
                cuts[job] = self.cuts[view.jobs[job]]
                fragments += parts
                for part in parts:
                    take(idle, part.qpu, part.start_s, part.end_s)
        rest = [job for job in range(len(view.jobs)) if job not in cuts]
        rest.sort(key=lambda job: (view.jobs[job] not in self.promised, view.remaining.jobs[job].deadline_s))
        for job in rest:
            cut = self.cuts.get(view.jobs[job]) or next(iter(view.remaining.jobs[job].cuts))
            if (placed := decoder.place(idle, Placing(job, cut))) is not None:
                cuts[job] = cut
                fragments += placed
        return QuantumSchedule(cuts, tuple(fragments))

    def _better(self, view: View, fresh: QuantumSchedule, kept: QuantumSchedule) -> bool:
        """Return whether a fresh plan is worth more, and breaks no promise but for a job of a larger weight."""
        weight = [job.weight for job in view.remaining.jobs]
        dropped = [weight[j] for j in kept.cuts.keys() - fresh.cuts.keys() if view.jobs[j] in self.promised]
        added = [weight[j] for j in fresh.cuts.keys() - kept.cuts.keys()]
        if dropped and max(added, default=0.0) <= max(dropped):
            return False
        return (fresh.value(view.remaining), -fresh.busy_s()) > (kept.value(view.remaining), -kept.busy_s())
