"""Run a program on a batch of states and measure it; undo it in the backward pass.

Every operation is unitary, so the backward pass recomputes each state from the next one instead of storing it:
with psi' = U psi and lambda the gradient with respect to the state,

    psi = U^dag psi',    lambda = U^dag lambda',    dL/dU = lambda' psi^dag,

and memory does not grow with depth. (The code carries mu, the complex conjugate of lambda, so that the large factors
of mu = U^T mu' and conj(dL/dU) = mu' psi^T need no conjugation.) It starts from the measurement, whose observables are
diagonal with entries s:

    <s> = sum_z s(z) |psi(z)|^2,    lambda(z) = 2 s(z) psi(z) dL/d<s>.

Clients are run in chunks that stay in the processor's cache; a chunk's arithmetic does not depend on the others.

Reference:
    Jones and Gacon, "Efficient calculation of gradients in classical simulations of variational quantum algorithms",
    2020, arXiv:2009.02823, for undoing gates on state and adjoint. The chunks and the products of blocks are ours.
"""

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from qfl.errors import InputError
from qfl.quantum.program import Constant, Diagonal, Gather, Matmul, Program

CHUNK_BYTES = 1 << 19  # states of a chunk: they and their gradient fit a core's second-level cache

States = Shaped[Tensor, "client state sample"]
Factors = Sequence[Shaped[Tensor, "client _ sample"]]


def evolve(program: Program, factors: Factors, matrices: dict[int, Tensor], phases: Sequence[Tensor]) -> States:
    """Return the states after the program, with gradients for every tensor.

    Args:
        program: From `compile_circuit`.
        factors: The initial states, or two factors whose product they are, first wires first; real or complex.
        matrices: Block matrices by block size, [client block front front].
        phases: One factor per `Diagonal` of the program, [client|1 state sample|1].
    """
    return _run(program, None, factors, matrices, phases)


def evolve_and_measure(
    program: Program,
    signs: Float[Tensor, "observable state"],
    factors: Factors,
    matrices: dict[int, Tensor],
    phases: Sequence[Tensor],
) -> Float[Tensor, "client observable sample"]:
    """Return the expectation values of diagonal observables after the program, as `evolve` does the states.

    Args:
        program: From `compile_circuit`.
        signs: Eigenvalue of every observable at every basis state.
        factors: The initial states, or two factors whose product they are, first wires first; real or complex.
        matrices: Block matrices by block size, [client block front front].
        phases: One factor per `Diagonal` of the program, [client|1 state sample|1].
    """
    return _run(program, signs, factors, matrices, phases)


def measure(signs: Float[Tensor, "observable state"], states: States) -> Float[Tensor, "client observable sample"]:
    """Return the expectation values of diagonal observables."""
    if not states.is_complex():
        return signs @ states.square()
    # real and imaginary parts as neighbouring samples: one product, then a sum over pairs of a small result
    squares = torch.view_as_real(states).flatten(2).square()
    return torch.unflatten(signs @ squares, 2, (-1, 2)).sum(3)


def _run(
    program: Program, signs: Tensor | None, factors: Factors, matrices: dict[int, Tensor], phases: Sequence[Tensor]
) -> Tensor:
    sizes = sorted(matrices)
    operands = (*(matrices[size] for size in sizes), *phases)
    return _Evolve.apply(program, sizes, signs, len(factors), *factors, *operands)  # type: ignore[no-any-return]


class _Evolve(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, program: Program, sizes: list[int], signs: Tensor | None, split: int, *tensors: Tensor):
        factors, operands = tensors[:split], tensors[split:]
        finals: list[Tensor] = []
        measured: list[Tensor] = []
        for part in _chunks(factors):
            psi = _product([factor[part] for factor in factors])
            finals.append(_forward(program, psi, *_own(operands, sizes, part)))
            if signs is not None:
                measured.append(measure(signs, finals[-1]))
        ctx.program, ctx.sizes, ctx.signs, ctx.split = program, sizes, signs, split
        final = torch.cat(finals)
        ctx.save_for_backward(final, *tensors)
        return final if signs is None else torch.cat(measured)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        if torch.is_grad_enabled():  # create_graph: what is written in place would leave terms out, silently
            raise InputError("the exact engine has no second derivatives; leave create_graph=True out")
        (grad,) = outer
        final, *tensors = ctx.saved_tensors
        factors, operands = tensors[: ctx.split], tensors[ctx.split :]
        num_written = ctx.split + len(ctx.sizes)  # written once each; phases that clients share are added up
        grads = [
            (torch.empty_like if place < num_written else torch.zeros_like)(tensor) if need else None
            for place, (tensor, need) in enumerate(zip(tensors, ctx.needs_input_grad[4:], strict=True))
        ]
        for part in _chunks(factors):
            psi, own_grads = final[part], _own(grads[ctx.split :], ctx.sizes, part)
            mu = grad[part].conj() if ctx.signs is None else psi.conj() * (2 * ctx.signs.mT @ grad[part])
            mu = mu.resolve_conj().contiguous()
            mu = _backward(ctx.program, psi, mu, _own(operands, ctx.sizes, part), own_grads)
            _undo_product(mu, [factor[part] for factor in factors], [_part(g, part) for g in grads[: ctx.split]])
        return None, None, None, None, *(grad if grad is None else grad.conj() for grad in grads)


