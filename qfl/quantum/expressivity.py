r"""Expressivity of a circuit: the dimension of its dynamical Lie algebra.

The gates :math:`e^{-i \theta_j P_j / 2}` of a circuit whose fixed gates are Clifford can be written as rotations about
Pauli words behind one fixed unitary. The Lie closure of those words, under commutators and linear combination, is the
algebra of everything that the circuit can do if its gates are repeated; its dimension is the article's expressivity,
Lemma 2. The closure of single words is spanned by words, so it is found by counting words, without matrices. Rotations
by a constant angle turn a word into two; such circuits are closed with matrices (`qfl.quantum.algebra`).

Reference:
    Larocca et al., Diagnosing barren plateaus with tools from quantum optimal control, 2022, arXiv:2105.14377;
    Narottama et al., Lemma 2.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np

from qfl.quantum.algebra import MOST_QUBITS, Matrix, clifford, matrix_dimension, pauli, placed
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate
from qfl.quantum.sums import Sum

Word = tuple[int, int]  # bit w of the first: an X on wire w; of the second: a Z; both: a Y

AXES: dict[str, tuple[str, ...]] = {
    "RX": ("X",),
    "RY": ("Y",),
    "RZ": ("Z",),
    "PhaseShift": ("Z",),
    "Rot": ("Z", "Y", "Z"),
    "IsingXX": ("XX",),
    "IsingYY": ("YY",),
    "IsingZZ": ("ZZ",),
}


def lie_dimension(circuit: Circuit, encoding: bool = True, entanglers: bool = True) -> int:
    """Return the dimension of the dynamical Lie algebra of a circuit's parametrised gates.

    Args:
        circuit: Pauli rotations, by angles, features or constants, and fixed Clifford gates.
        encoding: Whether gates that upload features generate, too; if not they are left out, as if features were zero.
        entanglers: Whether fixed gates on two wires count. The article leaves them out ("controlled gates are not
            explicitly discussed"), which makes products of one-qubit algebras of almost any circuit.

    Raises:
        ValueError: If a gate is neither, one angle turns several gates (then sums of words generate, not words), or
            constant angles mix the words of more than five qubits.

    Example:
        >>> from qfl.quantum.ansatze import classifier
        >>> lie_dimension(classifier("amplitude", "strongly_entangling", 3, 2, 8, 3))
        63
    """
    steps = _steps(circuit, encoding, entanglers)
    try:
        return len(closure(_words(steps)))
    except _MixedError:
        if circuit.num_qubits > MOST_QUBITS:
            raise ValueError(
                f"rotations by constant angles mix the Pauli words of {circuit.num_qubits} qubits, whose algebra "
                f"is closed with matrices of {MOST_QUBITS} qubits at most; take fewer qubits or multiples of pi/2"
            ) from None
        return matrix_dimension(_matrices(steps, circuit.num_qubits))


def generators(circuit: Circuit, encoding: bool = True, entanglers: bool = True) -> set[Word]:
    """Return the Pauli word of each rotation, taken through the fixed gates before it.

    Args:
        circuit: Pauli rotations, by angles or features, and fixed Clifford gates.
        encoding: Whether gates that upload features generate, too.
        entanglers: Whether fixed gates on two wires count.

    Raises:
        ValueError: As `lie_dimension`, and wherever a constant angle makes two words of one.
    """
    try:
        return _words(_steps(circuit, encoding, entanglers))
    except _MixedError:
        raise ValueError("a rotation by a constant angle makes two Pauli words of one") from None


class _MixedError(Exception):
    """A word is taken through a rotation that makes two words of it."""


@dataclass(frozen=True)
class _Step:
    """A generator (angle None), a rotation by a constant angle about an axis, or a fixed gate (no axis)."""

    wires: tuple[int, ...]
    axis: str = ""
    angle: float | None = None
    gate: Gate | None = None


def _steps(circuit: Circuit, encoding: bool, entanglers: bool) -> list[_Step]:
    used = [index for gate in circuit.gates for index in gate.used()]
    if len(used) != len(set(used)):
        raise ValueError("an angle that several gates share generates a sum of Pauli words; give it one gate")
    steps: list[_Step] = []
    for gate in circuit.gates:
        if any(isinstance(parameter, Sum) for parameter in gate.parameters):
            raise ValueError(f"{gate.name} is turned by a sum of angles or features; give each one gate")
        if gate.name in AXES:
            for axis, parameter in zip(AXES[gate.name], gate.parameters, strict=True):
                if not isinstance(parameter, Angle | Feature | Sum):
                    if entanglers or len(gate.wires) == 1:
                        steps.append(_Step(gate.wires, axis, float(parameter)))
                elif isinstance(parameter, Angle) or encoding:
                    steps.append(_Step(gate.wires, axis))
        elif gate.name not in FIXED:
            raise ValueError(f"{gate.name} is neither a Pauli rotation nor a Clifford gate")
        elif entanglers or len(gate.wires) == 1:
            steps.append(_Step(gate.wires, gate=gate))
    return steps


def _words(steps: list[_Step]) -> set[Word]:
    words, before = set[Word](), list[_Step]()
    for step in steps:
        if step.axis and step.angle is None:
            words.add(_undo(_word(step.axis, step.wires), before))
        else:
            before.append(step)
    return words


def _matrices(steps: list[_Step], num_qubits: int) -> list[Matrix]:
    """Return V^dagger P V of every generator P, with V all that is fixed before it."""
    before, found = np.eye(2**num_qubits, dtype=complex), list[Matrix]()
    for step in steps:
        if step.gate is not None:
            before = placed(clifford(step.gate), step.wires, num_qubits) @ before
            continue
        axis = placed(pauli(step.axis), step.wires, num_qubits)
        if step.angle is None:
            found.append(before.conj().T @ axis @ before)
        else:
            before = cos(step.angle / 2) * before - 1j * sin(step.angle / 2) * (axis @ before)
    return found


def closure(words: Iterable[Word]) -> set[Word]:
    """Return all words that nested commutators of the given ones reach; their number is the dimension.

    Two words commute, or their commutator is (up to a factor) the word of the exclusive ors.

    Example:
        >>> len(closure({(1, 0), (0, 1)}))  # X and Z of one qubit give Y
        3
    """
    found, todo, start = set[Word](), list(dict.fromkeys(words)), tuple(dict.fromkeys(words))
    found.update(start)
    while todo:
        word = todo.pop()
        for other in start:
            if not _commute(word, other):
                new = (word[0] ^ other[0], word[1] ^ other[1])
                if new not in found:
                    found.add(new)
                    todo.append(new)
    return found


def _commute(a: Word, b: Word) -> bool:
    return ((a[0] & b[1]).bit_count() + (a[1] & b[0]).bit_count()) % 2 == 0


def _word(axis: str, wires: tuple[int, ...]) -> Word:
    x = sum(1 << wire for letter, wire in zip(axis, wires, strict=True) if letter in "XY")
    z = sum(1 << wire for letter, wire in zip(axis, wires, strict=True) if letter in "ZY")
    return x, z


def _undo(word: Word, before: list[_Step]) -> Word:
    """Return C^dagger P C for the gates C before P, the last of them first; signs do not matter to a span.

    Raises:
        _MixedError: If a rotation by a constant angle makes two words of it.
    """
    for step in reversed(before):
        if step.gate is not None:
            word = FIXED[step.gate.name](word, *step.wires)
            continue
        axis, quarters = _word(step.axis, step.wires), (step.angle or 0.0) / (pi / 2)
        if _commute(word, axis):
            continue
        if abs(quarters - round(quarters)) > 1e-12:
            raise _MixedError
        if round(quarters) % 2:
            word = word[0] ^ axis[0], word[1] ^ axis[1]
    return word


def _swap_axes(word: Word, wire: int) -> Word:
    x, z = word[0] >> wire & 1, word[1] >> wire & 1
    return (word[0] ^ ((x ^ z) << wire), word[1] ^ ((x ^ z) << wire))


def _add_z(word: Word, wire: int) -> Word:
    return word[0], word[1] ^ (word[0] & 1 << wire)


def _add_x(word: Word, wire: int) -> Word:
    return word[0] ^ (word[1] & 1 << wire), word[1]


def _controlled_x(word: Word, control: int, target: int) -> Word:
    return word[0] ^ ((word[0] >> control & 1) << target), word[1] ^ ((word[1] >> target & 1) << control)


def _controlled_z(word: Word, a: int, b: int) -> Word:
    return word[0], word[1] ^ ((word[0] >> a & 1) << b) ^ ((word[0] >> b & 1) << a)


def _exchange(word: Word, a: int, b: int) -> Word:
    def swapped(bits: int) -> int:
        differ = (bits >> a ^ bits >> b) & 1
        return bits ^ (differ << a) ^ (differ << b)

    return swapped(word[0]), swapped(word[1])


def _same(word: Word, wire: int) -> Word:
    return word


FIXED = {
    "H": _swap_axes,
    "S": _add_z,
    "SX": _add_x,
    "X": _same,
    "Y": _same,
    "Z": _same,
    "CNOT": _controlled_x,
    "CZ": _controlled_z,
    "SWAP": _exchange,
}
