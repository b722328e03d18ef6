"""Stars whose updates commute: U_UPD turns the centre about Z, by how much is up to the neighbour, and its edge.

With p_j the chance that neighbour j turns the centre, and t the angle of the turn, an update of the form
``conditional``, ``gated`` or ``cartan_gated`` (`qfl.quantum.blocks`), or one unitary of the last two, is, exactly,

    x + i y <- (x + i y) (1 - p_j + p_j exp(i t)),     z <- z,

so a chain of k is one product of k complex numbers, in whatever order; and p_j is bilinear in the Bloch vectors of edge
and neighbour: the expectation value of a projector, carried back through all that meets the two before. That is the
general engine's answer (`qfl.quantum.star_chain`) at a fraction of its cost: one functional per neighbour instead of
twelve.

``conditional`` projects the neighbour alone on |1>, whatever its edge: half of all states on both qubits, on average
over all messages, so that a weak neighbour cannot be silent for every message unless the edge alone decides. ``gated``
projects edge and neighbour on |11>, one state in four; an edge in |0> silences its neighbour. ``cartan_gated`` is
``cartan`` on edge and neighbour, and ``gated``.
"""

from typing import Any, cast

import torch
from jaxtyping import Complex, Float
from torch import Tensor

from qfl.quantum.blocks import BLOCKS, gate_unitary
from qfl.quantum.circuit import Angle, Gate
from qfl.quantum.convolution import Convolution
from qfl.quantum.star import pauli_coefficients

ROTATION = Gate("Rot", (1,), (Angle(0), Angle(1), Angle(2)))
COMMUTING = ("conditional", "gated", "cartan_gated")
"""Last forms, of U_UPD or of the one unitary, that `chances_and_turns` knows; the form before does not matter."""


def commutes(convolution: Convolution) -> bool:
    """Say whether a star is a product of turns in whatever order.

    Example:
        >>> commutes(Convolution("cartan", "gated")), commutes(Convolution("cartan", "cartan"))
        (True, False)
    """
    return convolution.forms[-1] in COMMUTING


def chances_and_turns(
    convolution: Convolution, angles: Float[Tensor, "*head angle"]
) -> tuple[Float[Tensor, "*head 4 4"], Float[Tensor, "*head"]]:
    """Return w[d, e] with p = sum_de w[d, e] (1, edge)_d (1, neighbour)_e, and the angle of the turn.

    Args:
        convolution: One that `commutes`.
        angles: Those of U_MSG, then those of U_UPD, or those of the one unitary.
    """
    # everything on edge and neighbour before the turn, whichever block it belongs to
    before = _identity(angles)
    *messages, last = torch.split(angles, [block.num_angles for block in convolution.blocks], -1)
    for block, part in zip(convolution.blocks[:-1], messages, strict=True):
        before = block.unitary(part) @ before
    form = convolution.forms[-1]
    if form == "cartan_gated":
        pair = BLOCKS["cartan"]
        before, last = pair.unitary(last[..., : pair.num_angles]) @ before, last[..., pair.num_angles :]
    if form == "conditional":
        found, turn = (gate_unitary(ROTATION, last) @ before)[..., 1::2, :], last[..., 3]
    else:
        found, turn = before[..., 3:, :], 2 * last[..., 0]
    return pauli_coefficients(found.mH @ found), turn


def _identity(angles: Float[Tensor, "*head angle"]) -> Complex[Tensor, "*head 4 4"]:
    dtype = torch.complex64 if angles.dtype == torch.float32 else torch.complex128
    return torch.eye(4, dtype=dtype).expand(*angles.shape[:-1], 4, 4)


def turn(
    centre: Float[Tensor, "head 3 star"], chance: Float[Tensor, "head neighbour star"], angle: Float[Tensor, " head"]
) -> Float[Tensor, "head 3 star"]:
    """Return the centres after all their conditional turns.

    Args:
        centre: Bloch vectors.
        chance: Of each neighbour, to be found in |1>.
        angle: Of the controlled rotation.

    Example:
        >>> up = torch.tensor([[[1.0], [0.0], [0.0]]])  # |+>
        >>> round(float(turn(up, torch.ones(1, 1, 1), torch.tensor([torch.pi]))[0, 0]), 6)
        -1.0
    """
    less = 1 - torch.polar(torch.ones_like(angle), angle)  # 1 - exp(i t)
    product = cast("Tensor", _Product.apply(1 - less[:, None, None] * chance))  # pyright: ignore[reportUnknownMemberType]
    turned = torch.complex(centre[:, 0], centre[:, 1]) * product
    return torch.stack((turned.real, turned.imag, centre[:, 2]), 1)


class _Product(torch.autograd.Function):
    """The product over the neighbours; its gradient needs no division, so that factors may be zero."""

    @staticmethod
    def forward(ctx: Any, factor: Complex[Tensor, "head neighbour star"]) -> Complex[Tensor, "head star"]:
        before = torch.empty_like(factor)
        before[:, 0] = 1
        for step in range(1, factor.shape[1]):
            torch.mul(before[:, step - 1], factor[:, step - 1], out=before[:, step])
        ctx.save_for_backward(factor, before)
        return before[:, -1] * factor[:, -1]

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> Tensor:
        factor, before = ctx.saved_tensors
        grad = torch.empty_like(factor)
        after = outer[0]
        for step in range(factor.shape[1] - 1, -1, -1):
            torch.mul(after, before[:, step].conj().resolve_conj(), out=grad[:, step])
            after = after * factor[:, step].conj()
        return grad
