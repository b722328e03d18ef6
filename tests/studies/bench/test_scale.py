"""Each size is measured in a process of its own; what a run takes grows little with clients that are not asked."""

import subprocess
from pathlib import Path

import pytest

from qfl.errors import RoundFailed
from qfl.studies.bench.scale import bench_scale

ROOT = Path(__file__).parents[3]


def test_two_sizes_are_measured_and_hardly_differ():
    found = bench_scale(ROOT, clients=(50, 200), asked=4, rounds=3, samples=5)
    assert list(found["sizes"]) == ["50", "200"]
    largest = found["sizes"]["200"]
    assert (found["peak_mib"], found["startup_s"]) == (largest["peak_mib"], largest["startup_s"])
    assert found["seconds_per_round"] == largest["round"]["median_s"] > 0 and largest["first_round_s"] > 0
    assert 100 < found["peak_mib"] < 2048 and 0 < found["startup_s"]
    assert abs(found["exponent_clients"]["memory"]) < 0.1
    assert found["rounds"] == 2 and found["signed"] == "ML-DSA-65"


def test_a_run_that_fails_says_why(monkeypatch):
    ended = subprocess.CompletedProcess([], 2, "", "clients.count = 0: expected at least 1")
    monkeypatch.setattr(subprocess, "run", lambda *words, **options: ended)
    with pytest.raises(RoundFailed, match=r"the run of 7 clients failed: clients\.count = 0"):
        bench_scale(ROOT, clients=(7,))
