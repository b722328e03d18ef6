"""The star engine's two inner loops with their gradients, in pieces that stay in the cache.

Per star and neighbour the forward pass is one product with a 12 x 16 matrix and one affine map of three numbers; the
backward pass recomputes the outer products and keeps only the maps and the states of the chain.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

from qfl.arrays import checked

PAIRS = 8192  # stars times neighbours worked on at once: their outer products take half a megabyte
LEAST_STARS = 128  # fewer would cost more in calls than they save in memory traffic


@checked()
def bloch(angles: Float[Tensor, "head 2 *qubit"]) -> Float[Tensor, "head 3 *qubit"]:
    """Return the Bloch vectors (x, y, z) of RZ(phi) RY(theta) |0>, from angles (theta, phi).

    RY first leaves no feature without effect: RZ on |0> is a global phase.

    Example:
        >>> bloch(torch.tensor([[0.5, 7.0]])).norm()
        tensor(1.)
    """
    return _Bloch.apply(angles)  # type: ignore[return-value]


@checked()
def chain(
    joint: Float[Tensor, "head 12 16"],
    centre: Float[Tensor, "head 3 star"],
    neighbour: Float[Tensor, "head 3 neighbour star"],
    edge: Float[Tensor, "head 3 neighbour star"],
) -> Float[Tensor, "head 3 star"]:
    """Return the centre after all updates, r'_a = sum_c A[a, c] r_c with A = joint (1, edge) x (1, neighbour).

    Args:
        joint: A of all updates at once, from (1, edge) x (1, neighbour) to the affine map, 3 x 4.
        centre: Bloch vectors of the centres.
        neighbour: Bloch vectors of the neighbours, in the order in which they update the centre.
        edge: Bloch vectors of the edge qubits, in the same order.
    """
    return _Chain.apply(joint, centre, neighbour, edge)  # type: ignore[return-value]


class _Chain(torch.autograd.Function):
    """`chain`."""

    @staticmethod
    def forward(ctx: Any, joint: Tensor, centre: Tensor, neighbour: Tensor, edge: Tensor) -> Tensor:
        out = torch.empty_like(centre)
        size = max(LEAST_STARS, PAIRS // edge.shape[2])
        kept: list[Tensor] = []
        for some, near, far, last in zip(
            *(torch.split(part, size, -1) for part in (centre, neighbour, edge, out)), strict=True
        ):
            maps, states = _update_maps(joint, near, far), some.new_empty(edge.shape[2] + 1, *some.shape)
            states[0] = some
            for step in range(edge.shape[2]):
                _update(maps[:, :, :, step], states[step], states[step + 1])
            last.copy_(states[-1])
            kept += [maps, states]
        ctx.save_for_backward(joint, neighbour, edge, *kept)
        return out

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        joint, neighbour, edge, *kept = ctx.saved_tensors
        grads = torch.zeros_like(joint), torch.empty_like(outer[0]), torch.empty_like(neighbour), torch.empty_like(edge)
        size = max(LEAST_STARS, PAIRS // edge.shape[2])
        pieces = (torch.split(part, size, -1) for part in (outer[0], neighbour, edge, *grads[1:]))
        for maps, states, (grad, near, far, *out) in zip(kept[::2], kept[1::2], zip(*pieces, strict=True), strict=True):
            grad_maps = torch.empty_like(maps)
            for step in range(edge.shape[2] - 1, -1, -1):
                grad = _update_back(maps[:, :, :, step], states[step], grad, grad_maps[:, :, :, step])
            out[0].copy_(grad)
            _update_maps_back(joint, near, far, grad_maps, grads[0], out[1], out[2])
        return grads


def _update_maps(joint: Tensor, neighbour: Tensor, edge: Tensor) -> Float[Tensor, "head 3 4 neighbour star"]:
    """Return the affine map of every update."""
    maps = edge.new_empty(len(edge), 12, *edge.shape[2:])
    pairs = _ones(edge[0])
    for own, near, far, out in zip(joint, neighbour, edge, maps, strict=True):
        _outer(far, near, pairs)
        torch.mm(own, pairs.view(16, -1), out=out.view(12, -1))
    return torch.unflatten(maps, 1, (3, 4))


def _update_maps_back(
    joint: Tensor,
    neighbour: Tensor,
    edge: Tensor,
    grad_maps: Tensor,
    grad_joint: Tensor,
    grad_neighbour: Tensor,
    grad_edge: Tensor,
) -> None:
    """Write the gradients of `_update_maps`; that of ``joint`` is added, since all pieces share it."""
    pairs = _ones(edge[0])
    grad_pairs = torch.empty_like(pairs)
    for head, grad in enumerate(grad_maps.flatten(1, 2).flatten(2)):
        _outer(edge[head], neighbour[head], pairs)
        grad_joint[head].addmm_(grad, pairs.view(16, -1).T)
        torch.mm(joint[head].T, grad, out=grad_pairs.view(16, -1))
        _inner(grad_pairs, edge[head], grad_neighbour[head])
        _inner(grad_pairs.transpose(0, 1), neighbour[head], grad_edge[head])


def _update(maps: Float[Tensor, "head 3 4 star"], state: Tensor, out: Tensor) -> None:
    """Write r'_a = sum_c A[a, c] r_c."""
    shift, x, y, z = maps.unbind(2)
    now = state.unsqueeze(2)
    torch.addcmul(shift, x, now[:, 0], out=out)
    out.addcmul_(y, now[:, 1]).addcmul_(z, now[:, 2])


def _update_back(maps: Tensor, state: Tensor, grad: Tensor, grad_maps: Tensor) -> Float[Tensor, "head 3 star"]:
    """Write the gradient of the map and return that of the state before it."""
    grad_maps[:, :, 0] = grad
    torch.mul(grad.unsqueeze(2), state.unsqueeze(1), out=grad_maps[:, :, 1:])
    back = maps[:, 0, 1:] * grad[:, 0:1]
    return back.addcmul_(maps[:, 1, 1:], grad[:, 1:2]).addcmul_(maps[:, 2, 1:], grad[:, 2:3])


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
