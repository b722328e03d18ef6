"""What the command line's tests share: a run small enough to be done in a second or two."""

from pathlib import Path

import pytest

import qfl

SMALL = """
rounds = 3
threads = 1
clients.count = 10
model.layers = 2
train.local-steps = 1
security.algorithm = "ML-DSA-44"
"""


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Return a small run file; the working directory is its folder, which is no checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(qfl.__file__).parent.parent))  # for commands in processes of their own
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path
