"""Jobs that arrive while others run, on QPUs that fail: a rolling horizon in which what has begun is never undone.

At every arrival, failure and repair the jobs that are known and not done are planned anew, with what is left of each:
fragments that have ended count, fragments that run keep their QPU, and what ran on a QPU that failed is done again
elsewhere. A job that stands in a plan has been promised; a promise is broken only for a job of a larger weight, or
where a failure leaves no other way. Priorities are weights (`lexicographic`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import inf

from qfl.backbone.orchestration.horizon import Horizon, OnlineRun, Planner
from qfl.backbone.orchestration.jobs import Job, Workload
from qfl.errors import ConfigError


@dataclass(frozen=True)
class Outage:
    """A QPU that fails.

    Args:
        qpu: Its position.
        start_s: When; what runs then is lost.
        end_s: When it is back; inf is never. Nobody knows before.

    Raises:
        ConfigError: If it does not start at 0 or later, or does not end after that.
    """

    qpu: int
    start_s: float
    end_s: float = inf

    def __post_init__(self):
        if not 0 <= self.start_s < self.end_s:
            raise ConfigError(
                f"an outage from {self.start_s} s to {self.end_s} s; give a start from 0, and a later end"
            )


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
    state = Horizon(workload, plan)
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
