"""The central test of the global angles, on the full test set.

A run on a device is scored on that device, so that its figures are those of what was trained; beside them stand those
of the exact engine, which has neither noise nor shots.
"""

from dataclasses import replace

import torch
from numpy.typing import NDArray

from qfl.federation.records.rows import Evaluation
from qfl.surroundings import own_arithmetic
from qfl.tasks.setup import Setup, Task


def evaluate(setup: Setup, angles: NDArray) -> Evaluation:
    """Return loss, figure of merit, and the latter by class, of an angle vector on the test set.

    On a device's run they are the device's, and the exact engine's come along; the same angles give the same numbers,
    shots included.
    """
    exact = _score(setup, setup.task, angles)
    if setup.device_test is None:
        return exact
    own = _score(setup, setup.device_test.task_of(angles), angles)
    return replace(own, scored_on=setup.device_test.name, exact=exact)


def _score(setup: Setup, task: Task, angles: NDArray) -> Evaluation:
    vector = torch.from_numpy(angles).to(setup.dtype)
    with own_arithmetic(), torch.no_grad():
        found, per_class = task.evaluate(vector, setup.test_batch)
    return Evaluation(float(found["loss"]), float(found[setup.metric.name]), tuple(per_class))
