"""Jobs that arrive while others run, on QPUs that fail: a rolling horizon in which what has begun is never undone.

At every arrival, failure and repair the jobs that are known and not done are planned anew, with what is left of each:
fragments that have ended count, fragments that run keep their QPU, and what ran on a QPU that failed is done again
elsewhere. A job that stands in a plan has been promised; a promise is broken only for a job of a larger weight, or
where a failure leaves no other way. Priorities are weights (`lexicographic`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from math import inf

from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.backbone.orchestration.remaining import View
from qfl.backbone.orchestration.schedule import ROUNDING_S, Fragment, QuantumSchedule
from qfl.backbone.orchestration.timeline import take

Planner = Callable[[Workload], QuantumSchedule]


@dataclass(frozen=True)
class Outage:
    """A QPU that fails.

    Args:
        qpu: Its position.
        start_s: When; what runs then is lost.
        end_s: When it is back; inf is never. Nobody knows before.
    """

    qpu: int
    start_s: float
    end_s: float = inf


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


def run_online(workload: Workload, plan: Planner, outages: Sequence[Outage] = ()) -> OnlineRun:
    """Return what is run if every job becomes known at its release, and every outage when it happens.

    Args:
        workload: All jobs, with their releases.
        plan: Plans what is known, such as a row of `qfl.backbone.orchestration.registry.SCHEDULERS`.
        outages: In any order.

    Example:
        >>> from functools import partial
        >>> from qfl.backbone.orchestration.instances import WorkloadSettings, draw_arrivals
        >>> from qfl.backbone.orchestration.registry import schedule
        >>> load = draw_arrivals(WorkloadSettings(jobs=4), rate=0.5, seed=1)
        >>> run = run_online(load, partial(schedule, name="greedy", seed=1))
        >>> run.plans, sorted(run.broken)
        (4, [])
    """
    state = _State(workload, plan)
    moments = {job.release_s for job in workload.jobs} | {o.start_s for o in outages} | {o.end_s for o in outages}
    for now in sorted(moment for moment in moments if moment < inf):
        state.begin_until(now)
        state.lose(now, {o.qpu for o in outages if o.start_s == now})
        state.replan(now, {o.qpu for o in outages if o.start_s <= now < o.end_s})
    state.begin_until(inf)
    return state.finished()


def lexicographic(jobs: Iterable[Job], priorities: Iterable[int]) -> tuple[Job, ...]:
    """Return jobs whose weights put one of a higher priority before all of lower ones together.

    Args:
        jobs: In any order.
        priorities: Of each job, 0 the lowest: learning 0 and control 1, say.

    Example:
        >>> from qfl.backbone.orchestration.jobs import Subcircuit
        >>> jobs = [Job("a", 1.0, {"uncut": [Subcircuit(1, 1, 1)]}), Job("b", 1.0, {"uncut": [Subcircuit(1, 1, 1)]})]
        >>> [job.weight for job in lexicographic(jobs, [0, 1])]
        [1.0, 3.0]
    """
    given = list(jobs)
    return tuple(
        replace(job, weight=float((len(given) + 1) ** rank)) for job, rank in zip(given, priorities, strict=True)
    )


@dataclass
class _State:
    workload: Workload
    plan: Planner
    planned: list[Fragment] = field(default_factory=list)
    begun: list[Fragment] = field(default_factory=list)
    lost: list[Fragment] = field(default_factory=list)
    cuts: dict[int, str] = field(default_factory=dict)
    promised: set[int] = field(default_factory=set)
    plans: int = 0

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
        view = View(self.workload, self.begun, self.cuts, down, now)
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