def _product(factors: Factors) -> States:
    if len(factors) == 1:
        return factors[0]
    return (factors[0].unsqueeze(2) * factors[1].unsqueeze(1)).flatten(1, 2)


def _undo_product(mu: States, factors: Factors, grads: Sequence[Tensor | None]) -> None:
    """Write the conjugates of the factors' gradients."""
    if len(factors) == 1:
        if grads[0] is not None:
            grads[0].copy_(mu)
        return
    pair = torch.unflatten(mu, 1, (factors[0].shape[1], -1))
    if grads[0] is not None:
        torch.sum(pair * factors[1].unsqueeze(1), 2, out=grads[0])
    if grads[1] is not None:
        torch.sum(pair * factors[0].unsqueeze(2), 1, out=grads[1])


def _chunks(factors: Factors) -> list[slice]:
    """Return slices over clients whose states fit the cache together."""
    clients, _, samples = factors[0].shape
    size = prod(factor.shape[1] for factor in factors) * samples * factors[0].element_size()
    step = max(1, CHUNK_BYTES // size)
    return [slice(first, first + step) for first in range(0, clients, step)]


def _own(tensors: Sequence[Any], sizes: list[int], part: slice) -> tuple[dict[int, Any], list[Any]]:
    """Return a chunk's matrices by size, and its phases."""
    own = [_part(tensor, part) for tensor in tensors]
    return dict(zip(sizes, own, strict=False)), own[len(sizes) :]


def _part(tensor: Tensor | None, part: slice) -> Tensor | None:
    """Return a chunk's rows; what all clients share stays whole."""
    return tensor if tensor is None or len(tensor) == 1 else tensor[part]


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
            case Constant(size):
                psi = torch.bmm(operation.like(psi), _front(psi, size)).view_as(psi)
    return psi


def _backward(
    program: Program,
    psi: Tensor,
    mu: Tensor,
    tensors: tuple[dict[int, Tensor], list[Tensor]],
    grads: tuple[dict[int, Tensor | None], list[Tensor | None]],
) -> Tensor:
    """Undo the program on psi and mu, writing the conjugates of the gradients; return mu at the start."""
    (matrices, phases), (matrix_grads, phase_grads) = tensors, grads
    daggers = {size: matrix.mH.resolve_conj() for size, matrix in matrices.items()}
    remaining = len(phases)
    for operation in reversed(program.operations):
        match operation:
            case Matmul(size, slot):
                after, grad = _front(mu, size), matrix_grads[size]
                psi = torch.bmm(daggers[size][:, slot], _front(psi, size))
                if grad is not None:
                    grad[:, slot] = torch.bmm(after, psi.mT)
                psi, mu = psi.view_as(mu), torch.bmm(matrices[size][:, slot].mT, after).view_as(mu)
            case Gather():
                psi, mu = psi.index_select(1, operation.inverse), mu.index_select(1, operation.inverse)
            case Diagonal():
                remaining -= 1
                phase, grad = phases[remaining], phase_grads[remaining]
                psi = psi * phase.conj()
                if grad is not None:
                    grad += (mu * psi).sum_to_size(grad.shape)
                mu = mu * phase
            case Constant(size):
                matrix = operation.like(psi)
                psi = torch.bmm(matrix.mH, _front(psi, size)).view_as(mu)
                mu = torch.bmm(matrix.mT, _front(mu, size)).view_as(mu)
    return mu


def _front(states: Tensor, size: int) -> Tensor:
    return states.view(len(states), 2**size, -1)
