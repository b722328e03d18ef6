"""How accurate a classifier stays when its inputs are pushed within a small ball: noise, FGSM or PGD."""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from qfl.seeds import stream
from qfl.tasks.adversarial import Ball, pushed
from qfl.tasks.classify import ClassifyTask

Attack = Literal["noise", "fgsm", "pgd"]
ATTACKS: tuple[Attack, ...] = ("noise", "fgsm", "pgd")
"""Anywhere in the ball, by chance; one step up the loss; several, from the sample itself and from random places."""


def robust_accuracy(
    task: ClassifyTask,
    angles: Float[Tensor, " angle"],
    batch: Any,
    ball: Callable[[float], Ball],
    epsilons: Sequence[float],
    *,
    attack: Attack,
    seed: int,
    steps: int = 20,
    restarts: int = 2,
) -> list[float]:
    """Return the share of samples that stay right whatever the attack made of them, for each radius.

    A sample counts as right where it is right as it is and after every try. Noise and PGD try once for each restart,
    and PGD once more from the sample itself; so PGD with more restarts never finds less.

    Args:
        task: The classifier.
        angles: Its trained vector.
        batch: Samples as they are, a `qfl.tasks.classify.Batch`.
        ball: Makes the ball of a radius, such as `qfl.tasks.adversarial.Box`.
        epsilons: Radii, 0 or more.
        attack: One of `ATTACKS`.
        seed: Of random places.
        steps: Of PGD.
        restarts: Random places, 1 or more.

    Example:
        >>> from qfl.config import Settings
        >>> from qfl.tasks.adversarial import Box
        >>> from qfl.tasks.build import build
        >>> own = build(Settings.from_flat({"clients.count": 10, "model.layers": 2}))
        >>> angles = torch.from_numpy(own.model.initial(1)).float()
        >>> clean, small, large = robust_accuracy(
        ...     own.task, angles, own.test_batch, Box, [0.0, 0.05, 0.5], attack="fgsm", seed=1
        ... )
        >>> clean >= small >= large
        True
    """
    found: list[float] = []
    for place, epsilon in enumerate(epsilons):
        right = _right(task, angles, batch)
        if epsilon:
            for draws in _starts(attack, batch, seed, place, restarts):
                made = _made(task, angles, batch, ball(epsilon), attack, steps, draws)
                right = right & _right(task, angles, made)
        found.append(float(right.double().mean()))
    return found


def _right(task: ClassifyTask, angles: Tensor, batch: Any) -> Bool[Tensor, " sample"]:
    with torch.no_grad():
        return task.model.logits(angles, batch.inputs).argmax(-1) == batch.labels


def _starts(attack: Attack, batch: Any, seed: int, place: int, restarts: int) -> list[Tensor | None]:
    """Return the draws of every try; None for a try that starts at the sample."""
    if attack == "fgsm":
        return [None]
    shape = tuple(batch.inputs.shape)
    drawn: list[Tensor | None] = [
        torch.from_numpy(stream(seed, "attack", attack, place, number).uniform(-1, 1, shape)).to(batch.inputs.dtype)
        for number in range(restarts)
    ]
    return drawn if attack == "noise" else [None, *drawn]


def _made(
    task: ClassifyTask, angles: Tensor, batch: Any, ball: Ball, attack: Attack, steps: int, draws: Tensor | None
) -> Any:
    if attack == "noise":
        assert draws is not None
        return batch._replace(inputs=ball.scatter(batch.inputs, draws))
    return pushed(task, angles, batch, ball, 1 if attack == "fgsm" else steps, draws)
