"""What the tests of tracking share: a folder of runs as `qfl run` would have left them."""

import pytest

from qfl.config import Settings
from qfl.results import RunFolder


@pytest.fixture
def add(tmp_path):
    """Return a function that adds a run with these scores, one a round from 0 on, to the folder ``runs``."""

    def make(name, scores=(0.1, 0.5, 0.4), status="completed", created="2026-11-21T08:15:00Z", **flat):
        changed = {key.replace("__", "."): value for key, value in flat.items()}
        settings = Settings.from_flat({"rounds": 2, **changed}).to_flat()
        header = {"settings": settings, "status": status, "created": created, "run_id": "0" * 32, "source": "a" * 64}
        run = RunFolder.create(name, header, path=tmp_path / "runs" / name)
        rows = [
            {
                "round": number,
                "accuracy": score,
                "loss": None if score is None else 2 - score,
                "seconds": {"total": 0.5},
            }
            for number, score in enumerate(scores)
        ]
        run.append("rounds", rows)
        return run

    return make
