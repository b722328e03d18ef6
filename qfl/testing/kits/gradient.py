"""Gradients against finite differences, along directions."""

from collections.abc import Callable

import torch
from torch import Tensor

from qfl.seeds import stream

STEP = 1e-6
TOLERANCE = 1e-5
DIRECTIONS = 3


def require_slope(value: Callable[[Tensor], Tensor], at: Tensor) -> None:
    """Return if the gradient of a scalar is that of central differences, along a few random directions.

    Args:
        value: Takes a tensor in double precision and returns one number; smooth around ``at``.
        at: Where the gradient is taken.

    Raises:
        AssertionError: If it is not, or is not finite.

    Example:
        >>> require_slope(lambda x: x.sin().sum(), torch.ones(3, dtype=torch.float64))
    """
    point = at.detach().clone().requires_grad_()
    (gradient,) = torch.autograd.grad(value(point), point)
    assert gradient.isfinite().all(), f"{int((~gradient.isfinite()).sum())} entries of the gradient are not finite"
    for number in range(DIRECTIONS):
        way = torch.from_numpy(stream(number, "kit", "direction").standard_normal(tuple(at.shape)))
        way = way / way.norm()
        with torch.no_grad():
            difference = (value(at + STEP * way) - value(at - STEP * way)) / (2 * STEP)
        slope = (gradient * way).sum()
        scale = max(1.0, float(difference.abs()), float(gradient.norm()))
        fault = f"the gradient says {float(slope):.8g}, finite differences {float(difference):.8g}"
        assert (slope - difference).abs() <= TOLERANCE * scale, fault
