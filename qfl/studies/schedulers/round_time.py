"""The same devices one after the other: how long a round takes when nobody disturbs anybody."""

import numpy as np

from qfl.results import Row
from qfl.scheduling.bounds import round_time_bound
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers import tdma_lpt
from qfl.wireless.scenario import UplinkScenario
from qfl.wireless.uplink import draw


def measure_round_time(scenario: UplinkScenario, seeds: int, payload_bits: float) -> Row:
    """Return the seconds until every update is in with TDMA list scheduling, and their lower bound, for each seed.

    Example:
        >>> found = measure_round_time(UplinkScenario(num_devices=6, num_channels=2), 2, 1920.0)
        >>> all(bound <= time for bound, time in zip(found["bound_s"], found["tdma_lpt_s"]))
        True
    """
    found: Row = {"tdma_lpt_s": [], "bound_s": []}
    for seed in range(1, seeds + 1):
        problem = Problem(draw(scenario, seed), "round_time", payload_bits=np.full(scenario.num_devices, payload_bits))
        found["tdma_lpt_s"].append(tdma_lpt.solve(problem, seed=seed).value)
        found["bound_s"].append(round_time_bound(problem).value)
    return found
