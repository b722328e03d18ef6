"""From an order of jobs to a schedule: each job is put, whole, into the time that those before it left idle.

What comes out is feasible by construction; a job that would miss its deadline is left out and takes no time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf

from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.backbone.orchestration.timeline import Timelines, offers, pour, take

Rates = list[tuple[int, float, float]]
"""QPUs that take a sub-circuit: position, set-up in seconds, seconds of a shot."""


@dataclass(frozen=True)
class Placing:
    """How one job is to be run.

    Args:
        job: Its position.
        cut: The name of the way to cut it.
        worth: Least seconds of shots, in set-ups of the QPU, for which a fragment is opened; infinity never splits.
        allowed: QPUs it may use, as bits; -1 for all.
        gaps: Whether idle time between fragments of other jobs may be used, or only the time after the last.
    """

    job: int
    cut: str
    worth: float = 1.0
    allowed: int = -1
    gaps: bool = True


class Decoder:
    """Puts jobs of a workload onto its QPUs.

    Args:
        workload: Jobs and QPUs.
    """

    def __init__(self, workload: Workload):
        self.workload = workload
        self._rates: dict[tuple[int, str, int], Sequence[Rates]] = {}

    @cached_property
    def empty(self) -> Timelines:
        """Every QPU idle from when it is free on."""
        return [[(qpu.free_s, inf)] for qpu in self.workload.qpus]

    def place(self, idle: Timelines, placing: Placing, deadline: bool = True) -> list[Fragment] | None:
        """Put one job into idle time, which it shortens; return its fragments.

        Args:
            idle: What is idle; unchanged if the job does not fit.
            placing: The job, and how.
            deadline: Whether a job that is late is left out (None is returned) or put nevertheless.
        """
        job = self.workload.jobs[placing.job]
        subcircuits, rates = job.cuts[placing.cut], self.rates(placing)
        if not all(rates):
            return None
        after, kept = (list(idle) if placing.gaps else [intervals[-1:] for intervals in idle]), []
        end, fresh = [0.0] * len(subcircuits), [False] * len(idle)
        limit = job.last_end_s if deadline else inf
        for index in job.order(placing.cut):
            sub = subcircuits[index]
            ready = max([job.release_s, *(end[needed] + self.workload.latency_s for needed in sub.after)])
            for offer, shots in pour(offers(after, ready, rates[index]), sub.shots, placing.worth):
                stop = offer.first_s + shots * offer.shot_s
                if stop > limit:
                    return None
                if not fresh[offer.qpu]:
                    after[offer.qpu], fresh[offer.qpu] = after[offer.qpu][:], True
                take(after, offer.qpu, offer.start_s, stop)
                kept.append(Fragment(offer.start_s, stop, offer.qpu, placing.job, index, shots))
                end[index] = max(end[index], stop)
        idle[:] = after if placing.gaps else [whole[:-1] + tail for whole, tail in zip(idle, after, strict=True)]
        return kept

    def schedule(self, placings: Iterable[Placing]) -> QuantumSchedule:
        """Return the schedule of jobs put one after the other; those that do not fit are dropped."""
        idle, cuts, fragments = [intervals[:] for intervals in self.empty], {}, []
        for placing in placings:
            if (placed := self.place(idle, placing)) is not None:
                cuts[placing.job] = placing.cut
                fragments += placed
        return QuantumSchedule(cuts, tuple(fragments))

    def alone_s(self, job: int, cut: str, worth: float = 1.0) -> float:
        """Return when a job could be done if it had all QPUs, free at once, to itself; infinity if it fits none.

        Args:
            job: Its position.
            cut: The way to cut it.
            worth: Least seconds of shots, in set-ups of the QPU, for which a fragment is opened.
        """
        placed = self.place([[(0.0, inf)] for _ in self.workload.qpus], Placing(job, cut, worth), deadline=False)
        if placed is None:
            return inf
        return max(f.end_s for f in placed) + self.workload.jobs[job].reconstruction_s

    def rates(self, placing: Placing) -> Sequence[Rates]:
        """Return the QPUs of each sub-circuit of a job."""
        key = placing.job, placing.cut, placing.allowed
        if key not in self._rates:
            qpus = self.workload.qpus
            self._rates[key] = [
                [
                    (m, qpus[m].setup_s, qpus[m].per_shot_s(sub.depth))
                    for m in self.workload.eligible(sub)
                    if placing.allowed >> m & 1
                ]
                for sub in self.workload.jobs[placing.job].cuts[placing.cut]
            ]
        return self._rates[key]
