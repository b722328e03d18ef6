"""What runs a model on a client's device has the model's entries: their layout, and where they start."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Generic, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.quantum.mitigation import Mitigation
from qfl.quantum.noise import Noise


@runtime_checkable
class Starting(Protocol):
    """A model, as far as its entries go."""

    @property
    def layout(self) -> AngleLayout:
        """Names and periods of the entries."""
        ...

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the entries that the first round starts from."""
        ...


M = TypeVar("M", bound=Starting)


@dataclass(frozen=True, eq=False)
class DeviceModel(Generic[M]):
    """A model that runs elsewhere than on the exact engine.

    Args:
        model: What runs.
    """

    model: M

    @property
    def layout(self) -> AngleLayout:
        """The model's."""
        return self.model.layout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return the model's initial entries."""
        return self.model.initial(seed)


@dataclass(frozen=True, eq=False)
class ShotModel(DeviceModel[M]):
    """A model on a client's device: every call, such as a gradient step, draws new shots.

    Args:
        model: What runs.
        device: PennyLane's name of the device.
        shots: Shots per expectation value; None is exact.
        noise: Noise of every gate and of the readout.
        path: What the shots are drawn from, such as (seed, client, round).
        mitigation: Errors that are undone; None for none.
        calls: Counts the calls, so that each draws shots of its own.
    """

    device: str
    shots: int | None
    noise: Noise
    path: tuple[int, ...]
    mitigation: Mitigation | None = None
    calls: Iterator[int] = field(default_factory=count, init=False)

    def next_path(self) -> tuple[int, ...]:
        """Return what the shots of one more call are drawn from."""
        return (*self.path, next(self.calls))
