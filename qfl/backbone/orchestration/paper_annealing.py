"""Simulated annealing as the paper states it: on the schedule itself, fragments and their starts.

Section IV-A: "a simulated-annealing metaheuristic that generates feasible neighbours by admitting a previously dropped
job, swapping an admitted job for a dropped one, or performing local moves on shot splits and start times, accepting
moves under a Metropolis rule with an exponential cooling schedule". Temperatures, number of moves, their shares and the
first schedule are not stated; they are ours, as is that of two schedules that serve as many the one with earlier ends
is better (without it the local moves have no direction).
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import exp, inf
from time import perf_counter

import numpy as np

from qfl.backbone.orchestration.annealing import COLD, HOT, by_the_clock
from qfl.backbone.orchestration.decoder import Decoder, Placing, Rates
from qfl.backbone.orchestration.heuristics import by_deadline
from qfl.backbone.orchestration.jobs import Workload
from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule
from qfl.backbone.orchestration.timeline import Idle, Offer, Timelines, offers, pour
from qfl.seeds import stream

WORTHS = (0.0, 1.0, 3.0)  # seconds of shots, in set-ups, from which a fragment is opened
EARLY = 0.05  # what ending at once instead of at the deadline counts, in jobs, on average over the admitted
MOVES = (("admit", 0.4), ("exchange", 0.3), ("split", 0.15), ("start", 0.15))
UP_TO = tuple(accumulate(share for _, share in MOVES[:-1]))

State = Mapping[int, list[Fragment]]
"""The fragments of each admitted job."""


def paper_annealing(
    workload: Workload,
    *,
    cut: str = "locc",
    split: bool = True,
    steps: int = 3000,
    seconds: float = inf,
    seed: int = 1,
) -> QuantumSchedule:
    """Return the best schedule found.

    Args:
        workload: Jobs and QPUs.
        cut: How every circuit is cut; ``"lo"`` is the paper's baseline "w/o LOCC awareness".
        split: Whether the shots of a sub-circuit may be split; False is its "w/o shot distribution".
        steps: Moves tried.
        seconds: Wall-clock limit; a schedule then depends on the machine.
        seed: Of the moves.
    """
    begin = perf_counter()
    walk = _Walk(Decoder(workload), cut, split, stream(seed, "backbone", "paper annealing"))
    now: State = walk.start()
    best, energy = now, walk.energy(now)
    least, temperature, cooling = energy, HOT, (COLD / HOT) ** (1 / max(steps, 1))
    for _ in range(steps):
        if perf_counter() - begin > seconds:
            break
        if (tried := walk.neighbour(now)) is not None:
            reached = walk.energy(tried)
            if reached <= energy or walk.generator.random() < exp((energy - reached) / temperature):
                now, energy = tried, reached
                if energy < least:
                    best, least = now, energy
        temperature = temperature * cooling if seconds == inf else by_the_clock(begin, seconds)
    return QuantumSchedule(dict.fromkeys(best, cut), tuple(f for fragments in best.values() for f in fragments))


@dataclass
class _Walk:
    decoder: Decoder
    cut: str
    split: bool
    generator: np.random.Generator

    def start(self) -> State:
        """Return the schedule of the earliest deadline first, which is the greedy baseline's where shots are split."""
        worth, idle = (0.0 if self.split else inf), [intervals[:] for intervals in self.decoder.empty]
        placed = {j: self.decoder.place(idle, Placing(j, self.cut, worth)) for j in by_deadline(self.decoder.workload)}
        return {job: fragments for job, fragments in placed.items() if fragments is not None}

    def energy(self, state: State) -> float:
        jobs = self.decoder.workload.jobs
        late = [max(f.end_s for f in fragments) / jobs[job].last_end_s for job, fragments in state.items()]
        return EARLY * sum(late) / max(1, len(jobs)) - sum(jobs[job].weight for job in state)

    def neighbour(self, state: State) -> State | None:
        """Return a feasible neighbour, or None where the move that was drawn has none."""
        outside = [j for j in range(len(self.decoder.workload.jobs)) if j not in state]
        move = MOVES[bisect_right(UP_TO, self.generator.random())][0]
        if move == "admit":
            return self._admitted(state, self._pick(outside)) if outside else None
        if not state:
            return None
        job = self._pick(list(state))
        if move == "exchange":
            rest = {j: fragments for j, fragments in state.items() if j != job}
            return self._admitted(rest, self._pick(outside)) if outside else None
        return self._resplit(state, job) if move == "split" and self.split else self._restarted(state, job)

    def _admitted(self, state: State, job: int) -> State | None:
        worth = self._worth() if self.split else inf
        placed = self.decoder.place(self._idle(state), Placing(job, self.cut, worth))
        return None if placed is None else {**state, job: placed}

    def _resplit(self, state: State, job: int) -> State | None:
        """Split the shots of one sub-circuit anew, over random QPUs that take it."""
        old = state[job][self.generator.integers(len(state[job]))]
        rest = [f for f in state[job] if f.subcircuit != old.subcircuit]
        ready, limit = self._window(state, old)
        chosen = [rate for rate in self._rates(old) if self.generator.random() < 0.5]
        if not chosen:
            return None
        given = offers(self._idle({**state, job: rest}), ready, chosen)
        shots = self.decoder.workload.jobs[job].cuts[self.cut][old.subcircuit].shots
        new = [_fragment(offer, old, n) for offer, n in pour(given, shots, self._worth())]
        return {**state, job: [*rest, *new]} if max(f.end_s for f in new) <= limit else None

    def _restarted(self, state: State, job: int) -> State | None:
        """Let one fragment begin at another time, on any QPU that takes it."""
        old = state[job][self.generator.integers(len(state[job]))]
        rest = [f for f in state[job] if f is not old]
        ready, limit = self._window(state, old)
        idle = offers(self._idle({**state, job: rest}), ready, self._rates(old))
        given = [offer for offer in idle if offer.end_of(old.shots) <= limit]
        if not given:
            return None
        return {**state, job: [*rest, _fragment(given[self.generator.integers(len(given))], old, old.shots)]}

    def _rates(self, old: Fragment) -> Rates:
        return self.decoder.rates(Placing(old.job, self.cut))[old.subcircuit]

    def _window(self, state: State, old: Fragment) -> tuple[float, float]:
        workload = self.decoder.workload
        job = workload.jobs[old.job]
        subs, latency = job.cuts[self.cut], workload.latency_s
        needed = [f.end_s + latency for f in state[old.job] if f.subcircuit in subs[old.subcircuit].after]
        needing = [f.start_s - latency for f in state[old.job] if old.subcircuit in subs[f.subcircuit].after]
        return max([job.release_s, *needed]), min([job.last_end_s, *needing])

    def _idle(self, state: State) -> Timelines:
        """Return what is idle beside the fragments."""
        busy: Timelines = [[] for _ in self.decoder.workload.qpus]
        for fragments in state.values():
            for fragment in fragments:
                busy[fragment.qpu].append((fragment.start_s, fragment.end_s))
        return [_idle_beside(sorted(busy[m]), qpu.free_s) for m, qpu in enumerate(self.decoder.workload.qpus)]

    def _worth(self) -> float:
        return WORTHS[self.generator.integers(len(WORTHS))]

    def _pick(self, choices: list[int]) -> int:
        return choices[self.generator.integers(len(choices))]


def _idle_beside(busy: list[Idle], free_s: float) -> list[Idle]:
    ends = [free_s, *(end for _, end in busy)]
    starts = [*(start for start, _ in busy), inf]
    return [(a, b) for a, b in zip(ends, starts, strict=True) if b > a]


def _fragment(offer: Offer, old: Fragment, shots: int) -> Fragment:
    return Fragment(offer.start_s, offer.end_of(shots), offer.qpu, old.job, old.subcircuit, shots)
