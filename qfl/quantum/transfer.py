"""Blocks in the Pauli basis, gate by gate: tensors of two and three qubits of which the last is kept, and local noise.

A channel E maps the Bloch vector r = (1, x, y, z) to R r with the Pauli transfer matrix R[a, b] = 1/2 tr[P_a E(P_b)],
and a gate on n qubits maps the 4^n coefficients likewise. So a block of gates, with a one-qubit channel after each of
them, is one product of real matrices; keeping the rows (I, ..., P_a) traces the other qubits out and leaves the tensor
of `qfl.quantum.star`. The noise is that of `qfl.quantum.noise` on PennyLane's ``default.mixed``, gate for gate.

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Section 8.3, for the channels; Greenbaum,
    "Introduction to quantum gate set tomography", 2015, arXiv:1509.02921, Section 2.3, for the matrices.
"""

# pyright: reportUnknownMemberType=false
# (torch does not annotate Tensor.tolist)

from collections.abc import Sequence
from math import pi, sqrt
from typing import Any, cast

import numpy as np
import torch
from jaxtyping import Complex, Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.blocks import Block, gate_unitary
from qfl.quantum.circuit import Gate
from qfl.quantum.matrices import CONSTANT, kron, rotation
from qfl.quantum.noise import NoiseModel

Transfer = Float[Tensor, "4 4"]
_SINGLE = np.stack([CONSTANT[name] for name in "IXYZ"])
_DOUBLE = np.stack([kron(CONSTANT[b], CONSTANT[c]) for b in "IXYZ" for c in "IXYZ"])
TO_Z = {"X": ("RY", -pi / 2), "Y": ("RX", pi / 2)}
"""The gate that turns an axis into Z before a measurement."""


def channel(operators: Sequence[NDArray[Any]]) -> Transfer:
    """Return the transfer matrix of a one-qubit channel, in double precision.

    Args:
        operators: Kraus operators [2 2], whose K^dag K add up to the identity.

    Raises:
        ValueError: If they do not.
    """
    kraus = np.stack([np.asarray(operator, dtype=complex) for operator in operators])
    total = np.einsum("kji,kjl->il", kraus.conj(), kraus)
    if not np.allclose(total, np.eye(2)):
        raise ValueError(f"the Kraus operators' K^dag K add up to {total.tolist()}, not to the identity")
    return torch.as_tensor(np.einsum("aij,kjl,blm,kim->ab", _SINGLE, kraus, _SINGLE, kraus.conj()).real / 2)


def depolarising(p: float) -> Transfer:
    """Return X, Y or Z with probability p/3 each: PennyLane's ``DepolarizingChannel``.

    Example:
        >>> depolarising(0.3).diagonal().numpy().round(6).tolist()
        [1.0, 0.6, 0.6, 0.6]
    """
    weights = {"I": 1 - p, "X": p / 3, "Y": p / 3, "Z": p / 3}
    return channel([sqrt(weight) * CONSTANT[name] for name, weight in weights.items()])


def bit_flip(p: float) -> Transfer:
    """Return X with probability p: PennyLane's ``BitFlip``."""
    return channel([sqrt(1 - p) * CONSTANT["I"], sqrt(p) * CONSTANT["X"]])


def amplitude_damping(gamma: float) -> Transfer:
    """Return decay to |0> with probability gamma: PennyLane's ``AmplitudeDamping``."""
    return channel([np.diag([1, sqrt(1 - gamma)]), np.array([[0, sqrt(gamma)], [0, 0]])])


def phase_damping(gamma: float) -> Transfer:
    """Return loss of phase: PennyLane's ``PhaseDamping``."""
    return channel([np.diag([1, sqrt(1 - gamma)]), np.diag([0, sqrt(gamma)])])


def kept_tensor(
    block: Block, angles: Float[Tensor, "*block angle"], noise: Transfer | None = None
) -> Float[Tensor, "..."]:
    """Return T[a, b, c(, d)]: what a block makes of its qubits' Bloch vectors, keeping the last qubit.

    Args:
        block: On two or three wires.
        angles: Of many blocks of this kind.
        noise: A channel after every gate, on each of the gate's wires; a block that is no sequence of gates counts as
            one gate.
    """
    eye = torch.eye(4, dtype=angles.dtype)
    rows = torch.nn.functional.pad(eye, (0, 4**block.num_wires - 4))  # (I, ..., P_a)
    rows = rows.view(4, *(4,) * block.num_wires).expand(*angles.shape[:-1], *(4,) * (1 + block.num_wires))
    return carried_back(rows, block, angles, noise)


