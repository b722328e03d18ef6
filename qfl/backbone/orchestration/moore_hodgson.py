"""Moore and Hodgson's rule on a pool: earliest deadline first, and when one is late, the largest is dropped.

For one machine, or QPUs that all take everything and split without set-up, the rule is optimal (Moore, Management
Science 15, 1968); here it is a heuristic, and a strong one.
"""

from collections.abc import Sequence
from math import inf

from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.heuristics import by_deadline
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.schedule import QuantumSchedule

WORTHS = (0.0, 1.0, 3.0, inf)


def moore_hodgson(
    workload: Workload, *, cut: str = "locc", worths: Sequence[float] = WORTHS, seed: int = 1
) -> QuantumSchedule:
    """Return the best schedule of the rule over how readily shots are split; the seed is not used.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut.
        worths: Seconds of shots, in set-ups, from which a fragment is opened; infinity never splits.
        seed: Not used.
    """
    decoder = Decoder(workload)
    schedules = [decoder.schedule(placings_of(decoder, cut, worth)) for worth in worths]
    return max(schedules, key=lambda schedule: (schedule.value(workload), -schedule.busy_s()))


def placings_of(decoder: Decoder, cut: str, worth: float) -> list[Placing]:
    """Return the jobs that the rule keeps, in the order of their deadlines, and then those it dropped.

    Args:
        decoder: Of the workload.
        cut: How every circuit is cut.
        worth: Seconds of shots, in set-ups, from which a fragment is opened; infinity never splits.
    """
    workload = decoder.workload
    size = {j: _qpu_seconds(workload, j, cut) / workload.jobs[j].weight for j in range(len(workload.jobs))}
    kept: list[Placing] = []
    dropped: list[Placing] = []
    for job in by_deadline(workload):
        kept.append(Placing(job, cut, worth))
        if len(decoder.schedule(kept).cuts) < len(kept):
            victim = _victim(decoder, kept, size)
            kept.remove(victim)
            dropped.append(victim)
    return kept + sorted(dropped, key=lambda placing: size[placing.job])


def _victim(decoder: Decoder, kept: list[Placing], size: dict[int, float]) -> Placing:
    """Return the largest job without which all others are in time; the last one always does."""
    for victim in sorted(kept, key=lambda placing: -size[placing.job]):
        rest = [placing for placing in kept if placing is not victim]
        if len(decoder.schedule(rest).cuts) == len(rest):
            return victim
    raise AssertionError("the jobs before the last were all in time")


def _qpu_seconds(workload: Workload, job: int, cut: str) -> float:
    """Return the seconds that a job takes of the QPUs that take it, on average."""
    return sum(
        sum(workload.qpus[m].seconds(sub.shots, sub.depth) for m in where) / len(where)
        for sub in workload.jobs[job].cuts[cut]
        if (where := workload.eligible(sub))
    )
