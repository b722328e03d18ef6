"""Idle time of QPUs, and how the shots of one sub-circuit are poured into it so that they end as early as possible."""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

ROUNDING_S = 1e-10  # by which a sum of durations may pass the end of an interval

Idle = tuple[float, float]
Timelines = list[list[Idle]]
"""For every QPU its idle intervals, in order; the last has no end."""


class Offer(NamedTuple):
    """An idle interval in which a sub-circuit could be run.

    Args:
        qpu: Position of the QPU.
        start_s: When its set-up could begin.
        first_s: When its first shot could begin.
        end_s: When the interval ends.
        shot_s: Seconds of a shot.
    """

    qpu: int
    start_s: float
    first_s: float
    end_s: float
    shot_s: float

    @property
    def room(self) -> float:
        """How many shots the interval holds."""
        return inf if self.end_s == inf else self.shots_by(self.end_s)

    def shots_by(self, time_s: float) -> int:
        """Return how many shots have ended by a time."""
        return max(0, int((min(time_s, self.end_s) - self.first_s) / self.shot_s + 1e-9))

    def end_of(self, shots: int) -> float:
        """Return when some shots have ended; infinity if the interval is too short."""
        end = self.first_s + shots * self.shot_s
        return end if end <= self.end_s + ROUNDING_S else inf


def offers(idle: Timelines, ready_s: float, qpus: Sequence[tuple[int, float, float]]) -> list[Offer]:
    """Return the idle intervals with room for a shot.

    Args:
        idle: Idle intervals of every QPU.
        ready_s: When the sub-circuit may begin.
        qpus: Those that may run it: position, set-up in seconds, seconds of a shot.
    """
    found = []
    for m, setup_s, shot_s in qpus:
        for a, b in idle[m]:
            start = a if a > ready_s else ready_s
            if start + setup_s + shot_s <= b:
                found.append(Offer(m, start, start + setup_s, b, shot_s))
    return found


def pour(given: list[Offer], shots: int, worth: float) -> list[tuple[Offer, int]]:
    """Return how many shots each offer takes if all are to end as early as possible.

    As water that fills vessels: the level rises to the least time by which the offers together have done all shots. An
    offer whose shots would take less than ``worth`` times its set-up is not opened, and the level is sought anew.

    Args:
        given: What `offers` returned; the last interval of a QPU has no end, so they always suffice.
        shots: How many.
        worth: 0 opens every offer that helps; infinity never splits.

    Example:
        >>> two = [Offer(0, 0.0, 0.5, inf, 0.1), Offer(1, 0.0, 0.0, inf, 0.2)]
        >>> [(offer.qpu, count) for offer, count in pour(two, 10, worth=0.0)]
        [(0, 5), (1, 5)]
    """
    if worth == inf:
        best = min(given, key=lambda offer: offer.end_of(shots))
        return [(best, shots)]
    while True:
        poured = _level(given, shots)
        if worth == 0 or len(poured) == 1:
            return poured
        least, wasted = min(((n * o.shot_s / max(o.first_s - o.start_s, 1e-300), o) for o, n in poured), key=_first)
        rest = [offer for offer in given if offer is not wasted]
        if least >= worth or sum(offer.room for offer in rest) < shots:
            return poured
        given = rest


def take(idle: Timelines, qpu: int, start_s: float, end_s: float) -> None:
    """Take a time out of a QPU's idle intervals.

    Args:
        idle: Idle intervals of every QPU.
        qpu: Position of the QPU.
        start_s: Begin of what is taken, in seconds.
        end_s: Its end, in the same interval.
    """
    intervals = idle[qpu]
    for k, (a, b) in enumerate(intervals):
        if a <= start_s + ROUNDING_S and end_s <= b + ROUNDING_S:
            intervals[k : k + 1] = [piece for piece in ((a, start_s), (end_s, b)) if piece[1] > piece[0]]
            return
    raise AssertionError(f"QPU {qpu} is not idle from {start_s:g} to {end_s:g} s")


def _first(pair: tuple[float, Offer]) -> float:
    return pair[0]


def _level(given: list[Offer], shots: int) -> list[tuple[Offer, int]]:
    """Return the shots of each offer at the least level that holds all, whole numbers."""
    events = [(o.first_s, 1 / o.shot_s) for o in given] + [(o.end_s, -1 / o.shot_s) for o in given if o.end_s < inf]
    time, rate, done = 0.0, 0.0, 0.0
    for at, change in sorted(events):
        if rate > 0 and done + rate * (at - time) >= shots:
            break
        done, time, rate = done + max(rate, 0.0) * (at - time), at, rate + change
    level = time + (shots - done) / rate
    counts = [max(0, int((min(level, o.end_s) - o.first_s) / o.shot_s + 1e-9)) for o in given]  # `shots_by`, inlined
    _hand_out(given, counts, shots - sum(counts))
    return [(o, n) for o, n in zip(given, counts, strict=True) if n]


def _hand_out(given: list[Offer], counts: list[int], left: int) -> None:
    """Give the shots that rounding down left to those that end them first; take back what rounding added."""
    if left > 0:
        ends = [offer.end_of(count + 1) for offer, count in zip(given, counts, strict=True)]
        for _ in range(left):
            k = ends.index(min(ends))
            counts[k] += 1
            ends[k] = given[k].end_of(counts[k] + 1)
    for _ in range(-left):
        k = max((k for k in range(len(given)) if counts[k]), key=lambda k: given[k].end_of(counts[k]))
        counts[k] -= 1
