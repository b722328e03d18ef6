"""How benchmarks measure: the same threads for everybody, turns taken, medians and spread printed."""

import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any


def take_turns(
    contestants: Mapping[str, Callable[[], Any]], repeats: int, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Return seconds of each repeat of each contestant: wall seconds, unless another clock is given.

    Everybody runs once to warm up; then all take turns, so that a machine that slows down slows all of them down.

    Args:
        contestants: What is timed, by name.
        repeats: Timed turns of each, after one that is not.
        clock: Returns seconds.

    Example:
        >>> sorted(take_turns({"a": lambda: 1, "b": lambda: 2}, repeats=3))
        ['a', 'b']
    """
    for run in contestants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(repeats):
        for name, run in contestants.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return seconds


def summary(seconds: list[float]) -> dict[str, float]:
    """Return median, least and greatest seconds.

    Example:
        >>> summary([3.0, 1.0, 2.0])
        {'median_s': 2.0, 'min_s': 1.0, 'max_s': 3.0}
    """
    return {"median_s": statistics.median(seconds), "min_s": min(seconds), "max_s": max(seconds)}


def ratio(slow: list[float], fast: list[float]) -> float:
    """Return how many times longer the slow one takes, median over median.

    Example:
        >>> ratio([10.0, 12.0, 11.0], [1.0, 1.1, 2.0])
        10.0
    """
    return statistics.median(slow) / statistics.median(fast)
