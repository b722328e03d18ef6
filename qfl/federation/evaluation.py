"""The central test of the global angles, on the full test set."""

import torch
from numpy.typing import NDArray

from qfl.federation.rows import Evaluation
from qfl.tasks.setup import Setup


def evaluate(setup: Setup, angles: NDArray) -> Evaluation:
    """Return loss, figure of merit, and the latter by class, of an angle vector on the test set."""
    vector = torch.from_numpy(angles).to(setup.dtype)
    with torch.no_grad():
        found, per_class = setup.task.evaluate(vector, setup.test_batch)
    return Evaluation(float(found["loss"]), float(found[setup.metric.name]), tuple(per_class))
