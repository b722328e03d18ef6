"""Simulated annealing over the order in which a decoder serves jobs: ours, begun at Moore and Hodgson's schedule.

The state is an order of all jobs and how each is placed; the decoder makes a schedule of it, feasible by construction,
and serves first what stands first. What stands before the first change is not decoded anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, inf
from time import perf_counter

import numpy as np

from qfl.backbone.orchestration.bound import LONGEST_S, bound
from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.moore_hodgson import WORTHS, placings_of
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.backbone.orchestration.timeline import Timelines
from qfl.seeds import stream

HOT, COLD = 0.5, 0.01  # temperatures, in jobs
BUSY = 0.05  # what all QPU time up to the last deadline counts, in jobs: of two schedules the shorter is better
MOVES = {"admit": 0.35, "exchange": 0.25, "swap": 0.15, "qpus": 0.15, "worth": 0.05, "cut": 0.05}
PLAIN = {"admit": 0.45, "exchange": 0.3, "swap": 0.2, "worth": 0.05}


@dataclass
class Decoded:
    """A state: the jobs in order, and after each what is idle and what it was given.

    Args:
        placings: Every job once.
        idle: Idle intervals before each job, and after the last.
        fragments: What each job got; None for those that are dropped.
        energy: Less is better.
    """

    placings: list[Placing]
    idle: list[Timelines]
    fragments: list[list[Fragment] | None]
    energy: float


def anneal(
    workload: Workload,
    *,
    cuts: Sequence[str] = ("locc",),
    worths: Sequence[float] = WORTHS,
    steps: int = 1000,
    seconds: float = inf,
    from_scratch: bool = False,
    seed: int = 1,
) -> QuantumSchedule:
    """Return the best schedule that annealing finds, at least as good as Moore and Hodgson's unless from scratch.

    It ends before its steps when the bound is met.

    Args:
        workload: Jobs and QPUs.
        cuts: Ways to cut among which it chooses for every job.
        worths: Seconds of shots, in set-ups, from which a fragment is opened; infinity never splits.
        steps: Moves tried.
        seconds: Wall-clock limit, the bound's search included; a schedule then depends on the machine, so give it only
            where time is short.
        from_scratch: Whether it begins at a random order and puts jobs only behind one another, on any QPUs, as a
            plain decoder does; else at Moore and Hodgson's schedule, with gaps and choices of QPUs.
        seed: Of the moves.
    """
    begin = perf_counter()
    generator = stream(seed, "backbone", "annealing")
    search = _Search(Decoder(workload), tuple(cuts), tuple(worths), generator, PLAIN if from_scratch else MOVES)
    now = best = search.random() if from_scratch else search.start()
    most = bound(workload, cuts, seconds=min(LONGEST_S, seconds / 4))
    cooling = (COLD / HOT) ** (1 / max(steps, 1))
    temperature = HOT
    for _ in range(steps):
        if search.value(best) >= most - 1e-9 or perf_counter() - begin > seconds:
            break
        tried = search.neighbour(now)
        if tried.energy <= now.energy or search.generator.random() < exp((now.energy - tried.energy) / temperature):
            now = tried
            best = min(best, now, key=lambda state: state.energy)
        temperature = temperature * cooling if seconds == inf else by_the_clock(begin, seconds)
    return search.schedule(best)


def by_the_clock(begin: float, seconds: float) -> float:
    """Return the temperature of an annealing that has so many seconds and began at a moment of `perf_counter`."""
    return HOT * (COLD / HOT) ** ((perf_counter() - begin) / seconds)


@dataclass
class _Search:
    decoder: Decoder
    cuts: tuple[str, ...]
    worths: tuple[float, ...]
    generator: np.random.Generator
    moves: Mapping[str, float]

    def __post_init__(self):
        jobs, qpus = self.decoder.workload.jobs, self.decoder.workload.qpus
        self.horizon = max((job.deadline_s for job in jobs), default=1.0) * len(qpus)

    def start(self) -> Decoded:
        """Return the best of Moore and Hodgson's states over cuts and over how readily shots are split."""
        states = [self._decode(placings_of(self.decoder, cut, worth)) for cut in self.cuts for worth in self.worths]
        return min(states, key=lambda state: state.energy)

    def random(self) -> Decoded:
        """Return a random order, every job behind those before it."""
        order = self.generator.permutation(len(self.decoder.workload.jobs))
        return self._decode([Placing(int(job), self.cuts[0], self.worths[0], gaps=False) for job in order])

    def value(self, state: Decoded) -> float:
        return sum(self._weight(p) for p, f in zip(state.placings, state.fragments, strict=True) if f is not None)

    def schedule(self, state: Decoded) -> QuantumSchedule:
        pairs = [(p, f) for p, f in zip(state.placings, state.fragments, strict=True) if f is not None]
        return QuantumSchedule({p.job: p.cut for p, _ in pairs}, tuple(x for _, f in pairs for x in f))

    def neighbour(self, state: Decoded) -> Decoded:
        """Return a state that one move makes of another."""
        placings, served = list(state.placings), [f is not None for f in state.fragments]
        inside, outside = [i for i, s in enumerate(served) if s], [i for i, s in enumerate(served) if not s]
        move = str(self.generator.choice(list(self.moves), p=list(self.moves.values())))
        if move == "admit" and outside:
            i = self._pick(outside)
            placings.insert(int(self.generator.integers(i + 1)), placings.pop(i))
        elif move == "exchange" and inside and outside:
            i, k = self._pick(inside), self._pick(outside)
            placings[i], placings[k] = placings[k], placings[i]
        elif move in ("admit", "exchange", "swap"):
            i, k = self.generator.integers(len(placings), size=2)
            placings[i], placings[k] = placings[k], placings[i]
        else:
            i = int(self.generator.integers(len(placings)))
            placings[i] = self._changed(placings[i], move)
        return self._decode(placings, state)

    def _changed(self, placing: Placing, move: str) -> Placing:
        if move == "worth":
            return replace(placing, worth=self.worths[self.generator.integers(len(self.worths))])
        if move == "cut":
            return replace(placing, cut=self.cuts[self.generator.integers(len(self.cuts))])
        every = (1 << len(self.decoder.workload.qpus)) - 1
        allowed = (placing.allowed & every) ^ (1 << int(self.generator.integers(len(self.decoder.workload.qpus))))
        changed = replace(placing, allowed=allowed)
        return changed if all(self.decoder.rates(changed)) else placing

    def _decode(self, placings: list[Placing], before: Decoded | None = None) -> Decoded:
        same = 0
        if before:
            while same < len(placings) and placings[same] == before.placings[same]:
                same += 1
        idle = before.idle[: same + 1] if before else [self.decoder.empty]
        fragments = before.fragments[:same] if before else []
        for placing in placings[same:]:
            after = list(idle[-1])
            fragments.append(self.decoder.place(after, placing))
            idle.append(after)
        busy = sum(x.end_s - x.start_s for f in fragments if f for x in f)
        value = sum(self._weight(p) for p, f in zip(placings, fragments, strict=True) if f is not None)
        return Decoded(placings, idle, fragments, BUSY * busy / self.horizon - value)

    def _weight(self, placing: Placing) -> float:
        return self.decoder.workload.jobs[placing.job].weight

    def _pick(self, positions: list[int]) -> int:
        return positions[self.generator.integers(len(positions))]
