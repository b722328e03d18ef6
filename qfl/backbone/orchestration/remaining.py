"""What is left to plan while jobs run: a workload of its own, with times from a moment on."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import replace

from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.backbone.orchestration.schedule import Fragment


class View:
    """What is left to plan at a moment, with times from then on and only the jobs and QPUs that count.

    A job that has begun keeps its cut, and of its sub-circuits those whose shots have not all begun; one whose needed
    outcomes are still being measured waits for them as a whole, which is more than it must.

    Args:
        workload: All of it.
        begun: Fragments that have begun and were not lost.
        cuts: Of the jobs that are begun or planned.
        down: QPUs that do not work; not all.
        now: The moment, in seconds.
        known: Jobs that may be planned, some of them before their release; None for those that are released.
    """

    def __init__(
        self,
        workload: Workload,
        begun: Sequence[Fragment],
        cuts: Mapping[int, str],
        down: Set[int],
        now: float,
        known: Set[int] | None = None,
    ):
        self.now, self._workload, self._cuts = now, workload, cuts
        self._begun: dict[int, list[Fragment]] = defaultdict(list)
        for fragment in begun:
            self._begun[fragment.job].append(fragment)
        self.qpus = [m for m in range(len(workload.qpus)) if m not in down]
        busy_s = {m: max((f.end_s for f in begun if f.qpu == m), default=0.0) for m in self.qpus}
        free_s = {m: max(0.0, busy_s[m] - now, workload.qpus[m].free_s - now) for m in self.qpus}
        self.jobs: list[int] = []
        self._left: list[list[int]] = []
        released = {j for j, job in enumerate(workload.jobs) if job.release_s <= now}
        rests = [rest for j in sorted(released if known is None else known) if (rest := self._rest(j)) is not None]
        qpus = tuple(replace(workload.qpus[m], free_s=free_s[m]) for m in self.qpus)
        self.remaining = Workload(qpus, tuple(rests), workload.latency_s)

    def absolute(self, fragment: Fragment) -> Fragment:
        """Return a fragment of a plan of this moment as the whole workload has it."""
        return replace(
            fragment,
            start_s=fragment.start_s + self.now,
            end_s=fragment.end_s + self.now,
            qpu=self.qpus[fragment.qpu],
            job=self.jobs[fragment.job],
            subcircuit=self._left[fragment.job][fragment.subcircuit],
        )

    def relative(self, fragment: Fragment) -> Fragment:
        """Return a fragment of the whole workload as a plan of this moment has it; QPU -1 is down."""
        job = self.jobs.index(fragment.job)
        return replace(
            fragment,
            start_s=fragment.start_s - self.now,
            end_s=fragment.end_s - self.now,
            qpu=self.qpus.index(fragment.qpu) if fragment.qpu in self.qpus else -1,
            job=job,
            subcircuit=self._left[job].index(fragment.subcircuit),
        )

    def still_whole(self, job: int, cut: str, parts: Sequence[Fragment]) -> bool:
        """Return whether planned fragments are all that a job still needs, on QPUs that work.

        Args:
            job: Its position at this moment.
            cut: How it is cut.
            parts: Its fragments, as of this moment.
        """
        shots: dict[int, int] = defaultdict(int)
        for part in parts:
            shots[part.subcircuit] += part.shots
        needed = self.remaining.jobs[job].cuts[cut]
        return all(part.qpu >= 0 for part in parts) and all(shots[i] == sub.shots for i, sub in enumerate(needed))

    def _rest(self, j: int) -> Job | None:
        """Return what is left of a job, and note its place; None if it is done or too late."""
        job, begun = self._workload.jobs[j], self._begun[j]
        cuts, left, ready_s = self._unfinished(j, begun) if begun else (job.cuts, _every(job), 0.0)
        ready_s = max(ready_s, job.release_s - self.now)
        if not left or job.last_end_s - self.now <= ready_s:
            return None
        self.jobs.append(j)
        self._left.append(left)
        return replace(job, cuts=cuts, release_s=ready_s, deadline_s=job.deadline_s - self.now)

    def _unfinished(self, j: int, begun: Sequence[Fragment]) -> tuple[Mapping, list[int], float]:
        """Return what is left of a job that has begun, the positions of that, and when it may begin."""
        job = self._workload.jobs[j]
        subs, shots, end_s = job.cuts[self._cuts[j]], defaultdict[int, int](int), defaultdict[int, float](float)
        for fragment in begun:
            shots[fragment.subcircuit] += fragment.shots
            end_s[fragment.subcircuit] = max(end_s[fragment.subcircuit], fragment.end_s)
        left = [index for index, sub in enumerate(subs) if shots[index] < sub.shots]
        met = [end_s[needed] for index in left for needed in subs[index].after if needed not in left]
        ready_s = max(0.0, *(end + self._workload.latency_s - self.now for end in met)) if met else 0.0
        place = {index: position for position, index in enumerate(left)}
        rest = [
            replace(
                subs[index],
                shots=subs[index].shots - shots[index],
                after=tuple(place[needed] for needed in subs[index].after if needed in place),
            )
            for index in left
        ]
        return dict.fromkeys(job.cuts, rest), left, ready_s


def _every(job: Job) -> list[int]:
    return list(range(max(len(subs) for subs in job.cuts.values())))
