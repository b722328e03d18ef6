"""Stochastic gradient descent and Adam over one tensor, entry by entry, to the bits of torch.

Why not torch's own: making the first of them imports torch's compiler, two seconds of processor time in every process
that trains, and the compiler is never asked.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


@dataclass
class Sgd:
    """Gradient descent: v <- momentum v + g, which begins as the first g; then x <- x - rate v.

    Args:
        angles: x, which is changed in place; any extents.
        rate: The step size.
        momentum: 0 or more; 0 is plain descent.

    Example:
        >>> x = torch.tensor([1.0, 2.0])
        >>> Sgd(x, rate=0.5).step(torch.tensor([2.0, 0.0]))
        >>> x
        tensor([0., 2.])

    Reference:
        Sutskever, Martens, Dahl and Hinton, On the importance of initialization and momentum in deep learning, 2013;
        unlike there, and as in torch, the velocity is not scaled by the step size.
    """

    angles: Tensor
    rate: float
    momentum: float = 0.0
    velocity: Tensor | None = field(default=None, init=False)

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Make one step against a gradient of the extents of the angles."""
        if self.momentum:
            if self.velocity is None:
                self.velocity = gradient.clone()
            else:
                self.velocity.mul_(self.momentum).add_(gradient)
            gradient = self.velocity
        self.angles.add_(gradient, alpha=-self.rate)


@dataclass
class Adam:
    """Adam with its authors' constants, written as torch computes it.

    Args:
        angles: Which are changed in place; any extents.
        rate: The step size.

    Example:
        >>> x = torch.tensor([1.0, 2.0])
        >>> Adam(x, rate=0.5).step(torch.tensor([2.0, -3.0]))
        >>> x
        tensor([0.5000, 2.5000])

    Reference:
        Kingma and Ba, Adam: A method for stochastic optimization, 2015, Algorithm 1.
    """

    angles: Tensor
    rate: float
    steps: int = field(default=0, init=False)
    first: Tensor = field(init=False)
    second: Tensor = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.second = (torch.zeros_like(self.angles, requires_grad=False) for _ in range(2))

    @torch.no_grad()
    def step(self, gradient: Tensor) -> None:
        """Make one step against a gradient of the extents of the angles."""
        self.steps += 1
        self.first.lerp_(gradient, 1 - BETA1)
        self.second.mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
        spread = self.second.sqrt().div_((1 - BETA2**self.steps) ** 0.5).add_(EPSILON)
        self.angles.addcdiv_(self.first, spread, value=-self.rate / (1 - BETA1**self.steps))
