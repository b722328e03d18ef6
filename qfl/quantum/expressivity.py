r"""Expressivity of a circuit: the dimension of its dynamical Lie algebra.

The gates :math:`e^{-i \theta_j P_j / 2}` of a circuit whose fixed gates are Clifford can be written as rotations about
Pauli words behind one fixed unitary. The Lie closure of those words, under commutators and linear combination, is the
algebra of everything that the circuit can do if its gates are repeated; its dimension is the article's expressivity,
Lemma 2. The closure of single words is spanned by words, so it is found by counting words, without matrices.

Reference:
    Larocca et al., Diagnosing barren plateaus with tools from quantum optimal control, 2022, arXiv:2105.14377;
    Narottama et al., Lemma 2.
"""

from collections.abc import Iterable

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate

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
        circuit: Pauli rotations and fixed Clifford gates.
        encoding: Whether gates that upload features generate, too.
        entanglers: Whether fixed gates count. The article leaves them out ("controlled gates are not explicitly
            discussed"), which makes products of one-qubit algebras of almost any circuit.

    Raises:
        ValueError: If a gate is neither, or one angle turns several gates (then sums of words generate, not words).

    Example:
        >>> from qfl.quantum.ansatze import classifier
        >>> lie_dimension(classifier("amplitude", "strongly_entangling", 3, 2, 8, 3))
        63
    """
    return len(closure(generators(circuit, encoding, entanglers)))


def generators(circuit: Circuit, encoding: bool = True, entanglers: bool = True) -> set[Word]:
    """Return the Pauli word of each rotation, taken through the fixed gates before it."""
    used = [p.index for gate in circuit.gates for p in gate.parameters if isinstance(p, Angle)]
    if len(used) != len(set(used)):
        raise ValueError("an angle that several gates share generates a sum of Pauli words; give it one gate")
    words, before = set(), []
    for gate in circuit.gates:
        kinds = Angle | Feature if encoding else Angle
        if gate.name in AXES:
            if any(isinstance(parameter, kinds) for parameter in gate.parameters):
                words |= {_undo(_word(axis, gate.wires), before) for axis in AXES[gate.name]}
        elif gate.name not in FIXED:
            raise ValueError(f"{gate.name} is neither a Pauli rotation nor a Clifford gate")
        elif entanglers or len(gate.wires) == 1:
            before.append(gate)
    return words


def closure(words: Iterable[Word]) -> set[Word]:
    """Return all words that nested commutators of the given ones reach; their number is the dimension.

    Two words commute, or their commutator is (up to a factor) the word of the exclusive ors.

    Example:
        >>> len(closure({(1, 0), (0, 1)}))  # X and Z of one qubit give Y
        3
    """
    found, todo, start = set(), list(dict.fromkeys(words)), tuple(dict.fromkeys(words))
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


def _undo(word: Word, before: list[Gate]) -> Word:
    """Return C^dagger P C for the gates C before P, the last of them first; signs do not matter to a span."""
    for gate in reversed(before):
        word = FIXED[gate.name](word, *gate.wires)
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
