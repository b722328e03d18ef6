"""A trained model on a test set: that of the run that trained it, or that which another run file names."""

from dataclasses import replace
from typing import Any

import torch

from qfl.config import Settings
from qfl.config.references import references
from qfl.data.dataset import Dataset
from qfl.data.load import read_test
from qfl.errors import ConfigError
from qfl.specs import TASKS
from qfl.surroundings import own_arithmetic
from qfl.tasks.build import build
from qfl.tasks.d2d import D2dTask
from qfl.tasks.federation import Task
from qfl.trained.model import TrainedModel
from qfl.trained.own_files import SAMPLES, require_same_files
from qfl.trained.power_control import PowerControl


def evaluate_on(model: TrainedModel, settings: Settings | None = None) -> dict[str, Any]:
    """Return a model's figures on a test set, by the exact engine.

    Args:
        model: From `load_model`.
        settings: Whose test set it is; None takes that of the run that trained the model, and so gives the figures of
            its report.

    Raises:
        UserError: If the data cannot be read or drawn, or do not fit the model.
    """
    if settings is None:
        _require_own_samples(model)
    own = settings is None or _same_scenario(model.settings, settings)
    settings = model.settings if settings is None else settings
    if TASKS[settings.task].labels:
        test = images_of(model, settings)
        return model.evaluate(test.inputs, test.labels)
    _require_same_task(model, settings)
    federation = build(model.settings if own else replace(settings, model=model.settings.model, gnn=model.settings.gnn))
    task: Task = federation.task
    if isinstance(model.predictor, PowerControl):  # with the features that it was trained for
        task = D2dTask(model.predictor.model)
    elif not own:
        raise ConfigError("a cell-free model is scored on the network that it was trained for; leave --dataset out")
    with own_arithmetic(), torch.no_grad():
        found, _ = task.evaluate(torch.from_numpy(model.angles), _in(federation.test_batch, model))
    return {name: float(value) for name, value in found.items()}


def images_of(model: TrainedModel, settings: Settings | None = None) -> Dataset:
    """Return raw test samples of a run with their labels or targets, for a classifier or regression.

    Args:
        model: From `load_model`.
        settings: Whose; None takes those of the run that trained the model.

    Raises:
        UserError: If the data cannot be read, or a task has no data set.
    """
    if settings is None:
        _require_own_samples(model)
    settings = model.settings if settings is None else settings
    _require_same_task(model, settings)
    labels = TASKS[settings.task].labels
    if not labels:
        raise ConfigError(f"task = {settings.task!r} has no images; give the samples as an .npz file of x")
    return read_test(settings.data, settings.seed, labels)


def _require_own_samples(model: TrainedModel) -> None:
    """Refuse to call what a model file names as its data, unless it is the user's own, as it was in training.

    Where no function gives the samples, nothing of the user's is called: how clients shared them is not asked here.
    """
    if model.signed_by and not _shared_alone(model.settings):
        require_same_files(model.settings, model.provenance.get("own") or {}, "the model's test set", SAMPLES)


def _shared_alone(settings: Settings) -> bool:
    """Return whether data have one object of the user's own, that which shares them among clients."""
    named = [key for key in references(settings) if key.startswith(SAMPLES)]
    return named == ["data.partition"]


def _require_same_task(model: TrainedModel, settings: Settings) -> None:
    if settings.task != model.settings.task:
        raise ConfigError(
            f"the data are of task = {settings.task!r}, but the model was trained for {model.settings.task!r}; "
            "give data of its own task"
        )


def _same_scenario(one: Settings, other: Settings) -> bool:
    return all(getattr(one, part) == getattr(other, part) for part in ("task", "seed", "d2d", "cell_free", "clients"))


def _in(batch: Any, model: TrainedModel) -> Any:
    """Return a test batch of D2D channels in the model's precision; others are in it."""
    dtype = torch.from_numpy(model.angles).dtype
    if not isinstance(model.predictor, PowerControl):
        return batch
    return batch._replace(snr=batch.snr.to(dtype), alpha=batch.alpha.to(dtype), weight=batch.weight.to(dtype))
