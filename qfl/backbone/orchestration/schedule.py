"""Who runs what, where and when; and a check of it that shares no code with what makes schedules."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from qfl.backbone.orchestration.jobs import Workload

ROUNDING_S = 1e-9  # seconds by which sums of durations may differ


@dataclass(frozen=True, order=True)
class Fragment:
    """Some shots of one sub-circuit on one QPU, without a pause.

    Args:
        start_s: When its set-up begins, in seconds from now.
        end_s: When its last shot is read out.
        qpu: Position of the QPU.
        job: Position of the job.
        subcircuit: Position of the sub-circuit in its job.
        shots: How many.
    """

    start_s: float
    end_s: float
    qpu: int
    job: int
    subcircuit: int
    shots: int


@dataclass(frozen=True)
class QuantumSchedule:
    """All fragments, and the cut by which each job that is served is run.

    Args:
        cuts: From the position of a served job to the name of its cut; jobs that are not in it are dropped.
        fragments: In any order.
    """

    cuts: Mapping[int, str]
    fragments: tuple[Fragment, ...]

    def value(self, workload: Workload) -> float:
        """Return the weights of the served jobs; their number where all weigh 1."""
        return sum(workload.jobs[job].weight for job in self.cuts)

    def served(self, workload: Workload) -> float:
        """Return the fraction of the jobs that is served; 1 where there is none."""
        return len(self.cuts) / len(workload.jobs) if workload.jobs else 1.0

    def busy_s(self) -> float:
        """Return the seconds that QPUs are busy, added up."""
        return sum(fragment.end_s - fragment.start_s for fragment in self.fragments)

    def makespan_s(self) -> float:
        """Return when the last fragment ends; 0 where there is none."""
        return max((fragment.end_s for fragment in self.fragments), default=0.0)


def violations(workload: Workload, schedule: QuantumSchedule) -> list[str]:
    """Return what is wrong with a schedule, one sentence each; nothing if it can be run as it is.

    The rules are those of section IV-A of the paper: all shots of every sub-circuit of a served job (none of a dropped
    one), only on QPUs that take it, one fragment at a time on a QPU, after the outcomes that are needed, in time.

    Example:
        >>> from qfl.backbone.infrastructure.qpu import Qpu
        >>> from qfl.backbone.orchestration.jobs import Job, Subcircuit
        >>> load = Workload((Qpu("q", 8, 90, 1e-3),), (Job("a", 1.0, {"uncut": [Subcircuit(4, 9, 100)]}),))
        >>> violations(load, QuantumSchedule({0: "uncut"}, (Fragment(0.0, 0.1, 0, 0, 0, 90),)))
        ['fragment at 0 s: lasts 0.1 s, expected 0.09 s', "job 'a', sub-circuit 0: 90 of 100 shots"]
    """
    return [
        *(fault for fragment in sorted(schedule.fragments) for fault in _fragment_faults(workload, schedule, fragment)),
        *_shot_faults(workload, schedule),
        *_order_faults(workload, schedule),
        *_overlap_faults(workload, schedule),
    ]


def _fragment_faults(workload: Workload, schedule: QuantumSchedule, fragment: Fragment) -> list[str]:
    where = f"fragment at {fragment.start_s:g} s"
    if fragment.job not in schedule.cuts:
        return [f"{where}: job {fragment.job} is not served"]
    job, qpu = workload.jobs[fragment.job], workload.qpus[fragment.qpu]
    sub = job.cuts[schedule.cuts[fragment.job]][fragment.subcircuit]
    lasts, expected = fragment.end_s - fragment.start_s, qpu.seconds(fragment.shots, sub.depth)
    faults = []
    if fragment.shots < 1:
        faults.append(f"{where}: {fragment.shots} shots")
    if not qpu.takes(sub.qubits, sub.depth):
        faults.append(f"{where}: {sub} does not fit QPU {qpu.name!r}")
    if abs(lasts - expected) > ROUNDING_S:
        faults.append(f"{where}: lasts {lasts:g} s, expected {expected:g} s")
    if fragment.start_s < max(job.release_s, qpu.free_s) - ROUNDING_S:
        faults.append(f"{where}: before job {job.name!r} or QPU {qpu.name!r} is ready")
    if fragment.end_s > job.last_end_s + ROUNDING_S:
        faults.append(f"{where}: ends at {fragment.end_s:g} s, job {job.name!r} had to by {job.last_end_s:g} s")
    return faults


def _shot_faults(workload: Workload, schedule: QuantumSchedule) -> list[str]:
    shots: dict[tuple[int, int], int] = defaultdict(int)
    for fragment in schedule.fragments:
        shots[fragment.job, fragment.subcircuit] += fragment.shots
    return [
        f"job {workload.jobs[job].name!r}, sub-circuit {index}: {shots[job, index]} of {sub.shots} shots"
        for job, cut in schedule.cuts.items()
        for index, sub in enumerate(workload.jobs[job].cuts[cut])
        if shots[job, index] != sub.shots
    ]


def _order_faults(workload: Workload, schedule: QuantumSchedule) -> list[str]:
    last: dict[tuple[int, int], float] = defaultdict(float)
    for fragment in schedule.fragments:
        last[fragment.job, fragment.subcircuit] = max(last[fragment.job, fragment.subcircuit], fragment.end_s)
    return [
        f"fragment at {fragment.start_s:g} s: sub-circuit {needed} of job {fragment.job} ends at {end:g} s"
        for fragment in sorted(schedule.fragments)
        if fragment.job in schedule.cuts
        for needed in workload.jobs[fragment.job].cuts[schedule.cuts[fragment.job]][fragment.subcircuit].after
        if (end := last[fragment.job, needed]) + workload.latency_s > fragment.start_s + ROUNDING_S
    ]


def _overlap_faults(workload: Workload, schedule: QuantumSchedule) -> list[str]:
    return [
        f"fragment at {later.start_s:g} s: QPU {workload.qpus[m].name!r} is busy until {earlier.end_s:g} s"
        for m in range(len(workload.qpus))
        for earlier, later in pairwise(sorted(f for f in schedule.fragments if f.qpu == m))
        if earlier.end_s > later.start_s + ROUNDING_S
    ]
