"""``qfl bench schedule``: what a schedule costs, and how the cost grows with the number of devices.

Matching + dump + 1-opt on the case study's cell, and 150 blocks of QAOA from a random start, each as the median of
repeats on this machine; the growth is the slope of log seconds over log devices, least squares.
"""

from typing import Any

import numpy as np

from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers.registry import solver
from qfl.studies.bench.measure import summary, take_turns
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw

GROWTH = (500, 1000, 2000, 5000)  # devices, on 20 sub-channels


def bench_schedule(
    repeats: int = 7,
    growth: tuple[int, ...] = GROWTH,
    small: tuple[int, int] = (200, 20),
    large: tuple[int, int] = (2000, 200),
) -> dict[str, Any]:
    """Return matching_ms_200x20, matching_s_2000x200, qaoa_150_blocks_ms and exponent_n, with what they are made of.

    Args:
        repeats: Of each; a third of it for what takes longer.
        growth: Numbers of devices for the exponent.
        small: Devices and sub-channels behind the names that end in 200x20.
        large: The same for 2000x200.

    Example:
        >>> sorted(bench_schedule(repeats=1, growth=(4, 8), small=(4, 2), large=(8, 2)))[0]
        'exponent_n'
    """
    few = max(1, repeats // 3)
    match, quantum = solver("matching_dump_1opt"), solver("qaoa_bcd")
    cell, hall = _problem(*small), _problem(*large)
    times = take_turns({"matching": lambda: match(cell, seed=1), "qaoa": lambda: quantum(cell, seed=1)}, repeats)
    big = take_turns({"matching": lambda: match(hall, seed=1)}, few)["matching"]
    cells = {f"{number}": _problem(number, 20) for number in growth}
    grown = take_turns({name: lambda p=problem: match(p, seed=1) for name, problem in cells.items()}, few)
    grown_s = {name: summary(seconds)["median_s"] for name, seconds in grown.items()}
    return {
        "matching_ms_200x20": 1000 * summary(times["matching"])["median_s"],
        "matching_s_2000x200": summary(big)["median_s"],
        "qaoa_150_blocks_ms": 1000 * summary(times["qaoa"])["median_s"],
        "exponent_n": exponent(grown_s),
        "matching_200x20": summary(times["matching"]),
        "matching_2000x200": summary(big),
        "qaoa_150_blocks": summary(times["qaoa"]),
        "growth_s": grown_s,
    }


def exponent(seconds: dict[str, float]) -> float:
    """Return the slope of log seconds over log devices.

    Example:
        >>> round(exponent({"10": 1.0, "100": 100.0}), 6)
        2.0
    """
    devices = np.log([float(number) for number in seconds])
    return float(np.polyfit(devices, np.log(list(seconds.values())), 1)[0])


def _problem(num_devices: int, num_channels: int) -> Problem:
    return Problem(draw(UplinkScenario(num_devices=num_devices, num_channels=num_channels), 1))
