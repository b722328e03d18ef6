r"""Adversarial inputs: samples that are pushed up the loss within a small ball, by one step (FGSM) or several (PGD).

Two balls. `Box` lets every feature change by at most :math:`\varepsilon`. `Cap` is for amplitude encoding, where a
sample is a state: it turns the state by a chord of at most :math:`\varepsilon` and keeps its norm, so that what comes
out is a state again.

Reference:
    Goodfellow, Shlens and Szegedy, Explaining and Harnessing Adversarial Examples, 2014, arXiv:1412.6572, Section 4
    (FGSM); Madry et al., Towards Deep Learning Models Resistant to Adversarial Attacks, 2017, arXiv:1706.06083,
    Section 2.1 (PGD, and training on what it finds); Lu, Duan and Deng, Quantum Adversarial Machine Learning, 2019,
    arXiv:2001.00030, for both against circuits. Unlike there, a perturbed state stays real.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.config import Settings
from qfl.seeds import stream
from qfl.tasks.classify import Batch
from qfl.tasks.federation import Task

Inputs = Float[Tensor, "*client sample feature"]
LONGEST_WALK = 2.5  # times the radius, all steps of PGD together, as Madry et al. have it


@runtime_checkable
class Ball(Protocol):
    """What an attacker may make of a sample."""

    @property
    def epsilon(self) -> float:
        """The ball's radius."""
        ...

    def move(self, inputs: Inputs, slope: Inputs, origin: Inputs, length: float) -> Inputs:
        """Return inputs after a step up the slope, within the ball around their origin.

        Args:
            inputs: As they are.
            slope: Of the loss.
            origin: The samples they came from.
            length: Of the step.
        """
        ...

    def scatter(self, origin: Inputs, draws: Inputs) -> Inputs:
        """Return inputs anywhere in the ball, from numbers that are uniform in [-1, 1]."""
        ...


@dataclass(frozen=True, eq=False)
class Box:
    r"""Every feature may change by :math:`\varepsilon`, and stays in its range: the :math:`l_\infty` ball.

    Args:
        epsilon: Largest change of a feature, in its own unit, 0 or more.
        low: Least value of a feature.
        high: Largest.

    Example:
        >>> box, x = Box(0.25), torch.tensor([[0.0, 0.5, 0.9]])
        >>> box.move(x, torch.tensor([[-1.0, -1.0, 1.0]]), x, 0.25)
        tensor([[0.0000, 0.2500, 1.0000]])
    """

    epsilon: float
    low: float | Tensor = 0.0
    high: float | Tensor = 1.0

    def move(self, inputs: Inputs, slope: Inputs, origin: Inputs, length: float) -> Inputs:
        """Return inputs after a step of ``length`` in every feature, along the sign of its slope.

        Args:
            inputs: As they are.
            slope: Of the loss.
            origin: The samples they came from.
            length: Of the step.
        """
        least, most = (torch.as_tensor(end) for end in (self.low, self.high))
        near = torch.maximum(inputs + length * slope.sign(), (origin - self.epsilon).clamp(min=least))
        return torch.minimum(near, (origin + self.epsilon).clamp(max=most))

    def scatter(self, origin: Inputs, draws: Inputs) -> Inputs:
        """Return inputs uniform in the ball."""
        return (origin + self.epsilon * draws).clamp(min=torch.as_tensor(self.low), max=torch.as_tensor(self.high))


