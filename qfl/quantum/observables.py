"""What is measured: words of Z by their wires, and sums of Pauli words with fixed coefficients.

A Pauli word maps basis states to basis states: P |z> = phase(z) |z xor x>, where x has the wires of X and Y, and

    phase(z) = i^(number of Y) (-1)^(bits of z on the wires of Y and Z).

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Section 10.5.1, for words as pairs of bit masks.
"""

import re
from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex
from numpy.typing import NDArray

from qfl.errors import ConfigError

LETTER = re.compile(r"([XYZ])(\d+)")


@dataclass(frozen=True)
class PauliSum:
    """A sum of Pauli words with fixed coefficients.

    Args:
        terms: Coefficients and words, a word such as ``"X0 Z2"``; the empty word is the identity.

    Raises:
        ValueError: If a word is none, names a wire twice, or there is no term.

    Example:
        >>> PauliSum(((0.5, "X0 Z2"), (1.0, ""))).wires
        {0, 2}
    """

    terms: tuple[tuple[float, str], ...]

    def __post_init__(self):
        if not self.terms:
            raise ValueError("a sum of Pauli words has one word or more; (0.0, '') is zero")
        for _, word in self.terms:
            wires = [wire for _, wire in letters(word)]
            if len(set(wires)) != len(wires):
                raise ValueError(f"the word {word!r} names a wire twice; multiply its letters")

    @property
    def wires(self) -> set[int]:
        """Wires that it acts on."""
        return {wire for _, word in self.terms for _, wire in letters(word)}

    @property
    def diagonal(self) -> bool:
        """Whether its words have no letter but Z."""
        return all(letter == "Z" for _, word in self.terms for letter, _ in letters(word))


Observable = tuple[int, ...] | PauliSum


def letters(word: str) -> list[tuple[str, int]]:
    """Return the letters of a Pauli word and their wires.

    Raises:
        ValueError: If it is no word.

    Example:
        >>> letters("X0 Z12")
        [('X', 0), ('Z', 12)]
    """
    found = [(each, LETTER.fullmatch(each)) for each in word.split()]
    for each, match in found:
        if match is None:
            raise ValueError(f"{each!r} in {word!r} is no letter of a Pauli word; write X, Y or Z and a wire, as in X0")
    return [(match[1], int(match[2])) for _, match in found if match]


def as_sum(observable: Observable) -> PauliSum:
    """Return an observable as a sum of Pauli words.

    Example:
        >>> as_sum((0, 2))
        PauliSum(terms=((1.0, 'Z0 Z2'),))
    """
    if isinstance(observable, PauliSum):
        return observable
    return PauliSum(((1.0, " ".join(f"Z{wire}" for wire in observable)),))


def wires_of(observable: Observable) -> set[int]:
    """Return the wires that an observable acts on."""
    return observable.wires if isinstance(observable, PauliSum) else set(observable)


def described(observable: Observable) -> str:
    """Return an observable as text.

    Example:
        >>> described((0, 2)), described(PauliSum(((0.5, "X0"), (-1.0, "Y1 Z2"))))
        ('Z0 Z2', '0.5 X0 - 1 Y1 Z2')
    """
    if not isinstance(observable, PauliSum):
        return " ".join(f"Z{wire}" for wire in observable)
    text = " ".join(f"{'-' if c < 0 else '+'} {abs(c):.6g} {word or 'I'}" for c, word in observable.terms)
    return text.removeprefix("+ ")


def only_z_words(observables: tuple[Observable, ...], user: str) -> tuple[tuple[int, ...], ...]:
    """Return observables that are all Z words, for what can measure no others.

    Args:
        observables: Of a circuit.
        user: Who cannot, for the sentence.

    Raises:
        ConfigError: If one is a sum of Pauli words.
    """
    words: list[tuple[int, ...]] = []
    for observable in observables:
        if isinstance(observable, PauliSum):
            raise ConfigError(f"{user} takes words of Z, not {described(observable)}; measure words such as (0, 1)")
        words.append(observable)
    return tuple(words)


def pauli_action(word: str, num_qubits: int) -> tuple[NDArray[np.int64], Complex[np.ndarray, " state"]]:
    """Return which basis state a word takes each basis state to, and by which phase.

    Args:
        word: Such as ``"X0 Z2"``.
        num_qubits: Wires there are; wire 0 is the most significant bit.

    Example:
        >>> target, phase = pauli_action("Y0", 1)
        >>> target.tolist(), phase.tolist()
        ([1, 0], [1j, (-0-1j)])
    """
    states = np.arange(2**num_qubits, dtype=np.int64)
    flips, phase = 0, np.ones(len(states), dtype=complex)
    for letter, wire in letters(word):
        weight = 1 << (num_qubits - 1 - wire)
        flips |= weight if letter in "XY" else 0
        if letter in "YZ":
            phase = phase * np.where(states & weight, -1, 1) * (1j if letter == "Y" else 1)
    return states ^ flips, phase
