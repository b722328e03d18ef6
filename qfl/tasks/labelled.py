"""Classification: from settings to images, their shares, a classifier and its task."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.config import Settings
from qfl.config.data_rules import data_faults
from qfl.data.check import require_directions
from qfl.data.dataset import Dataset
from qfl.data.load import load, sizes
from qfl.errors import ConfigError
from qfl.extend import is_reference
from qfl.models.model import Model
from qfl.models.own_checks import checked_model
from qfl.models.own_model import own_model
from qfl.models.vqc import Vqc
from qfl.quantum.noise import NoiseModel
from qfl.specs import MODELS, models_of
from qfl.tasks.classify import Batch, ClassifyTask
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
    def labels(self) -> Int[Tensor, " sample"]:
        """Labels of `inputs`."""
        return torch.from_numpy(self.train.labels)

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
    labels = torch.from_numpy(data.labels)
    return Batch(torch.from_numpy(data.inputs).to(dtype), labels, torch.ones(len(labels), dtype=dtype))


def build_classify(settings: Settings) -> Federation:
    """Return the federation of classifiers.

    Raises:
        DataError: If the data cannot be read, or hold a blank sample that the model's encoding has no state for.
    """
    data = load(settings.data, settings.clients.count, settings.seed)
    read = sizes(settings.data, settings.seed)
    features, labels = data.train.inputs.shape[1], read.labels
    if faults := data_faults(settings, read.pixels, labels):
        raise ConfigError(faults)
    dtype = torch.float64 if settings.precision == "double" else torch.float32
    model = classifier_of(settings, features, labels)
    if isinstance(model, Vqc) and model.circuit.amplitudes:
        require_directions(data.train, data.test)
    if is_reference(settings.model.name):
        model = checked_model(model, data.train.inputs, labels, dtype, settings.model.name)
    task = ClassifyTask(model, labels, data.class_weights)
    samples = LabelledSamples(data.train, data.test, dtype)
    return Federation(
        settings,
        model,
        task,
        samples,
        data.parts,
        data.manifest,
        data.train.labels,
        validation=None if data.validation is None else samples.part(data.validation),
        baselines=_baselines(settings, features, labels),
        **_on_devices(settings, task, model),
    )


def classifier_of(settings: Settings, num_features: int, num_labels: int) -> Model:
    """Return the model that the settings name, ours or the user's own.

    Args:
        settings: Of the run.
        num_features: Length of a sample.
        num_labels: Number of classes.

    Raises:
        ConfigError: If a model of the user's own cannot be made.
    """
    if is_reference(settings.model.name):
        return own_model(settings.model, num_features, num_labels)
    return MODELS[settings.model.name].make(settings, num_features=num_features, num_labels=num_labels)


def _baselines(settings: Settings, features: int, labels: int) -> dict[str, int]:
    return {
        name: len(spec.make(settings, num_features=features, num_labels=labels).layout)
        for name, spec in models_of("classify").items()
        if not spec.quantum
        and name != settings.model.name
        and not (name == "cnn" and (settings.data.pca is not None or features < SMALLEST_IMAGE))
    }


def _on_devices(settings: Settings, task: ClassifyTask, model: Model) -> dict[str, Any]:
    """Return the task on each client's own device; what is wrong with the device is said before anybody starts."""
    if not isinstance(model, Vqc):
        if settings.engine == "pennylane":
            raise ConfigError(
                f'engine = "pennylane" runs circuits, and {settings.model.name} is none; give a QNode or a '
                'Circuit, or use engine = "exact"'
            )
        return {}
    from qfl.quantum.devices import on_device

    def on_noise(noise: NoiseModel, seed: tuple[int, ...]) -> Task:
        execute = on_device(settings.device.name, settings.device.shots, noise, seed=seed)
        return replace(task, model=model.on(execute))

    return device_tasks(settings, model.circuit, on_noise)
