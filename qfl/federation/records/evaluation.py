"""The central test of the global angles, on the full test set.

A run on a device is scored on that device, so that its figures are those of what was trained; beside them stand those
of the exact engine, which has neither noise nor shots.
"""

from dataclasses import replace
from typing import Any

import torch
from numpy.typing import NDArray

from qfl.federation.records.rows import Evaluation
from qfl.quantum.shot_count import counted
from qfl.surroundings import own_arithmetic
from qfl.tasks.federation import Federation, Predicting, Task


def evaluate(federation: Federation, angles: NDArray) -> Evaluation:
    """Return loss, figure of merit, and the latter by class, of an angle vector on the test set.

    Samples that are held out for validation are scored by the same task, beside the test set.
    On a device's run they are the device's, and the exact engine's come along; the same angles give the same numbers,
    shots included.
    """
    exact = _score(federation, federation.task, angles, federation.test_batch)
    if federation.device_test is None:
        return _validated(federation, federation.task, angles, exact)
    with counted() as spent:
        task = federation.device_test.task_of(angles)
        own = _score(federation, task, angles, federation.test_batch)
        found = _validated(federation, task, angles, replace(own, scored_on=federation.device_test.name, exact=exact))
    return replace(found, shots=spent.shots, extra_shots=spent.extra)


def predictions(federation: Federation, angles: NDArray) -> dict[str, Any] | None:
    """Return what a run keeps of the predictions of its test set, by what scored it; None where it keeps nothing."""
    task = federation.task if federation.device_test is None else federation.device_test.task_of(angles)
    if not isinstance(task, Predicting):
        return None
    with own_arithmetic(), torch.no_grad():
        return task.predictions(torch.from_numpy(angles).to(federation.dtype), federation.test_batch)


def _validated(federation: Federation, task: Task, angles: NDArray, tested: Evaluation) -> Evaluation:
    """Return an evaluation with that of the held-out samples beside it, where there are any."""
    if federation.validation is None:
        return tested
    return replace(tested, validation=_score(federation, task, angles, federation.validation))


def _score(federation: Federation, task: Task, angles: NDArray, batch: Any) -> Evaluation:
    vector = torch.from_numpy(angles).to(federation.dtype)
    with own_arithmetic(), torch.no_grad():
        found, per_class = task.evaluate(vector, batch)
    return Evaluation(float(found["loss"]), float(found[federation.metric.name]), tuple(per_class))
