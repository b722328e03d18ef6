"""A model, ours or somebody's own, by the models' kit; a task, or a model of another task, by the tasks' kit."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from qfl.config import Settings, Value
from qfl.extend import is_reference
from qfl.models.own_checks import checked_model
from qfl.seeds import stream
from qfl.specs import MODELS, TASKS, models_of
from qfl.tasks.build import build
from qfl.tasks.labelled import classifier_of
from qfl.testing.kits import Check, model, task
from qfl.testing.own.kinds import Case

CLIENTS, SAMPLES = 2, 3
SMALL: Mapping[str, Value] = {
    **{"precision": "double", "clients.count": 3, "train.batch-size": 4, "data.partition": "iid"},
    **{"model.layers": 2, "model.hidden": 4, "data.side": 4, "gnn.layers": 1, "gnn.heads": 2, "gnn.width": 4},
    **{"d2d.pairs": 3, "d2d.samples": 4, "d2d.test-samples": 3, "cell-free.layers": 1, "cell-free.samples": 6},
    **{"cell-free.test-samples": 5, "cell-free.assignment": "algorithm4"},
}
OF_REGIONS: Mapping[str, Value] = {"cell-free.loss": "min_rate", "cell-free.assignment": "extended"}


def checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a model: a classifier's outputs, or the task that it is trained for.

    Raises:
        UserError: If no model can be made.
    """
    features, labels = case.sizes()
    if is_reference(case.name):
        made, samples = classifier_of(case.settings, features, labels), _draws(features).numpy()[0]
        made = checked_model(made, samples, labels, torch.float64, case.name)
        yield from classifier_checks(made, features, labels)
        return
    spec = MODELS[case.name]
    if TASKS[spec.tasks[0]].labels:
        made = spec.make(case.settings, num_features=16 if case.name == "cnn" else features, num_labels=labels)
        yield from classifier_checks(made, 16 if case.name == "cnn" else features, labels)
    else:
        # a region's assignment is decoded: its gradient is straight-through, not the loss's slope
        yield from task.checks(_small(spec.tasks[0], case.name), smooth=spec.client != "region")


def task_checks(case: Case) -> Iterator[Check]:
    """Yield the checks of a task, in a small federation of its first model.

    Raises:
        UserError: If no federation can be made.
    """
    name = case.settings.task
    yield from task.checks(_small(name, next(iter(models_of(name)))))


def classifier_checks(made: Any, features: int, labels: int) -> Iterator[Check]:
    """Yield the checks of a classifier.

    Args:
        made: The model.
        features: Length of a sample.
        labels: Classes.
    """
    yield from model.checks(made, made.logits, (_draws(features),), (SAMPLES, labels))


def _draws(features: int) -> torch.Tensor:
    """Return samples, [client sample feature]."""
    return torch.from_numpy(stream(1, "kit", "inputs").uniform(0.1, 1, (CLIENTS, SAMPLES, features)))


def _small(name: str, trained: str) -> Any:
    """Return a small federation of a task and a model of it; targets are drawn, as no data set of ours has any."""
    flat = {**SMALL, **(OF_REGIONS if MODELS[trained].client == "region" else {}), "task": name, "model.name": trained}
    if TASKS[name].labels != "targets":
        return build(Settings.from_flat(flat))
    with TemporaryDirectory() as folder:
        draw = stream(1, "kit", "targets")
        np.savez(Path(folder) / "x.npz", x=draw.uniform(size=(30, 16)), y=draw.normal(3.0, 2.0, size=(30, 2)))
        return build(Settings.from_flat({**flat, "data.name": "x.npz", "data.root": folder, "data.side": 0}))
