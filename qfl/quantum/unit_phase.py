"""e^{ix} with a backward pass of one complex product; that of `torch.polar` works out the slope of the length, too."""

# pyright: reportUnknownMemberType=false
# (torch does not annotate Function.apply)

from typing import Any, cast

import torch
from jaxtyping import Complex, Float
from torch import Tensor


def unit_phase(angle_rad: Float[Tensor, "*batch"]) -> Complex[Tensor, "*batch"]:
    """Return the numbers of length 1 at some angles, in the precision of the angles.

    Args:
        angle_rad: In radians.

    Example:
        >>> unit_phase(torch.tensor([0.0, torch.pi])).real
        tensor([ 1., -1.])
    """
    return cast("Tensor", _UnitPhase.apply(angle_rad))


class _UnitPhase(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, angle: Tensor) -> Tensor:
        value = torch.polar(torch.ones_like(angle), angle)
        ctx.save_for_backward(value)
        return value

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> Tensor:
        (value,) = ctx.saved_tensors
        return (outer[0] * value.conj()).imag
