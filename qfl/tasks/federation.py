"""What a client or the server needs to compute: settings, model, task, samples, and who holds which."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.extend import is_reference
from qfl.metric import Metric
from qfl.own_source import own_digest
from qfl.quantum.client_noise import calibration_digest
from qfl.specs import is_drawn, metric_of


@runtime_checkable
class Trainable(Protocol):
    """What every model is to the federation: entries that are trained and travel, and where they start."""

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries, angles first."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that the first round starts from; the same for the same seed."""
        ...


@runtime_checkable
class Task(Protocol):
    """A pure loss over an angle vector: it remembers nothing, so it runs one client or many at once."""

    def metrics(self, angles: Float[Tensor, "*client angle"], batch: Any) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``loss`` (with gradient) and the figure of merit by its name, averaged over each client's samples."""
        ...

    def evaluate(self, angles: Float[Tensor, " angle"], batch: Any) -> tuple[dict[str, Tensor], list[float]]:
        """Return `metrics` of the central test, and the figure of merit by class (empty where there are none)."""
        ...


@runtime_checkable
class Stepped(Task, Protocol):
    """A task whose every gradient step draws something of its own, such as the neighbours of a node."""

    def at_step(self, round_number: int, step: int, clients: Sequence[int]) -> Task:
        """Return the task of one step.

        Args:
            round_number: From 1.
            step: Of the round, from 0.
            clients: Whose batches it is given, in their order.
        """
        ...


@runtime_checkable
class Predicting(Protocol):
    """A task whose predictions of the central test are kept for the report."""

    def predictions(self, angles: Float[Tensor, " angle"], batch: Any) -> dict[str, Any]:
        """Return, in plain values, what run.json keeps of a test beside its figures."""
        ...


@runtime_checkable
class Samples(Protocol):
    """All clients' samples, and a test set that no client sees; a client only ever takes its own."""

    def take(self, index: Int[Tensor, "client sample"], weight: Float[Tensor, "client sample"]) -> Any:
        """Return a batch: a `NamedTuple` of tensors whose first axes are client and sample; weight 0 is padding."""
        ...

    def test(self) -> Any:
        """Return the full test set as one batch."""
        ...


@runtime_checkable
class Announced(Samples, Protocol):
    """Samples that need something of the server in every round, such as a cell-free network's assignment."""

    def announce(self) -> dict[str, Any]:
        """Return what the server broadcasts, signed with the round's settings: numbers, strings, bytes, or lists."""
        ...

    def receive_broadcast(self, announced: dict[str, Any]) -> Samples:
        """Return the samples as a client has them after a broadcast.

        Raises:
            ValueError: If the broadcast does not hold what it should.
        """
        ...


@runtime_checkable
class Uploading(Samples, Protocol):
    """Samples of which clients tell the server something before the first round, such as access points' channels."""

    def upload(self, client: int) -> dict[str, NDArray]:
        """Return what a client tells the server, arrays by name; made of nothing but what the client holds."""
        ...

    def upload_form(self, client: int) -> dict[str, tuple[str, tuple[int, ...]]]:
        """Return type and shape of each array that a client has to tell, by name."""
        ...

    def receive_uploads(self, uploads: Mapping[int, Mapping[str, NDArray]]) -> Samples:
        """Return the samples as the server has them after uploads; who told nothing is left out.

        Args:
            uploads: Arrays of `upload_form`, by client.
        """
        ...


@dataclass(frozen=True)
class DeviceTest:
    """The central test on a quantum device.

    Args:
        name: The device, its noise and its shots, for people.
        task_of: The task on it, for an angle vector: the same angles draw the same shots.
    """

    name: str
    task_of: Callable[[NDArray], Task]


@dataclass(frozen=True, eq=False)
class Federation:
    """One federation's settings, model, task and samples.

    Args:
        settings: The run's settings.
        model: What is trained.
        task: How well it does.
        samples: What it is trained on.
        parts: Per client, the indices of the samples it holds; no index comes twice.
        manifest: What was shared out and how, in plain values, for run.json.
        labels: Label of every sample, where samples have one.
        baselines: Names and parameter counts of models that could be trained instead.
        on_device: The task on a client's own quantum device in a round; None runs the exact engine everywhere.
        device_test: The central test on a device of the clients' mean noise; None where the exact engine runs.
        validation: What is held out of the clients' shares, as one batch, tested as the test set is; None for nothing.
        pool: The pool on which clients run their circuits, a `qfl.tasks.pool.PoolPlan`; None without one.
    """

    settings: Settings
    model: Trainable
    task: Task
    samples: Samples
    parts: tuple[NDArray[np.int64], ...]
    manifest: dict[str, Any]
    labels: NDArray[np.int64] | None = None
    baselines: dict[str, int] = field(default_factory=dict)
    on_device: Callable[[int, int], Task] | None = None
    device_test: DeviceTest | None = None
    validation: Any = None
    pool: Any = None

    @property
    def dtype(self) -> torch.dtype:
        """The real precision everything is computed and sent in."""
        return torch.float64 if self.settings.precision == "double" else torch.float32

    @property
    def metric(self) -> Metric:
        """The task's figure of merit."""
        return metric_of(self.settings.task)

    @cached_property
    def test_batch(self) -> Any:
        """The full test set."""
        return self.samples.test()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what client and server must agree on: the layout of the angles, the model, the training."""
        flat = self.settings.to_flat()
        agreed = {key: value for key, value in flat.items() if key.split(".")[0] in AGREED and key not in OWN}
        agreed = {key: value for key, value in agreed.items() if not (key.rpartition(".")[2] == "my" and value == "")}
        if not is_drawn(self.settings.data.name):
            del agreed["data.samples"]
        agreed |= {key: value for key, value in flat.items() if key in ALSO and value != ""}
        agreed |= {f"{key} (source)": own_digest(str(value)) for key, value in agreed.items() if is_reference(value)}
        if self.settings.noise.calibration:
            agreed["noise.calibration (source)"] = calibration_digest(self.settings.noise.calibration)
        if self.settings.device.pool:
            from qfl.tasks.pool import pool_digest

            agreed["device.pool (source)"] = pool_digest(self.settings.device.pool)
        return hashlib.sha256(json.dumps([self.model.layout.digest(), agreed], sort_keys=True).encode()).hexdigest()

    def announce(self) -> dict[str, Any]:
        """Return what the server adds to a round's settings; nothing for most tasks."""
        return self.samples.announce() if isinstance(self.samples, Announced) else {}

    def receive_broadcast(self, announced: dict[str, Any]) -> "Federation":
        """Return the federation as a client has it that has verified a round's settings.

        Raises:
            ValueError: If they lack what the samples need.
        """
        return (
            replace(self, samples=self.samples.receive_broadcast(announced))
            if isinstance(self.samples, Announced)
            else self
        )

    def receive_uploads(self, uploads: Mapping[int, Mapping[str, NDArray]]) -> "Federation":
        """Return the federation as the server has it that has verified what clients told of their samples."""
        return (
            replace(self, samples=self.samples.receive_uploads(uploads))
            if isinstance(self.samples, Uploading)
            else self
        )

    def task_of(self, client: int, round_number: int) -> Task:
        """Return the task on the client's own quantum device, with its noise in that round."""
        return self.on_device(client, round_number) if self.on_device else self.task


AGREED = {"task", "my", "seed", "precision", "engine", "data", "d2d", "cell-free", "model", "gnn", "train", "device"}
AGREED |= {"noise"}
ALSO = {"clients.layers"}  # of what clients train, where it says anything
OWN = {"data.root", "noise.calibration", "device.pool"}  # where a host keeps its files is its own affair
