"""Run a program on a batch of states and measure it; undo it in the backward pass.

Every operation is unitary, so the backward pass recomputes each state from the next one instead of storing it:
with psi' = U psi and lambda the gradient with respect to the state,

    psi = U^dag psi',    lambda = U^dag lambda',    dL/dU = lambda' psi^dag,

and memory does not grow with depth. It starts from the measurement, whose observables are diagonal with entries s:

    <s> = sum_z s(z) |psi(z)|^2,    lambda(z) = 2 s(z) psi(z) dL/d<s>.

Clients are run in chunks that stay in the processor's cache; a chunk's arithmetic does not depend on the others.
"""

from collections.abc import Sequence
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from qfl.quantum.program import Diagonal, Gather, Matmul, Program

CHUNK_BYTES = 1 << 19  # states of a chunk: they and their gradient fit a core's second-level cache

States = Shaped[Tensor, "client state sample"]


def evolve(program: Program, states: States, matrices: dict[int, Tensor], phases: Sequence[Tensor]) -> States:
    """Return the states after the program, with gradients for states, matrices and phases.

    Args:
        program: From `compile_circuit`.
        states: Initial states, real or complex.
        matrices: Block matrices by block size, [client block front front].
        phases: One factor per `Diagonal` of the program, [client|1 state sample|1].
    """
    return _run(program, None, states, matrices, phases)


def evolve_and_measure(
    program: Program,
    signs: Float[Tensor, "observable state"],
    states: States,
    matrices: dict[int, Tensor],
    phases: Sequence[Tensor],
) -> Float[Tensor, "client observable sample"]:
    """Return the expectation values of diagonal observables after the program, as `evolve` does the states."""
    return _run(program, signs, states, matrices, phases)


def measure(signs: Float[Tensor, "observable state"], states: States) -> Float[Tensor, "client observable sample"]:
    """Return the expectation values of diagonal observables."""
    if not states.is_complex():
        return signs @ states.square()
    # real and imaginary parts as neighbouring samples: one product, then a sum over pairs of a small result
    squares = torch.view_as_real(states).flatten(2).square()
    return (signs @ squares).unflatten(2, (-1, 2)).sum(3)


def _run(program: Program, signs: Tensor | None, states: Tensor, matrices: dict[int, Tensor], phases: Sequence[Tensor]):
    sizes = sorted(matrices)
    return _Evolve.apply(program, sizes, signs, states, *(matrices[size] for size in sizes), *phases)


class _Evolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, program: Program, sizes: list[int], signs: Tensor | None, states: Tensor, *tensors: Tensor):
        final, measured = torch.empty_like(states), []
        for part in _chunks(states):
            final[part] = _forward(program, states[part], *_split(tensors, sizes, part))
            if signs is not None:
                measured.append(measure(signs, final[part]))
        ctx.program, ctx.sizes, ctx.signs = program, sizes, signs
        ctx.save_for_backward(final, *tensors)
        return final if signs is None else torch.cat(measured)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        (grad,) = outer
        final, *tensors = ctx.saved_tensors
        num_matrices = len(ctx.sizes)  # every matrix is written once; phases that clients share are added up
        grads = [
            (torch.empty_like if place < num_matrices else torch.zeros_like)(tensor) if need else None
            for place, (tensor, need) in enumerate(zip(tensors, ctx.needs_input_grad[4:], strict=True))
        ]
        initial = torch.empty_like(final) if ctx.needs_input_grad[3] else None
        for part in _chunks(final):
            psi, own = final[part], _split(tensors, ctx.sizes, part)
            lam = grad[part] if ctx.signs is None else psi * (2 * ctx.signs.mT @ grad[part])
            lam = _backward(ctx.program, psi, lam.contiguous(), own, _split(grads, ctx.sizes, part))
            if initial is not None:
                initial[part] = lam
        return None, None, None, initial, *grads


def _chunks(states: Tensor) -> list[slice]:
    """Return slices over clients whose states fit the cache together."""
    size = states[0].numel() * states.element_size()
    step = max(1, CHUNK_BYTES // size)
    return [slice(first, first + step) for first in range(0, len(states), step)]


def _split(tensors: Sequence[Any], sizes: list[int], part: slice) -> tuple[dict[int, Any], list[Any]]:
    """Return a chunk's matrices by size, and its phases (one that all clients share stays whole)."""
    own = [tensor if tensor is None or len(tensor) == 1 else tensor[part] for tensor in tensors]
    return dict(zip(sizes, own, strict=False)), own[len(sizes) :]


def _forward(program: Program, psi: Tensor, matrices: dict[int, Tensor], phases: list[Tensor]) -> Tensor:
    remaining = iter(phases)
    for operation in program.operations:
        match operation:
            case Matmul(size, slot):
                psi = torch.bmm(matrices[size][:, slot], _front(psi, size)).view_as(psi)
            case Gather():
                psi = psi.index_select(1, operation.index)
            case Diagonal():
                psi = psi * next(remaining)
    return psi


def _backward(
    program: Program,
    psi: Tensor,
    lam: Tensor,
    tensors: tuple[dict[int, Tensor], list[Tensor]],
    grads: tuple[dict[int, Tensor | None], list[Tensor | None]],
) -> Tensor:
    """Undo the program on psi and lambda, adding to the gradients; return lambda at the start."""
    (matrices, phases), (matrix_grads, phase_grads) = tensors, grads
    remaining = len(phases)
    for operation in reversed(program.operations):
        match operation:
            case Matmul(size, slot):
                undo, grad = matrices[size][:, slot].mH, matrix_grads[size]
                psi, after = torch.bmm(undo, _front(psi, size)), _front(lam, size)
                if grad is not None:
                    grad[:, slot] = torch.bmm(after, psi.mH)
                psi, lam = psi.view_as(lam), torch.bmm(undo, after).view_as(lam)
            case Gather():
                psi, lam = psi.index_select(1, operation.inverse), lam.index_select(1, operation.inverse)
            case Diagonal():
                remaining -= 1
                undo, grad = phases[remaining].conj(), phase_grads[remaining]
                psi = psi * undo
                if grad is not None:
                    grad += (lam * psi.conj()).sum_to_size(grad.shape)
                lam = lam * undo
    return lam


def _front(states: Tensor, size: int) -> Tensor:
    return states.view(len(states), 2**size, -1)
