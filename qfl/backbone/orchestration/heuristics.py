"""Rules that look once: earliest deadline first, list scheduling, random, each with admission control or without.

The paper's heuristics are "deadline-aware": a job that would be late is not begun (`admit=True`). Without that, late
jobs keep the QPUs busy for nothing.
"""

from collections.abc import Sequence
from math import inf

import numpy as np

from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.schedule import QuantumSchedule
from qfl.seeds import stream


def greedy(workload: Workload, *, cut: str = "locc", admit: bool = True, seed: int = 1) -> QuantumSchedule:
    """Return the schedule of the earliest deadline first, shots split over all QPUs; the seed is not used.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut.
        admit: Whether a job that would be late is left out.
        seed: Not used.
    """
    placings = [Placing(job, cut, worth=0.0, gaps=False) for job in by_deadline(workload)]
    return in_turn(workload, placings, admit)


def list_scheduling(workload: Workload, *, cut: str = "locc", admit: bool = True, seed: int = 1) -> QuantumSchedule:
    """Return the schedule in the order of submission, each sub-circuit whole on the QPU that ends it first.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut.
        admit: Whether a job that would be late is left out.
        seed: Not used.

    Reference:
        Ferrari and Amoretti, A design framework for the simulation of distributed quantum computing, arXiv:2306.11539.
    """
    return in_turn(workload, [Placing(j, cut, worth=inf, gaps=False) for j in range(len(workload.jobs))], admit)


def random_order(workload: Workload, *, cut: str = "locc", admit: bool = True, seed: int = 1) -> QuantumSchedule:
    """Return the schedule of a random order, each job on random QPUs.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut.
        admit: Whether a job that would be late is left out.
        seed: Of order and QPUs.
    """
    generator, decoder = stream(seed, "backbone", "random"), Decoder(workload)
    placings = [
        Placing(int(job), cut, worth=0.0, allowed=random_qpus(decoder, int(job), cut, generator), gaps=False)
        for job in generator.permutation(len(workload.jobs))
    ]
    return in_turn(workload, placings, admit)


def in_turn(workload: Workload, placings: Sequence[Placing], admit: bool) -> QuantumSchedule:
    """Return the schedule of jobs put one after the other; without admission, late ones take their time, too.

    Args:
        workload: Jobs and QPUs.
        placings: Every job once.
        admit: Whether a job that would be late is left out.
    """
    decoder = Decoder(workload)
    if admit:
        return decoder.schedule(placings)
    idle, cuts, fragments = [intervals[:] for intervals in decoder.empty], {}, []
    for placing in placings:
        placed = decoder.place(idle, placing, deadline=False)
        if placed and max(f.end_s for f in placed) <= workload.jobs[placing.job].last_end_s:
            cuts[placing.job] = placing.cut
            fragments += placed
    return QuantumSchedule(cuts, tuple(fragments))


def by_deadline(workload: Workload) -> list[int]:
    """Return the jobs in the order of their deadlines."""
    return sorted(range(len(workload.jobs)), key=lambda job: workload.jobs[job].deadline_s)


def random_qpus(decoder: Decoder, job: int, cut: str, generator: np.random.Generator) -> int:
    """Return random QPUs, as bits, that together take every sub-circuit of a job; all if the draw does not.

    Args:
        decoder: Of the workload.
        job: Its position.
        cut: The way to cut it.
        generator: Of the draw.
    """
    allowed = int(generator.integers(1, 1 << len(decoder.workload.qpus)))
    return allowed if all(decoder.rates(Placing(job, cut, allowed=allowed))) else -1
