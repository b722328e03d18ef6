"""Classification: from settings to images, their shares, a classifier and its task."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import angle_digest
from qfl.config import Settings
from qfl.data.check import require_directions
from qfl.data.dataset import Dataset
from qfl.data.idx import LABELS
from qfl.data.load import load
from qfl.models.vqc import Vqc
from qfl.specs import MODELS, models_of
from qfl.tasks.classify import Batch, ClassifyTask
from qfl.tasks.federation import DeviceTest, Federation, Task

NUM_LABELS = LABELS
NO_CLIENT = -1  # whose shots the central test draws
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
    if settings.model.name == "vqc" and settings.model.encoding == "amplitude":
        require_directions(data.train, data.test)
    features = data.train.inputs.shape[1]
    model = MODELS[settings.model.name].make(settings, num_features=features, num_labels=NUM_LABELS)
    task = ClassifyTask(model, NUM_LABELS)
    samples = LabelledSamples(data.train, data.test, torch.float64 if settings.precision == "double" else torch.float32)
    return Federation(
        settings,
        model,
        task,
        samples,
        data.parts,
        data.manifest,
        data.train.labels,
        _baselines(settings, features),
        _on_device(settings, task, model, features) if isinstance(model, Vqc) else None,
        _device_test(settings, task, features) if settings.engine == "pennylane" else None,
    )


def _baselines(settings: Settings, features: int) -> dict[str, int]:
    return {
        name: len(spec.make(settings, num_features=features, num_labels=NUM_LABELS).layout)
        for name, spec in models_of("classify").items()
        if not spec.quantum
        and name != settings.model.name
        and not (name == "cnn" and (settings.data.pca is not None or features < SMALLEST_IMAGE))
    }


def _on_device(settings: Settings, task: ClassifyTask, model: Vqc, features: int) -> Callable[[int, int], Task] | None:
    """Return the task on each client's own device; what is wrong with the device is said before anybody starts."""
    if settings.engine == "exact":
        return None
    from qfl.quantum.devices import on_device, qnode
    from qfl.quantum.noise import NoiseModel, client_noise

    s = settings
    qnode(model.circuit, s.device.name, s.device.shots, NoiseModel(s.noise.depolarising, s.noise.readout))

    def task_of(client: int, round_number: int) -> Task:
        noise = client_noise(s.noise, s.seed, client, round_number)
        device = on_device(s.device.name, s.device.shots, noise, seed=(s.seed, client, round_number))
        return replace(task, model=Vqc(s.model, features, NUM_LABELS, device))

    return task_of


def _device_test(settings: Settings, task: ClassifyTask, features: int) -> DeviceTest:
    """Return the central test on a device whose noise is the mean over clients."""
    from qfl.quantum.devices import on_device
    from qfl.quantum.noise import NoiseModel

    device, noise = settings.device, NoiseModel(settings.noise.depolarising, settings.noise.readout)

    def task_of(angles: NDArray) -> Task:
        seed = (settings.seed, NO_CLIENT, int(angle_digest(angles)[:8], 16))
        return replace(
            task,
            model=Vqc(settings.model, features, NUM_LABELS, on_device(device.name, device.shots, noise, seed=seed)),
        )

    parts = [f"{noise.depolarising:g} depolarising"] if noise.depolarising else []
    parts += [f"{noise.readout:g} readout error"] if noise.readout else []
    parts += [f"{device.shots} shots"] if device.shots is not None else []
    name = "default.mixed" if noise else device.name
    return DeviceTest(f"{name} ({', '.join(parts)})" if parts else name, task_of)