def carried_back(
    rows: Float[Tensor, "..."], block: Block, angles: Float[Tensor, "*block angle"], noise: Transfer | None = None
) -> Float[Tensor, "..."]:
    """Return observables, such as those of a later block's `kept_tensor`, carried back through a block before it.

    Args:
        rows: T[a, b, c(, d)] of as many blocks.
        block: On the first wires.
        angles: Its angles.
        noise: As of `kept_tensor`.
    """
    if block.gates is None:
        return _before(rows, block.unitary(angles), (0, 1), (0, 1), noise)
    for gate in reversed(block.gates(tuple(range(block.num_wires)), 0)):
        first, second = gate.wires if len(gate.wires) == 2 else (gate.wires[0], int(gate.wires[0] == 0))
        there = Gate(gate.name, tuple((first, second).index(wire) for wire in gate.wires), gate.parameters)
        rows = _before(rows, gate_unitary(there, angles), (first, second), gate.wires, noise)
    return rows


def _before(
    rows: Tensor, unitary: Tensor, pair: tuple[int, int], wires: tuple[int, ...], noise: Transfer | None
) -> Tensor:
    """Return the observables ``rows`` carried back through the noise on ``wires`` and a unitary on ``pair``."""
    num_wires = rows.ndim - unitary.ndim + 1
    places = [wire - num_wires for wire in pair]
    rows = rows.movedim(places, (-2, -1))
    if noise is not None:
        eye, noise = torch.eye(4, dtype=rows.dtype), noise.to(rows.dtype)
        first, second = (noise if wire in wires else eye for wire in pair)
        rows = first.mT @ rows @ second
    shape = rows.shape
    # [*block word (pair)] times [*block (pair) (pair)]
    flat = rows.flatten(unitary.ndim - 2, -3).flatten(-2) @ gate_transfer(unitary)
    return flat.view(shape).movedim((-2, -1), places)


def noisy_bloch(angles: Float[Tensor, "head 2 *qubit"], noise: Transfer) -> Float[Tensor, "head 3 *qubit"]:
    """Return the Bloch vectors of RZ(phi) RY(theta) |0> with a channel after both gates."""
    theta, phi = angles.unbind(1)
    x, y, z = _affine(noise, theta.sin(), torch.zeros_like(theta), theta.cos())
    turned = phi.cos() * x - phi.sin() * y, phi.sin() * x + phi.cos() * y, z
    return torch.stack(_affine(noise, *turned), 1)


def measured(state: Float[Tensor, "head 3 *qubit"], noise: NoiseModel) -> Float[Tensor, "head 3 *qubit"]:
    """Return <X>, <Y> and <Z> as a noisy device measures them: turned to Z by one noisy gate, then read out."""
    after = bit_flip(noise.readout) @ depolarising(noise.depolarising)
    rows: list[Tensor] = []
    for axis in "XYZ":
        turn = bit_flip(noise.readout)
        if axis in TO_Z:
            name, angle = TO_Z[axis]
            turn = after @ _single_transfer(rotation(name, torch.tensor(angle, dtype=torch.float64)))
        rows.append(turn[3].to(state.dtype))
    turns = torch.stack(rows)
    return (turns[:, 1:] @ state.flatten(2) + turns[:, :1]).view_as(state)


def gate_transfer(unitary: Complex[Tensor, "*block 4 4"]) -> Float[Tensor, "*block 16 16"]:
    """Return R[a, b] = 1/4 tr[P_a U P_b U^dag] over the 16 two-qubit Pauli words."""
    words = torch.as_tensor(_DOUBLE).to(unitary.dtype)
    moved = unitary.unsqueeze(-3) @ words @ unitary.mH.unsqueeze(-3)
    return (words.mT.flatten(1) @ moved.flatten(-2).mT).real / 4


def _single_transfer(unitary: Tensor) -> Transfer:
    return channel([unitary.numpy()])


def _affine(noise: Transfer, *state: Tensor) -> list[Tensor]:
    out: list[Tensor] = []
    entries = cast("list[list[float]]", noise[1:].tolist())
    for shift, *row in entries:
        total = torch.full_like(state[0], shift)
        for factor, value in zip(row, state, strict=True):
            total = total + factor * value
        out.append(total)
    return out
