"""The star engine's two inner loops with their gradients, one head at a time so that its arrays stay in the cache.

Per star and neighbour the forward pass is one product with a 12 x 16 matrix and one affine map of three numbers; the
backward pass recomputes the outer products and keeps only the maps and the states of the chain.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor


def bloch(angles: Float[Tensor, "head 2 *qubit"]) -> Float[Tensor, "head 3 *qubit"]:
    """Return the Bloch vectors (x, y, z) of RZ(phi) RY(theta) |0>, from angles (theta, phi).

    RY first leaves no feature without effect: RZ on |0> is a global phase.

    Example:
        >>> bloch(torch.tensor([[0.5, 7.0]])).norm()
        tensor(1.)
    """
    return _Bloch.apply(angles)  # type: ignore[return-value]


def chain(
    joint: Float[Tensor, "head 12 16"],
    centre: Float[Tensor, "head 3 star"],
    neighbour: Float[Tensor, "head 3 neighbour star"],
    edge: Float[Tensor, "head 3 neighbour star"],
) -> Float[Tensor, "head 3 star"]:
    """Return the centre after all updates, r'_a = sum_c A[a, c] r_c with A = joint (1, edge) x (1, neighbour)."""
    return _Chain.apply(joint, centre, neighbour, edge)  # type: ignore[return-value]


class _Chain(torch.autograd.Function):
    """`chain`."""

    @staticmethod
    def forward(
        ctx: Any,
        joint: Float[Tensor, "head 12 16"],
        centre: Float[Tensor, "head 3 star"],
        neighbour: Float[Tensor, "head 3 _ star"],
        edge: Float[Tensor, "head 3 _ star"],
    ) -> Float[Tensor, "head 3 star"]:
        heads, _, steps, stars = edge.shape
        maps = edge.new_empty(heads, 12, steps * stars)
        pairs = _ones(edge[0])
        for head in range(heads):
            _outer(edge[head], neighbour[head], pairs)
            torch.mm(joint[head], pairs.flatten(0, 1).flatten(1), out=maps[head])
        maps = maps.view(heads, 3, 4, steps, stars)
        states = centre.new_empty(steps + 1, *centre.shape)
        states[0] = centre
        for step in range(steps):
            shift, x, y, z = maps[:, :, :, step].unbind(2)
            now = states[step].unsqueeze(2)
            out = torch.addcmul(shift, x, now[:, 0], out=states[step + 1])
            out.addcmul_(y, now[:, 1]).addcmul_(z, now[:, 2])
        ctx.save_for_backward(joint, neighbour, edge, maps, states)
        return states[-1].clone()

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        joint, neighbour, edge, maps, states = ctx.saved_tensors
        grad_maps = torch.empty_like(maps)
        grad = outer[0]
        for step in range(maps.shape[3] - 1, -1, -1):
            grad_maps[:, :, 0, step] = grad
            torch.mul(grad.unsqueeze(2), states[step].unsqueeze(1), out=grad_maps[:, :, 1:, step])
            rows = maps[:, :, 1:, step]
            back = rows[:, 0] * grad[:, 0:1]
            grad = back.addcmul_(rows[:, 1], grad[:, 1:2]).addcmul_(rows[:, 2], grad[:, 2:3])
        grad_joint = torch.empty_like(joint)
        grad_neighbour, grad_edge = torch.empty_like(neighbour), torch.empty_like(edge)
        pairs = _ones(edge[0])
        grad_pairs = torch.empty_like(pairs)
        for head in range(len(edge)):
            flat = grad_maps[head].flatten(0, 1).flatten(1)
            _outer(edge[head], neighbour[head], pairs)
            torch.mm(flat, pairs.flatten(0, 1).flatten(1).T, out=grad_joint[head])
            torch.mm(joint[head].T, flat, out=grad_pairs.flatten(0, 1).flatten(1))
            _inner(grad_pairs, edge[head], grad_neighbour[head])
            _inner(grad_pairs.transpose(0, 1), neighbour[head], grad_edge[head])
        return grad_joint, grad, grad_neighbour, grad_edge


class _Bloch(torch.autograd.Function):
    """`bloch`."""

    @staticmethod
    def forward(ctx: Any, angles: Float[Tensor, "head 2 *star"]) -> Float[Tensor, "head 3 *star"]:
        sin, cos = angles.sin(), angles.cos()
        out = angles.new_empty(len(angles), 3, *angles.shape[2:])
        torch.mul(sin[:, 0], cos[:, 1], out=out[:, 0])
        torch.mul(sin[:, 0], sin[:, 1], out=out[:, 1])
        out[:, 2] = cos[:, 0]
        ctx.save_for_backward(sin, cos, out)
        return out

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> Tensor:
        sin, cos, out = ctx.saved_tensors
        x, y, z = outer[0].unbind(1)
        grad = torch.empty_like(sin)
        along = (x * cos[:, 1]).addcmul_(y, sin[:, 1]).mul_(cos[:, 0])
        torch.addcmul(along, z, sin[:, 0], value=-1, out=grad[:, 0])
        torch.addcmul(y * out[:, 0], x, out[:, 1], value=-1, out=grad[:, 1])
        return grad


def _ones(like: Float[Tensor, "3 _ star"]) -> Float[Tensor, "4 4 _ star"]:
    pairs = like.new_empty(4, 4, *like.shape[1:])
    pairs[0, 0] = 1
    return pairs


def _outer(edge: Tensor, neighbour: Tensor, out: Tensor) -> None:
    """Write (1, edge) x (1, neighbour) into ``out``, whose first cell is one already."""
    out[1:, 0], out[0, 1:] = edge, neighbour
    torch.mul(edge.unsqueeze(1), neighbour.unsqueeze(0), out=out[1:, 1:])


def _inner(grad: Float[Tensor, "4 4 _ star"], first: Tensor, out: Tensor) -> None:
    """Write sum_d (1, first)_d grad[d, 1:] into ``out``."""
    torch.addcmul(grad[0, 1:], grad[1, 1:], first[0], out=out)
    out.addcmul_(grad[2, 1:], first[1]).addcmul_(grad[3, 1:], first[2])
