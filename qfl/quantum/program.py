"""A program: the stages of a circuit, scheduled so that the arithmetic is a few large matrix products.

The amplitudes of a batch lie in memory as [client, state, sample]. The wires are cut into blocks of at most five; the
one-qubit matrices of a block are multiplied out into one matrix of at most 32 x 32 (their Kronecker product); it acts
on a state whose *front* index is that block as one matrix product with [rest x sample] columns.

Permutations cost nothing by themselves: `where[p]`, the basis state that lies at place p of memory, is bookkeeping.
Data move only when a block has to come to the front, in one gather that carries all permutations since the last one.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.lowering import lowered
from qfl.quantum.stages import Fixed, Permutation, Phase, Product, Stage, to_stages

Index = NDArray[np.int64]
MAX_BLOCK = 5  # a 32 x 32 matrix product runs near the machine's peak; 64 x 64 wastes arithmetic


@dataclass(frozen=True)
class Matmul:
    """Multiply the front block by matrix number ``slot`` of those on ``size`` wires."""

    size: int
    slot: int


@dataclass(frozen=True, eq=False)
class Gather:
    """Place p of the new state is place ``index[p]`` of the old."""

    index: Tensor
    inverse: Tensor


@dataclass(frozen=True, eq=False)
class Diagonal:
    """Multiply by exp(-i/2 (angles @ trained + features @ encoded)) and by ``constant``; spectra are [term place].

    Only the fields that are not None take part.
    """

    constant: NDArray[np.complex128] | None
    angles: tuple[int, ...]
    trained: NDArray[np.float64] | None
    features: tuple[Feature, ...]
    encoded: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Constant:
    """Multiply the front wires, ``size`` of them, by a fixed unitary matrix [front front]."""

    size: int
    matrix: Tensor

    def like(self, states: Tensor) -> Tensor:
        """Return the matrix for each client of some states, in their precision."""
        own = self.matrix if states.is_complex() else self.matrix.real
        return own.to(states.dtype).expand(len(states), -1, -1)


Operation = Matmul | Gather | Diagonal | Constant


@dataclass(frozen=True, eq=False)
class Program:
    """Operations in order, and what they refer to.

    Args:
        operations: What is done to the state.
        blocks: Per block size, the list of matrices: each a tuple over its wires of gate chains.
        start: Chains of one-qubit gates on |0>, one per wire, up to its first entangling gate: their product state is
            built without large matrices.
        where: The basis state at each place at the end (observables are read there).
        real: True if every matrix and phase is real: then the whole circuit runs in real arithmetic.
        by_sample: True if some phase depends on the sample.
    """

    operations: tuple[Operation, ...]
    blocks: dict[int, list[tuple[tuple[Gate, ...], ...]]]
    start: tuple[tuple[Gate, ...], ...]
    where: Index
    real: bool
    by_sample: bool


@lru_cache(maxsize=64)
def compile_circuit(circuit: Circuit) -> Program:
    """Return the program of a circuit; cached, since it depends on no angle.

    Example:
        >>> from qfl.quantum.circuit import Angle
        >>> ry = tuple(Gate("RY", (wire,), (Angle(wire),)) for wire in range(6))
        >>> program = compile_circuit(Circuit(6, ry, ((0,),), amplitudes=True))
        >>> [type(operation).__name__ for operation in program.operations], program.real
        (['Matmul', 'Gather', 'Matmul'], True)
    """
    own = lowered(circuit).gates
    start, gates = ((), own) if circuit.amplitudes else _split_start(own, circuit.num_qubits)
    scheduler = _Scheduler(circuit.num_qubits)
    for stage in to_stages(gates, circuit.num_qubits):
        scheduler.add(stage)
    by_sample = any(isinstance(operation, Diagonal) and operation.features for operation in scheduler.operations)
    real = not by_sample and all(map(_is_real, own))
    return Program(tuple(scheduler.operations), scheduler.blocks, start, scheduler.where, real, by_sample)


def cut_into_blocks(num_qubits: int) -> list[tuple[int, ...]]:
    """Return neighbouring wires in blocks of nearly equal size, at most `MAX_BLOCK`.

    Example:
        >>> cut_into_blocks(7)
        [(0, 1, 2, 3), (4, 5, 6)]
    """
    count = -(-num_qubits // MAX_BLOCK)
    return [tuple(int(wire) for wire in block) for block in np.array_split(np.arange(num_qubits), count)]


class _Scheduler:
    """Append operations for one stage after the other, keeping track of which basis state lies where."""

    def __init__(self, num_qubits: int):
        self.cut = cut_into_blocks(num_qubits)
        self.where: Index = np.arange(2**num_qubits)
        self.operations: list[Operation] = []
        self.blocks: dict[int, list[tuple[tuple[Gate, ...], ...]]] = {}
        self.weights = 1 << np.arange(num_qubits)[::-1]
        self.inside = [self._mask(block) for block in self.cut]

    def add(self, stage: Stage) -> None:
        if isinstance(stage, Permutation):
            self.where = stage.target[self.where]
        elif isinstance(stage, Phase):
            self.operations.append(_diagonal(stage, self.where))
        elif isinstance(stage, Fixed):
            self._bring_to_front(self._mask(stage.wires), len(stage.wires))
            self.operations.append(Constant(len(stage.wires), torch.as_tensor(_in_order(stage))))
        else:
            needed = [b for b, block in enumerate(self.cut) if any(wire in stage.chains for wire in block)]
            while needed:
                block = next((b for b in needed if self._in_front(self.inside[b], len(self.cut[b]))), needed[0])
                self._bring_to_front(self.inside[block], len(self.cut[block]))
                self._multiply(block, stage)
                needed.remove(block)

    def _multiply(self, block: int, stage: Product) -> None:
        matrices = self.blocks.setdefault(len(self.cut[block]), [])
        self.operations.append(Matmul(len(self.cut[block]), len(matrices)))
        matrices.append(tuple(tuple(stage.chains.get(wire, ())) for wire in self.cut[block]))

    def _mask(self, wires: tuple[int, ...]) -> int:
        return int(self.weights[list(wires)].sum())

    def _in_front(self, mask: int, count: int) -> bool:
        """Tell whether row i holds the states whose bits inside the mask spell i, with the same rest in every row."""
        rows = self.where.reshape(2**count, -1)
        front = _front_order(len(self.where), mask)
        row_of = np.argsort(front) // rows.shape[1]
        rest = rows & ~mask
        return bool((row_of[rows] == np.arange(len(rows))[:, None]).all() and (rest == rest[:1]).all())

    def _bring_to_front(self, mask: int, count: int) -> None:
        if self._in_front(mask, count):
            return
        wanted = _front_order(len(self.where), mask)
        index = np.argsort(self.where)[wanted]
        self.operations.append(Gather(torch.as_tensor(index), torch.as_tensor(np.argsort(index))))
        self.where = wanted


@lru_cache(maxsize=128)
def _front_order(size: int, mask: int) -> Index:
    """Return all states, sorted by the bits inside the mask first and by the others then."""
    states = np.arange(size)
    return np.lexsort((states & ~mask, states & mask))


REAL = {"H", "X", "Z", "RY", "CNOT", "CZ", "SWAP", "Toffoli", "CSWAP"}


def _is_real(gate: Gate) -> bool:
    return gate.name in REAL or (bool(gate.matrix) and not np.imag(np.array(gate.matrix)).any())


def _in_order(stage: Fixed) -> NDArray[np.complex128]:
    """Return the matrix with its wires in ascending order, as the front has them."""
    count = len(stage.wires)
    order = list(np.argsort(stage.wires))
    axes = [*order, *(count + place for place in order)]
    return np.ascontiguousarray(stage.matrix.reshape((2,) * (2 * count)).transpose(axes).reshape(2**count, 2**count))


def _split_start(own: tuple[Gate, ...], num_qubits: int) -> tuple[tuple[tuple[Gate, ...], ...], tuple[Gate, ...]]:
    """Return the one-qubit gates that open each wire, and all other gates."""
    start: list[list[Gate]] = [[] for _ in range(num_qubits)]
    gates, closed = list[Gate](), set[int]()
    for gate in own:
        if len(gate.wires) == 1 and gate.wires[0] not in closed:
            start[gate.wires[0]].append(gate)
        else:
            gates.append(gate)
            closed |= set(gate.wires)
    return tuple(map(tuple, start)), tuple(gates)


def _diagonal(stage: Phase, where: Index) -> Diagonal:
    constants = [parameter * s for parameter, s in stage.terms if isinstance(parameter, float)]
    trained = [(parameter.index, s) for parameter, s in stage.terms if isinstance(parameter, Angle)]
    encoded = [(parameter, s) for parameter, s in stage.terms if isinstance(parameter, Feature)]
    return Diagonal(
        np.exp(-0.5j * np.sum(constants, axis=0))[where] if constants else None,
        tuple(index for index, _ in trained),
        np.stack([s[where] for _, s in trained]) if trained else None,
        tuple(feature for feature, _ in encoded),
        np.stack([s[where] for _, s in encoded]) if encoded else None,
    )
