"""One small trained run for all tests of model files."""

from pathlib import Path

import pytest

from qfl.config import Settings
from qfl.federation.runtime.launch import run_app
from qfl.results import RunFolder

ROOT = Path(__file__).resolve().parents[2]
SMALL = {
    "rounds": 2,
    "threads": 1,
    "clients.count": 10,
    "model.layers": 2,
    "train.local-steps": 1,
    "security.algorithm": "ML-DSA-44",
}
D2D = SMALL | {"task": "d2d", "model.name": "gcn", "clients.count": 2, "d2d.pairs": 3, "d2d.samples": 8}
D2D |= {"d2d.test-samples": 4, "gnn.layers": 1, "gnn.width": 4}


def trained(folder: Path, flat: dict) -> RunFolder:
    return run_app(Settings.from_flat(flat | {"run.folder": str(folder)}), ROOT, lambda row: None)


@pytest.fixture(scope="session")
def digits(tmp_path_factory) -> RunFolder:
    """A classifier of digits."""
    return trained(tmp_path_factory.mktemp("trained") / "digits", SMALL)


@pytest.fixture(scope="session")
def powers(tmp_path_factory) -> RunFolder:
    """A power control of three pairs."""
    return trained(tmp_path_factory.mktemp("trained") / "powers", D2D)
