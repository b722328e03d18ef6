r"""Qurator's rule on a pool: tasks in the order in which they came, each whole on the device of the best score.

.. math:: w_F P - w_Q Q, \quad w_F = 0.80 - 0.55\, l, \quad w_Q = 0.15 + 0.45\, l

:math:`P` is the estimated success of the task on the device, :math:`Q` the wait in its queue on a logarithmic scale,
and :math:`l` from 0 to 1 how long the queues are on average: while they are short quality decides, when they are long
the wait. That, the weights, the target below which no device is taken while another is above it, and the scales of a
minute and an hour are those of the authors' program (their ``Scheduler.scala``, read in a public mirror); of the paper
its abstract was read.

Ours, because a workload here has no gates and no calibration: :math:`P = target^{h/D}` for a circuit of :math:`h`
layers on a device that is of use up to :math:`D`, so it is at the target just where the device no longer takes it.
Also ours: the scales are multiples of what this workload leaves until its deadlines, since jobs here last seconds; the
third weight, of transpilation, is left out, and so are merged tasks. Unlike the authors' rule, which knows no
deadlines, a job that would be late is left out (``admit``), as in the other baselines.

Reference:
    Pehlivanoglu, de Muelenaere, Kogge and Sabry, Qurator: Scheduling Hybrid Quantum-Classical Workflows Across
    Heterogeneous Cloud Providers, arXiv:2604.05505.
"""

from collections.abc import Sequence
from math import log1p
from statistics import fmean, median

from qfl.backbone.orchestration.jobs import Subcircuit, Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.errors import ConfigError

MINUTE_OVER_HOUR = 1 / 60  # where queues begin to count, over where nothing else does
HOUR_MS = 3.6e6  # the wait of Q = 1


def qurator(
    workload: Workload, *, cut: str = "locc", admit: bool = True, target: float = 0.9, seed: int = 1
) -> QuantumSchedule:
    """Return the schedule of Qurator's rule; the seed is not used.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut.
        admit: Whether a job that would be late is left out.
        target: Least success that a user asks for, above 0 and below 1; the lower, the more quality outweighs the wait.
        seed: Not used.

    Raises:
        ConfigError: If the target is out of its range.

    Example:
        >>> from qfl.backbone.infrastructure.qpu import Qpu
        >>> from qfl.backbone.orchestration.jobs import Job
        >>> pool = Qpu("good", 8, 90, 1e-3), Qpu("poor", 8, 30, 1e-3)
        >>> one = Workload(pool, (Job("a", 9.0, {"locc": [Subcircuit(4, 20, 100), Subcircuit(4, 20, 100)]}),))
        >>> [fragment.qpu for fragment in qurator(one).fragments]
        [0, 1]
    """
    if not 0 < target < 1:
        raise ConfigError(f"target is {target:g}; give the least success, above 0 and below 1")
    free_s = [qpu.free_s for qpu in workload.qpus]
    left_s = [job.deadline_s - job.release_s for job in workload.jobs]
    full_s = median(left_s) if left_s else 1.0
    cuts: dict[int, str] = {}
    fragments: list[Fragment] = []
    for number, job in enumerate(workload.jobs):
        after = list(free_s)
        placed = _placed(workload, number, cut, after, full_s, target)
        late = placed is None or max(f.end_s for f in placed) > job.last_end_s
        if placed is not None and not (late and admit):
            free_s = after
        if placed is not None and not late:
            cuts[number] = cut
            fragments += placed
    return QuantumSchedule(cuts, tuple(fragments))


def _placed(
    workload: Workload, number: int, cut: str, free_s: list[float], full_s: float, target: float
) -> list[Fragment] | None:
    """Return the fragments of one job, each behind what its QPU has; None if one fits nowhere."""
    job, placed, end_s = workload.jobs[number], list[Fragment](), dict[int, float]()
    for index in job.order(cut):
        sub = job.cuts[cut][index]
        able = workload.eligible(sub)
        if not able:
            return None
        m = _best(workload, sub, able, [max(0.0, free_s[m] - job.release_s) for m in able], full_s, target)
        ready_s = max([job.release_s, *(end_s[needed] + workload.latency_s for needed in sub.after)])
        start_s = max(free_s[m], ready_s)
        end_s[index] = free_s[m] = start_s + workload.qpus[m].seconds(sub.shots, sub.depth)
        placed.append(Fragment(start_s, end_s[index], m, number, index, sub.shots))
    return placed


def _best(
    workload: Workload, sub: Subcircuit, able: Sequence[int], wait_s: Sequence[float], full_s: float, target: float
) -> int:
    """Return the QPU of the best score; of equal ones that of the largest success, then the shortest wait."""
    light_s = MINUTE_OVER_HOUR * full_s
    load = min(1.0, max(0.0, (fmean(wait_s) - light_s) / (full_s - light_s)))
    scored = []
    for m, wait in zip(able, wait_s, strict=True):
        success = target ** (sub.depth / workload.qpus[m].depth)
        queue = min(1.0, log1p(HOUR_MS * wait / full_s) / log1p(HOUR_MS))
        score = (0.80 - 0.55 * load) * success - (0.15 + 0.45 * load) * queue
        scored.append((score, success, -wait, -m))
    return -max(scored)[-1]
