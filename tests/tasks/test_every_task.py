"""Every task with every model passes the kit that is shipped to those who write a task (`qfl.testing.kits.task`)."""

import numpy as np
import pytest

from qfl.config import Settings
from qfl.seeds import stream
from qfl.specs import MODELS
from qfl.tasks.build import build
from qfl.testing.kits import run
from qfl.testing.kits.task import checks

SMALL = {"precision": "double", "clients.count": 3, "train.batch-size": 4, "gnn.layers": 1, "gnn.heads": 2}
KINDS = {
    "classify": {"model.layers": 2, "model.hidden": 4, "data.side": 4, "data.partition": "iid"},
    "regress": {"model.layers": 2, "model.hidden": 4, "data.name": "waves.npz", "data.partition": "dirichlet"},
    "d2d": {"d2d.pairs": 3, "d2d.samples": 4, "d2d.test-samples": 3, "gnn.width": 4},
    "access point": {"cell-free.layers": 1, "cell-free.samples": 6, "cell-free.test-samples": 5}
    | {"cell-free.assignment": "algorithm4"},
    "region": {"cell-free.samples": 5, "cell-free.test-samples": 4, "cell-free.loss": "min_rate", "gnn.width": 4},
}


@pytest.mark.parametrize(("task", "name"), [(task, name) for name, spec in MODELS.items() for task in spec.tasks])
def test_every_task_conforms(task, name, tmp_path):
    draw, spec = stream(1, "every task"), MODELS[name]
    np.savez(tmp_path / "waves.npz", x=draw.uniform(size=(30, 16)), y=draw.normal(3.0, 2.0, size=(30, 2)))
    own = {"task": task, "model.name": name} | ({"data.root": str(tmp_path)} if task == "regress" else {})
    federation = build(Settings.from_flat(SMALL | KINDS[spec.client or task] | own))
    # a region's assignment is decoded: its gradient is straight-through, not the loss's slope
    assert run(checks(federation, smooth=spec.client != "region")) == []
