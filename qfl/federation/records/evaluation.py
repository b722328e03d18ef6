"""The central test of the global angles, on the full test set.

A run on a device is scored on that device, so that its figures are those of what was trained; beside them stand those
of the exact engine, which has neither noise nor shots.
"""

from dataclasses import replace

import torch
from numpy.typing import NDArray

from qfl.federation.records.rows import Evaluation
from qfl.surroundings import own_arithmetic
from qfl.tasks.federation import Federation, Task


def evaluate(federation: Federation, angles: NDArray) -> Evaluation:
    """Return loss, figure of merit, and the latter by class, of an angle vector on the test set.

    On a device's run they are the device's, and the exact engine's come along; the same angles give the same numbers,
    shots included.
    """
    exact = _score(federation, federation.task, angles)
    if federation.device_test is None:
        return exact
    own = _score(federation, federation.device_test.task_of(angles), angles)
    return replace(own, scored_on=federation.device_test.name, exact=exact)


def _score(federation: Federation, task: Task, angles: NDArray) -> Evaluation:
    vector = torch.from_numpy(angles).to(federation.dtype)
    with own_arithmetic(), torch.no_grad():
        found, per_class = task.evaluate(vector, federation.test_batch)
    return Evaluation(float(found["loss"]), float(found[federation.metric.name]), tuple(per_class))
