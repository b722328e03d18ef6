"""From settings to everything a client or the server needs to compute: data, model, task.

Building is cached per process, so that 200 simulated clients share one copy of the data and one compiled circuit.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import torch
from torch import Tensor

from qfl.config import RunSettings, Settings
from qfl.data.dataset import Dataset, FederatedData
from qfl.data.load import load
from qfl.models.cnn import make_cnn
from qfl.models.logistic import make_logistic
from qfl.models.mlp import make_mlp
from qfl.models.model import Model
from qfl.models.vqc import Vqc
from qfl.tasks.classify import Batch, ClassifyTask

NUM_LABELS = 10

MODELS: dict[str, Callable[[Settings, int], Model]] = {
    "vqc": lambda settings, features: Vqc(settings.model, features, NUM_LABELS),
    "logistic": lambda settings, features: make_logistic(features, NUM_LABELS),
    "mlp": lambda settings, features: make_mlp(features, NUM_LABELS, settings.model.hidden),
    "cnn": lambda settings, features: make_cnn(features, NUM_LABELS, settings.model.hidden),
}


@dataclass(frozen=True, eq=False)
class Setup:
    """One federation's settings, data, model and task."""

    settings: Settings
    data: FederatedData
    model: Model
    task: ClassifyTask

    @property
    def dtype(self) -> torch.dtype:
        """The real precision everything is computed and sent in."""
        return torch.float64 if self.settings.precision == "double" else torch.float32

    @cached_property
    def train_inputs(self) -> Tensor:
        """All clients' samples; a client only ever touches its own part."""
        return torch.from_numpy(self.data.train.inputs).to(self.dtype)

    @cached_property
    def train_labels(self) -> Tensor:
        """Labels of `train_inputs`."""
        return torch.from_numpy(self.data.train.labels)

    @cached_property
    def test_batch(self) -> Batch:
        """The full test set."""
        return whole(self.data.test, self.dtype)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what client and server must agree on: the layout of the angles, the model, the training."""
        flat = self.settings.to_flat()
        agreed = {key: value for key, value in flat.items() if key.split(".")[0] in AGREED and key != "data.root"}
        return hashlib.sha256(json.dumps([self.model.layout.digest(), agreed], sort_keys=True).encode()).hexdigest()

    def task_of(self, client: int, round_number: int) -> ClassifyTask:
        """Return the task on the client's own quantum device, with its noise in that round."""
        if self.settings.engine == "exact" or not isinstance(self.model, Vqc):
            return self.task
        from qfl.quantum.devices import on_device
        from qfl.quantum.noise import client_noise

        s = self.settings
        noise = client_noise(s.noise, s.seed, client, round_number)
        device = on_device(s.device.name, s.device.shots, noise, seed=(s.seed, client, round_number))
        return replace(self.task, model=Vqc(s.model, self.data.train.inputs.shape[1], NUM_LABELS, device))


AGREED = {"seed", "precision", "engine", "data", "model", "train", "device", "noise"}


def whole(data: Dataset, dtype: torch.dtype) -> Batch:
    """Return a data set as one batch."""
    labels = torch.from_numpy(data.labels)
    return Batch(torch.from_numpy(data.inputs).to(dtype), labels, torch.ones(len(labels), dtype=dtype))


def build(settings: Settings) -> Setup:
    """Return the setup of a run; where its results go makes no difference to it."""
    return _build(replace(settings, run=RunSettings()))


@lru_cache(maxsize=2)
def _build(settings: Settings) -> Setup:
    if settings.threads:
        torch.set_num_threads(settings.threads)
    data = load(settings.data, settings.clients.count, settings.seed)
    model = MODELS[settings.model.name](settings, data.train.inputs.shape[1])
    if settings.engine == "pennylane" and isinstance(model, Vqc):
        _open_device(settings, model)
    return Setup(settings, data, model, ClassifyTask(model, NUM_LABELS))


def _open_device(settings: Settings, model: Vqc) -> None:
    """Open the device once: what is wrong with it is wrong for all clients, and better said before they start."""
    from qfl.quantum.devices import qnode
    from qfl.quantum.noise import NoiseModel

    noise = NoiseModel(settings.noise.depolarising, settings.noise.readout)
    qnode(model.circuit, settings.device.name, settings.device.shots, noise)
