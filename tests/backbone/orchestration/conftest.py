"""Small pools and jobs."""

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload


@pytest.fixture
def small():
    """Two unequal QPUs, a job of a wire cut (the second side waits) and one of a single circuit."""
    qpus = (Qpu("wide", 20, 100, 1e-3, setup_s=0.1), Qpu("narrow", 8, 50, 2e-3, setup_s=0.05))
    wire = (Subcircuit(8, 20, 300), Subcircuit(12, 30, 200, after=(0,)))
    return Workload(qpus, (Job("wire", 1.0, {"locc": wire}), Job("one", 0.9, {"locc": [Subcircuit(6, 9, 400)]})), 0.01)
