"""Central training: all samples in one place, Adam on batches, a curve of train and test values.

It is what a federation is compared with, and how tables of papers are measured. After every epoch the caller is given
everything that is needed to go on from there, so that a kill loses one epoch.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qfl.seeds import stream
from qfl.step_size import step_factor

Loss = Callable[[Tensor, Tensor, int], Tensor]
"""Angles, indices of samples and the number of the step, from 1, to the samples' mean loss."""


@dataclass(frozen=True)
class CentralTraining:
    """How to train.

    Args:
        epochs: Passes over the training samples.
        batch_size: Samples per step.
        learning_rate: Adam's largest step size.
        schedule: Of the step size over all steps; see `qfl.step_size.step_factor`.
        max_gradient: Longest gradient; longer ones are shortened. Rates have rare, steep places.
        beta2: Decay of Adam's second moment.
    """

    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 5e-3
    schedule: str = "one-cycle"
    max_gradient: float = 50.0
    beta2: float = 0.98


class State(NamedTuple):
    """Where training stands after an epoch.

    Args:
        epoch: Epochs done.
        angles: The trained vector.
        moments: Adam's first and second moments.
        seconds: Of training so far.
    """

    epoch: int
    angles: NDArray
    moments: NDArray
    seconds: float

    def arrays(self) -> dict[str, NDArray]:
        """Return what a checkpoint holds."""
        return {"angles": self.angles, "moments": self.moments}


class Epoch(NamedTuple):
    """One epoch's mean loss, measured while training, and the state after it."""

    loss: float
    state: State


def train_centrally(
    loss: Loss,
    num_samples: int,
    start: NDArray | State,
    settings: CentralTraining,
    *,
    seed: int,
    dtype: torch.dtype = torch.float32,
) -> Iterator[Epoch]:
    """Yield after every epoch; breaking off is stopping early.

    Args:
        loss: The mean loss of some samples.
        num_samples: How many there are.
        start: The initial vector, or the state to go on from, with the same result as without the interruption.
        settings: How to train.
        seed: Of the order of the samples.
        dtype: Precision.

    Example:
        >>> def loss(angles, index, step): return ((angles - 1.0) ** 2).mean()
        >>> *_, last = train_centrally(loss, 8, np.zeros(2), CentralTraining(50, 4, 0.1), seed=1)
        >>> last.loss < 1e-2
        True
    """
    state = start if isinstance(start, State) else State(0, start, np.zeros((2, len(start))), 0.0)
    angles = torch.from_numpy(np.array(state.angles)).to(dtype).requires_grad_()
    steps = -(-num_samples // settings.batch_size)
    optimizer = _adam(angles, state, steps, settings)
    for epoch in range(state.epoch + 1, settings.epochs + 1):
        began, total = time.perf_counter(), 0.0
        order = torch.from_numpy(stream(seed, "central-order", epoch).permutation(num_samples))
        for number, index in enumerate(order.split(settings.batch_size), (epoch - 1) * steps + 1):
            factor = step_factor(settings.schedule, number, settings.epochs * steps)
            optimizer.param_groups[0]["lr"] = settings.learning_rate * factor
            value = loss(angles, index, number)
            (angles.grad,) = torch.autograd.grad(value, angles)
            torch.nn.utils.clip_grad_norm_([angles], settings.max_gradient)
            optimizer.step()
            total += value.item() * len(index)
        seconds = state.seconds + time.perf_counter() - began
        state = State(epoch, angles.detach().numpy().copy(), _moments(optimizer, angles), seconds)
        yield Epoch(total / num_samples, state)


def _adam(angles: Tensor, state: State, steps: int, settings: CentralTraining) -> torch.optim.Adam:
    optimizer = torch.optim.Adam([angles], lr=settings.learning_rate, betas=(0.9, settings.beta2))
    if state.epoch:
        first, second = (torch.from_numpy(np.array(part)).to(angles.dtype) for part in state.moments)
        step = torch.tensor(float(state.epoch * steps))
        optimizer.state[angles] = {"step": step, "exp_avg": first, "exp_avg_sq": second}
    return optimizer


def _moments(optimizer: torch.optim.Adam, angles: Tensor) -> NDArray:
    own: Mapping[str, Any] = optimizer.state[angles]
    return torch.stack((own["exp_avg"], own["exp_avg_sq"])).numpy().copy()