@dataclass(frozen=True, eq=False)
class Cap:
    r"""A sample's direction may turn, its norm stays: unit states at most :math:`\varepsilon` apart.

    Two real unit states :math:`u, v` at a chord :math:`|u - v| = \varepsilon` have fidelity
    :math:`(1 - \varepsilon^2 / 2)^2`.

    Args:
        epsilon: Longest chord, 0 to 2.

    Example:
        >>> cap, x = Cap(0.5), torch.tensor([[3.0, 0.0]])
        >>> moved = cap.move(x, torch.tensor([[5.0, 1.0]]), x, 0.5)
        >>> round(float(moved.norm()), 5), round(float((moved - x).norm()), 5)  # the norm is 3: a chord of 3 x 0.5
        (3.0, 1.5)
    """

    epsilon: float

    def move(self, inputs: Inputs, slope: Inputs, origin: Inputs, length: float) -> Inputs:
        """Return inputs turned by a chord of ``length`` up the slope, then back to the cap where they left it.

        Args:
            inputs: As they are.
            slope: Of the loss.
            origin: The samples they came from.
            length: Of the step.
        """
        norm = origin.norm(dim=-1, keepdim=True)
        there = _turned(inputs / norm, slope, _angle(length))
        centre = origin / norm
        apart = torch.acos((there * centre).sum(-1, keepdim=True).clamp(-1, 1))
        limit = _angle(self.epsilon)
        return norm * torch.where(apart > limit, _turned(centre, there, limit), there)

    def scatter(self, origin: Inputs, draws: Inputs) -> Inputs:
        """Return inputs at a random place of the cap's rim."""
        return self.move(origin, draws, origin, self.epsilon)


def _angle(chord: float) -> float:
    return 2 * float(np.arcsin(min(chord, 2.0) / 2))


def _turned(state: Inputs, towards: Inputs, angle: float) -> Inputs:
    """Return unit vectors turned by an angle towards others; those at which these point stay."""
    tangent = towards - (towards * state).sum(-1, keepdim=True) * state
    length = tangent.norm(dim=-1, keepdim=True)
    tangent = torch.where(length > 0, tangent / length.clamp(min=1e-30), torch.zeros_like(tangent))
    turned = np.cos(angle) * state + np.sin(angle) * tangent
    return torch.where(length > 0, turned, state)


def pushed(
    task: Task,
    angles: Float[Tensor, "*client angle"],
    batch: Batch,
    ball: Ball,
    steps: int = 1,
    draws: Inputs | None = None,
) -> Batch:
    """Return the batch with inputs that the model finds hard: FGSM for one step, PGD for more.

    Args:
        task: Whose loss goes up.
        angles: Of the model that is attacked, of one client or of several.
        batch: Samples as they are.
        ball: What may become of them.
        steps: Steps of the attack; one is as long as the ball's radius, several go 2.5 radii together.
        draws: Uniform in [-1, 1], shaped as the inputs: where to start in the ball; None starts at the sample.
    """
    origin, fixed = batch.inputs, angles.detach()
    inputs = origin if draws is None else ball.scatter(origin, draws)
    length = ball.epsilon * min(1.0, LONGEST_WALK / steps)
    for _ in range(steps):
        leaf = inputs.detach().requires_grad_()
        loss = task.metrics(fixed, batch._replace(inputs=leaf))["loss"].sum()
        (slope,) = torch.autograd.grad(loss, leaf)
        inputs = ball.move(inputs, slope, origin, length)
    return batch._replace(inputs=inputs.detach())


def hardened(
    settings: Settings,
    task: Task,
    angles: Float[Tensor, "client angle"],
    batch: Any,
    round_number: int,
    step: int,
    clients: Sequence[int],
) -> Any:
    """Return what clients train on: the batch as it is, or what ``train.adversarial`` makes of it.

    PGD starts at a random place, which depends on seed, round, client and step alone. Features stay between the least
    and the largest of the client's own batch; for pixels that is 0 to 1.

    Args:
        settings: The run's.
        task: The clients'.
        angles: Of the clients as they are before the step.
        batch: The step's samples, of every client: a `Batch` where there is ``train.adversarial``, and any task's where
            there is none.
        round_number: From 1.
        step: From 0.
        clients: Partition ids.
    """
    train = settings.train
    if not train.adversarial:
        return batch
    low, high = (end(batch.inputs, dim=(-2, -1), keepdim=True) for end in (torch.amin, torch.amax))
    draws = [
        stream(settings.seed, "adversarial", round_number, client, step).uniform(-1, 1, batch.inputs.shape[1:])
        for client in clients
    ]
    start = torch.from_numpy(np.stack(draws)).to(batch.inputs.dtype)
    return pushed(task, angles, batch, Box(train.adversarial, low, high), train.adversarial_steps, start)
