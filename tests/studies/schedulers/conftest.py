"""Rows as `qfl.studies.schedulers.run` writes them, and a comparison small enough for a test."""

import pytest

from qfl.studies.schedulers.settings import ComparisonSettings
from qfl.wireless.scenario import UplinkScenario

QUICK = ("random", "random_sca_power", "best_gain_wmmse", "greedy", "matching_dump_1opt")


@pytest.fixture
def quick():
    """Return 20 devices on 4 sub-channels, 2 seeds, and methods that take milliseconds."""
    return ComparisonSettings(UplinkScenario(num_devices=20, num_channels=4), panel=QUICK, seeds=2, small_seeds=1)


@pytest.fixture
def make_row():
    """Return what makes a row with a trace through (evaluations, seconds, value)."""

    def make(method, seed, trace, *, bound=100e6, settled=(1, 10, 0.1), round_time_s=2.0, case="main"):
        return {
            "case": case,
            "seed": seed,
            "method": method,
            "start": "random",
            "value": trace[-1][2],
            "bound": bound,
            "tight": False,
            "iterations": len(trace) - 1,
            "evaluations": trace[-1][0],
            "seconds": trace[-1][1],
            "status": "finished",
            "settled": list(settled),
            "jain": 0.5,
            "participants": 3,
            "round_time_s": round_time_s,
            "energy_j": 1.0,
            "rates": [1e3, 1e6],
            "trace": [[index, *point] for index, point in enumerate(trace)],
        }

    return make
