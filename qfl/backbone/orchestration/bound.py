r"""What no schedule exceeds: shots as a fluid that QPUs share, each sub-circuit between its head and its tail.

A mixed-integer program (HiGHS): binary :math:`U_j`, shots :math:`x_{im} \ge 0` of sub-circuit i on QPU m and set-ups
:math:`0 \le y_{im} \le 1`, with :math:`\sum_m x_{im} = s_i U_j`, :math:`x_{im} \le s_i y_{im}`,
:math:`\sum_m y_{im} \ge U_j`, and for each QPU and each window [a, b] that what must be run inside takes no longer than
the window. What must be: sub-circuits that cannot begin before a (release, or the fastest end of what they wait for)
and must end by b (deadline, less the fastest run of what waits for them). Every schedule satisfies all of it.
"""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array

from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload

LONGEST_S = 30.0


def bound(workload: Workload, cuts: Sequence[str] = ("locc",), *, seconds: float = LONGEST_S) -> float:
    """Return an upper bound of the weights of the jobs that can be served.

    Args:
        workload: Jobs and QPUs.
        cuts: Ways to cut; where there are several, the bound lets every job take whichever is best for it.
        seconds: After which the search ends with the bound that is proved by then.
    """
    if not workload.jobs:
        return 0.0
    return _Program(workload, cuts).solve(seconds)


class _Program:
    """The program's variables, in the order U (job, cut), then x and y (sub-circuit, QPU)."""

    def __init__(self, workload: Workload, cuts: Sequence[str]):
        self.workload = workload
        self.choices = [(j, cut) for j, job in enumerate(workload.jobs) for cut in cuts if cut in job.cuts]
        self.subs = [
            (u, sub, *span)
            for u, (j, cut) in enumerate(self.choices)
            for sub, span in zip(workload.jobs[j].cuts[cut], _spans(workload, workload.jobs[j], cut), strict=True)
        ]
        self.pairs = [(i, m) for i, (_, sub, *_) in enumerate(self.subs) for m in workload.eligible(sub)]
        self.rows: list[dict[int, float]] = []
        self.low: list[float] = []
        self.high: list[float] = []

    def solve(self, seconds: float) -> float:
        self._shots()
        self._one_cut()
        self._windows()
        u, n = len(self.choices), len(self.pairs)
        cost = np.zeros(u + 2 * n)
        cost[:u] = [-self.workload.jobs[j].weight for j, _ in self.choices]
        entries = [(r, c, value) for r, row in enumerate(self.rows) for c, value in row.items()]
        r, c, value = (np.array(column) for column in zip(*entries, strict=True))
        matrix = coo_array((value, (r, c)), shape=(len(self.rows), len(cost))).tocsr()
        result = milp(
            cost,
            integrality=np.r_[np.ones(u), np.zeros(2 * n)],
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(matrix, np.array(self.low), np.array(self.high)),  # pyright: ignore[reportArgumentType]
            options={"time_limit": seconds},
        )
        return -result.mip_dual_bound if result.mip_dual_bound is not None else float(-cost.sum())

    def _shots(self) -> None:
        """Add that all shots are run (x in fractions of them), and that running any takes a set-up."""
        u, n = len(self.choices), len(self.pairs)
        of: dict[int, list[int]] = {}
        for k, (i, _) in enumerate(self.pairs):
            of.setdefault(i, []).append(k)
            self._add({u + k: 1.0, u + n + k: -1.0}, -np.inf, 0.0)
        for i, (choice, *_) in enumerate(self.subs):
            self._add({**{u + k: 1.0 for k in of.get(i, [])}, choice: -1.0}, 0.0, 0.0)

    def _one_cut(self) -> None:
        """Add that a job is cut in one way."""
        for job in range(len(self.workload.jobs)):
            self._add({k: 1.0 for k, (j, _) in enumerate(self.choices) if j == job}, 0.0, 1.0)

    def _windows(self) -> None:
        u, n = len(self.choices), len(self.pairs)
        heads, tails = sorted({s[2] for s in self.subs}), sorted({s[3] for s in self.subs})
        for m, qpu in enumerate(self.workload.qpus):
            for a in heads:
                inside = [(k, i) for k, (i, where) in enumerate(self.pairs) if where == m and self.subs[i][2] >= a]
                for b in tails:
                    row = {}
                    for k, i in inside:
                        _, sub, _, tail = self.subs[i]
                        if tail <= b:
                            row[u + k], row[u + n + k] = sub.shots * qpu.per_shot_s(sub.depth), qpu.setup_s
                    if row:
                        self._add(row, -np.inf, max(0.0, b - max(a, qpu.free_s)))

    def _add(self, row: dict[int, float], low: float, high: float) -> None:
        self.rows.append(row)
        self.low.append(low)
        self.high.append(high)


def _spans(workload: Workload, job: Job, cut: str) -> list[tuple[float, float]]:
    """Return for each sub-circuit the earliest begin and the latest end, with all QPUs at its service."""
    subs, order = job.cuts[cut], job.order(cut)
    fastest = [_fastest(workload, sub) for sub in subs]
    head, tail = [job.release_s] * len(subs), [job.last_end_s] * len(subs)
    for index in order:
        for needed in subs[index].after:
            head[index] = max(head[index], head[needed] + fastest[needed] + workload.latency_s)
    for index in reversed(order):
        for needed in subs[index].after:
            tail[needed] = min(tail[needed], tail[index] - fastest[index] - workload.latency_s)
    return list(zip(head, tail, strict=True))


def _fastest(workload: Workload, sub: Subcircuit) -> float:
    """Return the least seconds of a sub-circuit on an idle pool, shots as a fluid; infinity if it fits no QPU."""
    qpus = sorted(
        (workload.qpus[m].setup_s, 1 / workload.qpus[m].per_shot_s(sub.depth)) for m in workload.eligible(sub)
    )
    best, rate, done = np.inf, 0.0, 0.0
    for setup, speed in qpus:
        rate, done = rate + speed, done + setup * speed
        best = min(best, (sub.shots + done) / rate)
    return best
