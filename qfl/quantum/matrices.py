"""One-qubit matrices, many at once: from angles to the block matrices that a program multiplies by.

Conventions are PennyLane's: R_P(t) = exp(-i t P / 2), PhaseShift(t) = diag(1, e^{it}),
Rot(phi, theta, omega) = RZ(omega) RY(theta) RZ(phi).

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Section 4.2, Eqs. (4.4) to (4.6), for rotations.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate Function.apply)

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.circuit import Angle, Gate
from qfl.quantum.program import Program

_R = 2**-0.5
CONSTANT: dict[str, NDArray[np.complex128]] = {
    "I": np.array([[1, 0], [0, 1]], dtype=complex),
    "H": np.array([[_R, _R], [_R, -_R]], dtype=complex),
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]], dtype=complex),
    "S": np.array([[1, 0], [0, 1j]]),
    "T": np.array([[1, 0], [0, np.exp(0.25j * np.pi)]]),
    "SX": np.array([[0.5 + 0.5j, 0.5 - 0.5j], [0.5 - 0.5j, 0.5 + 0.5j]]),
    "Adjoint(S)": np.array([[1, 0], [0, -1j]]),
    "Adjoint(T)": np.array([[1, 0], [0, np.exp(-0.25j * np.pi)]]),
    "Adjoint(SX)": np.array([[0.5 - 0.5j, 0.5 + 0.5j], [0.5 + 0.5j, 0.5 - 0.5j]]),
}


def rotation(name: str, *parameters: Float[Tensor, "*batch"]) -> Shaped[Tensor, "*batch 2 2"]:
    """Return the matrices of a parametrised gate; RY is real, the others complex.

    Example:
        >>> rotation("RY", torch.zeros(3)).shape
        torch.Size([3, 2, 2])
    """
    if name == "Rot":
        phi, theta, omega = parameters
        return rotation("RZ", omega) @ rotation("RY", theta).to(_complex(theta)) @ rotation("RZ", phi)
    (angle,) = parameters
    cos, sin, zero = torch.cos(angle / 2), torch.sin(angle / 2), torch.zeros_like(angle)
    if name == "RY":
        return _two_by_two(cos, -sin, sin, cos)
    if name == "RX":
        return torch.complex(_two_by_two(cos, zero, zero, cos), _two_by_two(zero, -sin, -sin, zero))
    if name == "RZ":
        return torch.complex(_two_by_two(cos, zero, zero, cos), _two_by_two(-sin, zero, zero, sin))
    one = torch.ones_like(angle)
    return torch.complex(
        _two_by_two(one, zero, zero, torch.cos(angle)), _two_by_two(zero, zero, zero, torch.sin(angle))
    )


@dataclass(frozen=True, eq=False)
class MatrixPlan:
    """Where each gate of a program's chains finds its matrix: constants first, then the trained ones by name.

    Args:
        constants: [constant 2 2], the first is the identity.
        trained: Gate name to angle indices, [parameter gate].
        chains: Per block size, the matrices of each chain in order, [step, block * wire], padded with the identity.
    """

    constants: NDArray[np.complex128]
    trained: dict[str, NDArray[np.int64]]
    chains: dict[int, NDArray[np.int64]]


def plan_matrices(program: Program) -> MatrixPlan:
    """Return the plan of a program's block matrices."""
    gates = {gate for blocks in program.blocks.values() for block in blocks for chain in block for gate in chain}
    by_name: dict[str, list[Gate]] = {}
    constants, index = [CONSTANT["I"]], dict[Gate, int]()
    for gate in sorted(gates, key=repr):
        if any(isinstance(parameter, Angle) for parameter in gate.parameters):
            by_name.setdefault(gate.name, []).append(gate)
        else:
            index[gate] = len(constants)
            constants.append(constant_matrix(gate))
    offset = len(constants)
    for group in by_name.values():
        index |= {gate: offset + k for k, gate in enumerate(group)}
        offset += len(group)
    chains = {size: _chain_index(blocks, index) for size, blocks in program.blocks.items()}
    return MatrixPlan(np.stack(constants), {n: _angle_index(group) for n, group in by_name.items()}, chains)


