"""Whole rounds: the first one never counts, and both sides are the same but for backend and engine."""

import time
from pathlib import Path

from qfl.federation.runtime.timing import timed
from qfl.studies.bench import round as rounds


class Run:
    """Stand in for a run folder: as many seconds as the round's number, times what the backend takes."""

    def __init__(self, settings):
        self.slow = 10.0 if settings.backend == "ray" else 1.0
        self.last = settings.rounds

    def rounds(self):
        return [{"round": number, "seconds": {"total": self.slow * number}} for number in range(self.last + 1)]


def test_the_ratio_is_of_the_medians_without_the_first_round(monkeypatch):
    seen = []

    def run_app(settings, app, show):
        seen.append((settings, app))
        run = Run(settings)
        for row in run.rounds():
            with timed("train"):
                time.sleep(0.01)
            show(row | {"seconds": {"train": 0.02, "total": 0.02}})
            time.sleep(0.01)
        return run

    monkeypatch.setattr(rounds, "run_app", run_app)
    monkeypatch.setattr(rounds, "signature_floor", lambda algorithm, clients: {"together": clients / 100})
    result = rounds.bench_round(Path("checkout"), rounds=4)
    assert result["vectorised_exact"] == {"median_s": 3.0, "min_s": 2.0, "max_s": 4.0}  # rounds 2, 3 and 4
    assert result["ratio_ray_pennylane"] == 10 and result["rounds"] == 3
    assert 0 < result["share_training"] < 1 and result["parts_s"]["train"] >= 0.01
    assert result["processor_s"]["signatures"] == {"together": 2.0} and result["processor_s"]["round"] >= 0
    (ours, here), (theirs, there) = seen
    assert here == there == Path("checkout")
    differ = {key for key, value in ours.to_flat().items() if theirs.to_flat()[key] != value}
    assert differ == {"backend", "engine", "run.folder"}
