"""Classification: from settings to samples, their shares, a classifier and its task. Regression shares most of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.config import Settings
from qfl.config.data_rules import data_faults
from qfl.data.check import require_directions
from qfl.data.dataset import Dataset, FederatedData
from qfl.data.load import load, sizes
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.models.model import Model
from qfl.models.own_checks import checked_model
from qfl.models.own_model import own_model
from qfl.models.vqc import Vqc
from qfl.quantum.noise import Noise
from qfl.specs import MODELS, TASKS, models_of
from qfl.tasks.classify import Batch, ClassifyTask, Labels
from qfl.tasks.devices import device_tasks
from qfl.tasks.federation import Federation, Task

SMALLEST_IMAGE = 16  # pixels that a convolutional network takes


@dataclass(frozen=True, eq=False)
class LabelledSamples:
    """Training samples and test samples with their labels.

    Args:
        train: All training samples.
        held_out: The full test set.
        dtype: The precision that batches come in.
    """

    train: Dataset
    held_out: Dataset
    dtype: torch.dtype

    @cached_property
    def inputs(self) -> Float[Tensor, "sample feature"]:
        """All training samples as one tensor."""
        return torch.from_numpy(self.train.inputs).to(self.dtype)

    @cached_property
    def labels(self) -> Labels:
        """Labels of `inputs`, or their targets."""
        return labels_of(self.train, self.dtype)

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Batch:
        """Return training samples by index."""
        return Batch(self.inputs[index], self.labels[index], weight)

    def part(self, index: NDArray[np.int64]) -> Batch:
        """Return training samples by index as one batch of nobody's."""
        return Batch(self.inputs[index], self.labels[index], torch.ones(len(index), dtype=self.dtype))

    def test(self) -> Batch:
        """Return the test set as one batch."""
        return whole(self.held_out, self.dtype)


def whole(data: Dataset, dtype: torch.dtype) -> Batch:
    """Return a data set as one batch."""
    return Batch(torch.from_numpy(data.inputs).to(dtype), labels_of(data, dtype), torch.ones(len(data), dtype=dtype))


def labels_of(data: Dataset, dtype: torch.dtype) -> Labels:
    """Return labels as whole numbers, or targets in a precision."""
    labels = torch.from_numpy(data.labels)
    return labels.to(dtype) if labels.is_floating_point() else labels


def build_classify(settings: Settings) -> Federation:
    """Return the federation of classifiers.

    Raises:
        DataError: If the data cannot be read, or hold a blank sample that the model's encoding has no state for.
    """
    data = load(settings.data, settings.clients.count, settings.seed)
    return federation_of(settings, data, partial(ClassifyTask, class_weights=data.class_weights))


def federation_of(settings: Settings, data: FederatedData, task_of: Callable[[Model, int], Task]) -> Federation:
    """Return a federation that trains one model on shared samples.

    Args:
        settings: The run's settings.
        data: The samples, and who holds which.
        task_of: Makes the task from a model and the number of its outputs.

    Raises:
        ConfigError: If the model does not fit the data.
        DataError: If the data hold a blank sample that the model's encoding has no state for.
    """
    kind = TASKS[settings.task].labels or "classes"
    read = sizes(settings.data, settings.seed, kind)
    features, labels = data.train.inputs.shape[1], read.labels
    if faults := data_faults(settings, read.pixels, labels):
        raise ConfigError(faults)
    dtype = torch.float64 if settings.precision == "double" else torch.float32
    model = classifier_of(settings, features, labels)
    if isinstance(model, Vqc) and model.circuit.amplitudes:
        require_directions(data.train, data.test)
    if is_reference(settings.model.name):
        model = checked_model(model, data.train.inputs, labels, dtype, settings.model.name)
    samples = LabelledSamples(data.train, data.test, dtype)
    return Federation(
        settings,
        model,
        task_of(model, labels),
        samples,
        data.parts,
        data.manifest,
        data.train.labels if kind == "classes" else None,
        validation=None if data.validation is None else samples.part(data.validation),
        baselines=_baselines(settings, features, labels),
        **_on_devices(settings, task_of, model, labels, data),
    )


def classifier_of(settings: Settings, num_features: int, num_labels: int) -> Model:
    """Return the model that the settings name, ours or the user's own.

    Args:
        settings: Of the run.
        num_features: Length of a sample.
        num_labels: Number of classes, or of targets.

    Raises:
        ConfigError: If a model of the user's own cannot be made.
    """
    if is_reference(settings.model.name):
        return own_model(settings.model, num_features, num_labels)
    return MODELS[settings.model.name].make(settings, num_features=num_features, num_labels=num_labels)


def _baselines(settings: Settings, features: int, labels: int) -> dict[str, int]:
    return {
        name: len(spec.make(settings, num_features=features, num_labels=labels).layout)
        for name, spec in models_of(settings.task).items()
        if not spec.quantum
        and name != settings.model.name
        and not (name == "cnn" and (settings.data.pca is not None or features < SMALLEST_IMAGE))
    }


def _on_devices(
    settings: Settings, task_of: Callable[[Model, int], Task], model: Model, labels: int, data: FederatedData
) -> dict[str, Any]:
    """Return the task on each client's own device; what is wrong with the device is said before anybody starts."""
    if not isinstance(model, Vqc):
        if settings.engine != "exact":
            raise ConfigError(
                f'engine = "{settings.engine}" runs circuits, and {settings.model.name} is none; give a QNode or a '
                'Circuit, or use engine = "exact"'
            )
        return {}
    if settings.engine == "pool":
        from qfl.tasks.pool import pool_tasks

        tested = len(data.test) + (0 if data.validation is None else len(data.validation))
        held = [len(part) for part in data.parts]
        return pool_tasks(settings, model.circuit, held, tested, lambda execute: task_of(model.on(execute), labels))
    from qfl.quantum.device_mitigation import mitigation_of
    from qfl.quantum.devices import on_device

    def on_noise(noise: Noise, seed: tuple[int, ...]) -> Task:
        device = settings.device
        execute = on_device(device.name, device.shots, noise, seed, mitigation_of(device, noise))
        return task_of(model.on(execute), labels)

    return device_tasks(settings, model.circuit, on_noise)