def block_matrices(
    plan: MatrixPlan, angles: Float[Tensor, "client angle"], real: bool
) -> dict[int, Shaped[Tensor, "client block front front"]]:
    """Return, per block size, the Kronecker product of each block's wire matrices, for every client at once.

    Args:
        plan: From `plan_matrices`.
        angles: Of every client, in radians.
        real: Whether all matrices are real; else they are complex.
    """
    dtype = angles.dtype if real else _complex(angles)
    constants = torch.as_tensor(plan.constants.real.copy() if real else plan.constants).to(dtype)
    pool = [constants.expand(len(angles), -1, -1, -1)]
    for name, index in plan.trained.items():
        pool.append(rotation(name, *(angles[:, row] for row in torch.as_tensor(index))).to(dtype))
    matrices = torch.cat(pool, dim=1)
    return {size: _kron(_multiply_chains(matrices, chain), size) for size, chain in plan.chains.items()}


def kron(a: NDArray[np.complex128], b: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """Return the Kronecker product of two matrices; the first has the more significant wires."""
    return np.asarray(np.kron(a, b), dtype=np.complex128)


def constant_matrix(gate: Gate) -> NDArray[np.complex128]:
    """Return the matrix of a gate whose parameters, if any, are numbers."""
    if gate.name in CONSTANT:
        return CONSTANT[gate.name]
    if gate.matrix:
        return np.array(gate.matrix, dtype=complex)
    values = [torch.tensor(parameter, dtype=torch.float64) for parameter in gate.parameters]
    return rotation(gate.name, *values).to(torch.complex128).numpy()


def _multiply_chains(matrices: Tensor, chain: NDArray[np.int64]) -> Shaped[Tensor, "client wire 2 2"]:
    product = matrices[:, torch.as_tensor(chain[0])]
    for step in chain[1:]:
        left = matrices[:, torch.as_tensor(step)]
        product = (left.unsqueeze(-1) * product.unsqueeze(-3)).sum(-2)
    return product


def _kron(wires: Shaped[Tensor, "client wire 2 2"], size: int) -> Shaped[Tensor, "client block front front"]:
    """Return the Kronecker products of ``size`` neighbouring matrices, halves first."""
    cells = list(torch.unflatten(wires, 1, (-1, size)).flatten(0, 1).unbind(1))
    while len(cells) > 1:
        pairs: list[Any] = [_Kron.apply(a, b) for a, b in zip(cells[0::2], cells[1::2], strict=False)]
        cells = pairs + cells[len(pairs) * 2 :]
    return torch.unflatten(cells[0], 0, (len(wires), -1))


class _Kron(torch.autograd.Function):
    """The Kronecker product of each pair of matrices; its backward pass reads the large gradient once."""

    @staticmethod
    def forward(ctx: Any, a: Shaped[Tensor, "pair a a"], b: Shaped[Tensor, "pair b b"]):
        ctx.save_for_backward(a, b)
        return (a[:, :, None, :, None] * b[:, None, :, None, :]).flatten(1, 2).flatten(2, 3)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor]:
        a, b = ctx.saved_tensors
        # [pair a b a b] -> [pair a*a b*b]
        rows = torch.unflatten(outer[0], 1, (len(a[0]), -1))
        cells = torch.unflatten(rows, 3, (len(a[0]), -1))
        grad = cells.transpose(2, 3).flatten(3, 4).flatten(1, 2)
        grad_a = torch.bmm(grad, b.conj().flatten(1).unsqueeze(2))
        grad_b = torch.bmm(a.conj().flatten(1).unsqueeze(1), grad)
        return grad_a.view_as(a), grad_b.view_as(b)


def _chain_index(blocks: list[tuple[tuple[Gate, ...], ...]], place: dict[Gate, int]) -> NDArray[np.int64]:
    chains = [chain for block in blocks for chain in block]
    index = np.zeros((max(1, *map(len, chains)), len(chains)), dtype=np.int64)
    for column, chain in enumerate(chains):
        index[: len(chain), column] = [place[gate] for gate in chain]
    return index


def _angle_index(group: list[Gate]) -> NDArray[np.int64]:
    return np.array([[_index(p) for p in gate.parameters] for gate in group]).T


def _index(parameter: object) -> int:
    if not isinstance(parameter, Angle):
        raise TypeError(f"expected a trained angle, not {parameter}")  # stages.rewrite splits a mixed Rot
    return parameter.index


def _two_by_two(a: Tensor, b: Tensor, c: Tensor, d: Tensor) -> Float[Tensor, "*batch 2 2"]:
    return torch.unflatten(torch.stack((a, b, c, d), dim=-1), -1, (2, 2))


def _complex(like: Tensor) -> torch.dtype:
    return torch.complex64 if like.dtype == torch.float32 else torch.complex128
