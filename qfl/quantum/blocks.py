"""Blocks: the small unitaries that a star circuit repeats, as gates and as matrices.

A block acts on two or three wires, of which the last is kept. Its gates are those of `qfl.quantum.circuit`, so that
PennyLane runs the same block:

- ``cartan``: Rot on both wires, IsingXX IsingYY IsingZZ, Rot on both wires. Every element of SU(4), 15 angles; the
  identity at zero.
- ``exponential``: exp(i (t_1 P_1 + ... + t_15 P_15)) over the 15 Pauli words; PennyLane's ``SpecialUnitary``. Every
  element of SU(4), 15 entries without a period; the identity at zero. It is no sequence of gates.
- ``strongly_entangling``: one of PennyLane's ``StronglyEntanglingLayers``: Rot on both wires and two CNOTs; 6 angles.
- ``controlled``: CRX and CRY, then ``strongly_entangling``; 8 angles.
- ``conditional``: Rot on the first wire, then CRZ from it to the last; 4 angles. A first qubit in |0> leaves the last
  as it is, and updates of this form commute: with p_j the chance to find the first in |1> and the angle near pi, where
  it starts, a chain multiplies x + iy of the last by the product of (1 - 2 p_j), in whatever order.
- ``gated``: three wires; the last is turned about Z by twice the angle if the first two are found in |11>, and not at
  all otherwise. CRZ(t) from the second, CNOT from the first to the second, CRZ(-t) from the second (X, CRZ(t), X) and
  CRZ(t) from the first; the first two end changed, which nobody sees. 1 angle. As U_UPD on (edge, neighbour, centre) it
  lets one state of the edge silence every neighbour, and another let them speak, so that weak neighbours weigh nothing
  however many they are. ``conditional`` cannot: if U_MSG takes one state of the edge to a neighbour in |0> for every
  neighbour, it takes the other, being unitary, to |1> for every neighbour.
- ``cartan_gated``: three wires; ``cartan`` on the first two, then ``gated``; 16 angles.
- ``triangle``: three wires, ``cartan`` on each pair of them; 45 angles; the identity at zero.

The SQM-GNN paper draws U_MSG and U_UPD as boxes and prints no gates; its first author's public code,
LeGiangK62/QGNN_Comm (2026-06-02), has ``controlled`` messages and ``strongly_entangling`` updates, neither of which is
near the identity at zero.

Reference:
    Khaneja, Brockett and Glaser, "Time optimal control in spin systems", 2001, Eq. (2) and (16), for ``cartan``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import inf, pi

import numpy as np
import torch
from jaxtyping import Complex, Float
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Gate
from qfl.quantum.matrices import CONSTANT, rotation
from qfl.quantum.periods import gate_periods

Gates = tuple[Gate, ...]
Wires = tuple[int, ...]
PAULI_WORDS = tuple("".join(word) for word in product("IXYZ", repeat=2))
_PAULI = np.stack([np.kron(CONSTANT[first], CONSTANT[second]) for first, second in PAULI_WORDS])


@dataclass(frozen=True)
class Block:
    """A kind of unitary on a few wires.

    Args:
        num_wires: 2 or 3.
        num_angles: Trained entries.
        gates: Wires and the first free angle in, gates out; None if the block is no sequence of gates.
        start: Angles that training starts near; zero if empty.
    """

    num_wires: int
    num_angles: int
    gates: Callable[[Wires, int], Gates] | None
    start: tuple[float, ...] = ()

    @property
    def rotations(self) -> tuple[tuple[int, int, int], ...]:
        """Entries that together are one ``Rot`` gate."""
        return self._circuit.layout().rotations if self.gates else ()

    @property
    def longest(self) -> list[tuple[float, int]]:
        """The longest period of each entry, and its degree: see `qfl.quantum.periods.shortest_periods`."""
        if self.gates is None:
            return [(inf, 0)] * self.num_angles
        return list(zip(*gate_periods(self._circuit), strict=True))

    @property
    def _circuit(self) -> Circuit:
        return Circuit(self.num_wires, self.gates(tuple(range(self.num_wires)), 0) if self.gates else (), ())

    def unitary(self, angles: Float[Tensor, "*block angle"]) -> Complex[Tensor, "*block 4 4"]:
        """Return the matrices of many two-wire blocks of this kind; the first wire is the more significant bit."""
        if self.gates is None:
            return _exponential(angles)
        matrices = [gate_unitary(gate, angles) for gate in self.gates((0, 1), 0)]
        return reduce(lambda earlier, later: later @ earlier, matrices)


def gate_unitary(gate: Gate, angles: Float[Tensor, "*block angle"]) -> Complex[Tensor, "*block 4 4"]:
    """Return a gate on wires 0 and 1 as a matrix on both, for many angle vectors.

    Example:
        >>> gate_unitary(Gate("CNOT", (0, 1)), torch.zeros(7, 1)).shape
        torch.Size([7, 4, 4])
    """
    dtype = torch.complex64 if angles.dtype == torch.float32 else torch.complex128
    values = [angles[..., p.index] if isinstance(p, Angle) else angles.new_tensor(p) for p in gate.parameters]
    if gate.name.startswith("Ising"):
        word = torch.as_tensor(_PAULI[PAULI_WORDS.index(2 * gate.name[-1])]).to(dtype)
        half = (values[0] / 2)[..., None, None]
        return half.cos() * torch.eye(4, dtype=dtype) - 1j * half.sin() * word
    name = gate.name.removeprefix("C") if len(gate.wires) == 2 else gate.name
    own = {"NOT": "X"}.get(name, name)
    matrix = torch.as_tensor(CONSTANT[own]) if own in CONSTANT else rotation(own, *values)
    return _place(matrix.to(dtype), gate.wires).expand(*angles.shape[:-1], 4, 4)


def cartan(wires: Wires, angle: int) -> Gates:
    """Return local rotations, the three commuting interactions, and local rotations."""
    ising = tuple(Gate(f"Ising{p}{p}", wires, (Angle(angle + 6 + k),)) for k, p in enumerate("XYZ"))
    return _rotations(wires, angle) + ising + _rotations(wires, angle + 9)


def strongly_entangling(wires: Wires, angle: int) -> Gates:
    """Return Rot on both wires and a CNOT each way."""
    return (*_rotations(wires, angle), Gate("CNOT", wires), Gate("CNOT", wires[::-1]))


def controlled(wires: Wires, angle: int) -> Gates:
    """Return a controlled rotation each way, and `strongly_entangling`."""
    crossed = Gate("CRX", wires[::-1], (Angle(angle),)), Gate("CRY", wires, (Angle(angle + 1),))
    return crossed + strongly_entangling(wires, angle + 2)


def conditional(wires: Wires, angle: int) -> Gates:
    """Return a rotation of the first wire and a rotation of the last about Z that it controls."""
    turn = Gate("Rot", wires[:1], tuple(Angle(angle + k) for k in range(3)))
    return turn, Gate("CRZ", wires, (Angle(angle + 3),))


def gated(wires: Wires, angle: int) -> Gates:
    """Return gates that turn the last wire about Z by twice the angle if the first two are found in |11>."""
    first, second, last = wires
    turn = Gate("CRZ", (second, last), (Angle(angle),))
    flip = Gate("X", (last,))
    return turn, Gate("CNOT", (first, second)), flip, turn, flip, Gate("CRZ", (first, last), (Angle(angle),))


def cartan_gated(wires: Wires, angle: int) -> Gates:
    """Return `cartan` on the first two wires, and `gated`."""
    return cartan(wires[:2], angle) + gated(wires, angle + 15)


def triangle(wires: Wires, angle: int) -> Gates:
    """Return `cartan` on (first, second), (first, last) and (second, last)."""
    first, second, last = wires
    pairs = (first, second), (first, last), (second, last)
    return tuple(gate for place, pair in enumerate(pairs) for gate in cartan(pair, angle + 15 * place))


BLOCKS: dict[str, Block] = {
    "cartan": Block(2, 15, cartan),
    "exponential": Block(2, 15, None),
    "strongly_entangling": Block(2, 6, strongly_entangling),
    "controlled": Block(2, 8, controlled),
    "conditional": Block(2, 4, conditional, (0.0, 0.0, 0.0, pi)),
    "gated": Block(3, 1, gated, (pi / 2,)),
    "cartan_gated": Block(3, 16, cartan_gated, (*[0.0] * 15, pi / 2)),
    "triangle": Block(3, 45, triangle),
}


def _rotations(wires: Wires, angle: int) -> Gates:
    return tuple(
        Gate("Rot", (wire,), tuple(Angle(angle + 3 * place + k) for k in range(3))) for place, wire in enumerate(wires)
    )


def _exponential(angles: Tensor) -> Tensor:
    dtype = torch.complex64 if angles.dtype == torch.float32 else torch.complex128
    words = torch.as_tensor(_PAULI[1:]).to(dtype)
    return torch.matrix_exp(torch.unflatten(1j * (angles.to(dtype) @ words.flatten(1)), -1, (4, 4)))


def _place(matrix: Complex[Tensor, "*block 2 2"], wires: Wires) -> Complex[Tensor, "*block 4 4"]:
    """Return a one-qubit matrix on its wire of two, or controlled by the other."""
    eye = torch.eye(2, dtype=matrix.dtype)
    if len(wires) == 1:
        return _kron(matrix, eye) if wires[0] == 0 else _kron(eye, matrix)
    zero, one = torch.diag(torch.tensor([1, 0])).to(matrix), torch.diag(torch.tensor([0, 1])).to(matrix)
    if wires == (0, 1):
        return _kron(zero, eye) + _kron(one, matrix)
    return _kron(eye, zero) + _kron(matrix, one)


def _kron(left: Tensor, right: Tensor) -> Tensor:
    return (left[..., :, None, :, None] * right[..., None, :, None, :]).flatten(-4, -3).flatten(-2, -1)
