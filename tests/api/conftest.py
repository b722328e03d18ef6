"""What the tests of the Python face share: a run of a second, in a folder that is no checkout."""

import pytest


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Return the tables of a small run; the working directory is empty."""
    monkeypatch.chdir(tmp_path)
    return {
        "rounds": 2,
        "threads": 1,
        "clients": {"count": 10},
        "model": {"layers": 1},
        "train": {"local_steps": 1},
        "security": {"algorithm": "ML-DSA-44"},
    }
