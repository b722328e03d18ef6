"""Local noise inside the star tensors: one-qubit channels after any gate, as real matrices in the Pauli basis.

A channel E maps the Bloch vector r = (1, x, y, z) to R r with the Pauli transfer matrix R[a, b] = 1/2 tr[P_a E(P_b)],
and a gate on two qubits maps the 16 coefficients likewise. So a block of gates with noise after each of them is one
product of 16 x 16 matrices; keeping the rows (I, P_a) traces the first qubit out and leaves the tensor of
`qfl.quantum.star`. The noise is that of `qfl.quantum.noise` on PennyLane's ``default.mixed``, gate for gate.

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Section 8.3, for the channels; Greenbaum,
    "Introduction to quantum gate set tomography", 2015, arXiv:1509.02921, Section 2.3, for the matrices.
"""

from collections.abc import Sequence
from math import pi, sqrt

import numpy as np
import torch
from jaxtyping import Complex, Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.matrices import CONSTANT, rotation
from qfl.quantum.noise import NoiseModel
from qfl.quantum.two_qubit import Block, gate_unitary

Transfer = Float[Tensor, "4 4"]
_SINGLE = np.stack([CONSTANT[name] for name in "IXYZ"])
_DOUBLE = np.stack([np.kron(b, c) for b in _SINGLE for c in _SINGLE])
TO_Z = {"X": ("RY", -pi / 2), "Y": ("RX", pi / 2)}
"""The gate that turns an axis into Z before a measurement."""


def channel(operators: Sequence[NDArray]) -> Transfer:
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
    return torch.from_numpy(np.einsum("aij,kjl,blm,kim->ab", _SINGLE, kraus, _SINGLE, kraus.conj()).real / 2)


def depolarising(p: float) -> Transfer:
    """Return X, Y or Z with probability p/3 each: PennyLane's ``DepolarizingChannel``.

    Example:
        >>> depolarising(0.3).diagonal().tolist()
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


def noisy_pauli_tensor(
    block: Block, angles: Float[Tensor, "*block angle"], noise: Transfer
) -> Float[Tensor, "*block 4 4 4"]:
    """Return the block's tensor with a channel after every gate, on each of the gate's wires.

    A block that is no sequence of gates counts as one gate.
    """
    noise = noise.to(angles.dtype)
    eye = torch.eye(4, dtype=angles.dtype)
    rows = torch.kron(eye[:1], eye)  # (I, P_a)
    if block.gates is None:
        return (rows @ torch.kron(noise, noise) @ gate_transfer(block.unitary(angles))).unflatten(-1, (4, 4))
    for gate in reversed(block.gates(0, 1, 0)):
        after = torch.kron(*(noise if wire in gate.wires else eye for wire in (0, 1)))
        rows = rows @ after @ gate_transfer(gate_unitary(gate, angles))
    return rows.unflatten(-1, (4, 4))


def noisy_bloch(angles: Float[Tensor, "head 2 *qubit"], noise: Transfer) -> Float[Tensor, "head 3 *qubit"]:
    """Return the Bloch vectors of RZ(phi) RY(theta) |0> with a channel after both gates."""
    theta, phi = angles.unbind(1)
    x, y, z = _affine(noise, theta.sin(), torch.zeros_like(theta), theta.cos())
    turned = phi.cos() * x - phi.sin() * y, phi.sin() * x + phi.cos() * y, z
    return torch.stack(_affine(noise, *turned), 1)


def measured(state: Float[Tensor, "head 3 *qubit"], noise: NoiseModel) -> Float[Tensor, "head 3 *qubit"]:
    """Return <X>, <Y> and <Z> as a noisy device measures them: turned to Z by one noisy gate, then read out."""
    after = bit_flip(noise.readout) @ depolarising(noise.depolarising)
    rows = []
    for axis in "XYZ":
        turn = bit_flip(noise.readout)
        if axis in TO_Z:
            name, angle = TO_Z[axis]
            turn = after @ _single_transfer(rotation(name, torch.tensor(angle, dtype=torch.float64)))
        rows.append(turn[3].to(state.dtype))
    rows = torch.stack(rows)
    return (rows[:, 1:] @ state.flatten(2) + rows[:, :1]).view_as(state)


def gate_transfer(unitary: Complex[Tensor, "*block 4 4"]) -> Float[Tensor, "*block 16 16"]:
    """Return R[a, b] = 1/4 tr[P_a U P_b U^dag] over the 16 two-qubit Pauli words."""
    words = torch.from_numpy(_DOUBLE).to(unitary.dtype)
    moved = unitary.unsqueeze(-3) @ words @ unitary.mH.unsqueeze(-3)
    return (words.mT.flatten(1) @ moved.flatten(-2).mT).real / 4


def _single_transfer(unitary: Tensor) -> Transfer:
    return channel([unitary.numpy()])


def _affine(noise: Transfer, *state: Tensor) -> list[Tensor]:
    out = []
    for shift, *row in noise[1:].tolist():
        total = torch.full_like(state[0], shift)
        for factor, value in zip(row, state, strict=True):
            total = total + factor * value
        out.append(total)
    return out
