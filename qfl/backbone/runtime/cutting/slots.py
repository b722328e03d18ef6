r"""What is run at the two ends of a cut, and the coefficients that join them.

Each end is a list of settings: gates to be put there, and the Z words that are read besides. A cut's values are joined
by a matrix of coefficients, one row for each word of the first end and one column for each of the second.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from math import cos, pi, sin

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.cutting.bases import measurement, preparation
from qfl.quantum.circuit import Gate

Wires = tuple[int, ...]


@dataclass(frozen=True)
class Setting:
    """One way to run an end of a cut.

    Args:
        gates: Gates to be put there, from the wires of the end and a spare one.
        words: Z words that are read, from the same; ``()`` is the identity.
        spare: Whether a fresh wire is needed, for a measurement in mid-circuit that is read at the end.
    """

    gates: Callable[[Wires, int], list[Gate]]
    words: tuple[Callable[[Wires, int], Wires], ...]
    spare: bool = False


@dataclass(frozen=True)
class Ends:
    """Both ends of a cut.

    Args:
        first: Settings of the first end: of a gate's first wire, or before a wire cut.
        second: Of the other.
        coefficients: From the words of all settings of the first end to those of the second.
    """

    first: tuple[Setting, ...]
    second: tuple[Setting, ...]
    coefficients: Float64[ndarray, "first second"]


def gate_ends(angle: float) -> Ends:
    r"""Return the ends of a cut :math:`e^{-i\theta ZZ/2}`: identity, Z, S, its inverse, and a signed measurement.

    Reference:
        Mitarai and Fujii, New J. Phys. 23, 023021 (2021), Eq. (5), with outcomes that carry their signs.
    """
    settings = (
        Setting(lambda wires, spare: [], (_nothing,)),
        Setting(lambda wires, spare: [Gate("Z", wires)], (_nothing,)),
        Setting(lambda wires, spare: [Gate("S", wires)], (_nothing,)),
        Setting(lambda wires, spare: [Gate("PhaseShift", wires, (-pi / 2,))], (_nothing,)),
        Setting(lambda wires, spare: [Gate("CNOT", (*wires, spare))], (lambda wires, spare: (spare,),), spare=True),
    )
    joined = np.zeros((5, 5))
    joined[0, 0], joined[1, 1] = cos(angle / 2) ** 2, sin(angle / 2) ** 2
    for side in (joined, joined.T):
        side[4, 2] += sin(angle) / 2
        side[4, 3] -= sin(angle) / 2
    return Ends(settings, settings, joined)


def lo_ends() -> Ends:
    r"""Return the ends of one wire that is cut without communication.

    :math:`\rho = \frac12 \sum_P \sum_s s\, \mathrm{tr}(P\rho)\, |s_P\rangle\langle s_P|`: three measurements (that of Z
    gives the identity, too), six states.

    Reference:
        Peng et al., Phys. Rev. Lett. 125, 150504 (2020), Eq. (2).
    """
    turns = (lambda w, s: [], lambda w, s: [Gate("H", w)], lambda w, s: [Gate("RX", w, (pi / 2,))])
    all_of = lambda wires, spare: wires  # noqa: E731
    first = (Setting(turns[0], (_nothing, all_of)), Setting(turns[1], (all_of,)), Setting(turns[2], (all_of,)))
    states = [([], ["X"]), (["H"], ["X", "H"]), (["H", "S"], ["X", "H", "S"])]
    second = tuple(Setting(_gates(names), (_nothing,)) for pair in states for names in pair)
    plus, minus = np.array([1, 1]) / 2, np.array([1, -1]) / 2
    joined = np.zeros((4, 6))
    joined[0, :2], joined[1, :2], joined[2, 2:4], joined[3, 4:] = plus, minus, minus, minus
    return Ends(first, second, joined)


def locc_ends(wires: int) -> Ends:
    r"""Return the ends of wires that are cut together, what is prepared depending on what was measured.

    :math:`\mathrm{id} = \sum_{i=1}^{2^n} M_i - (2^n - 1) R`: M measures in an unbiased basis and prepares what was
    found, R measures in the computational basis and prepares one of the other states at random. The words are those of
    Z on every subset of the wires, whose signed sum is the outcome.

    Reference:
        Harada, Wada and Yamamoto, PRX Quantum 5, 040308 (2024), Theorem 1.
    """
    size = 2**wires
    subsets = list(product((0, 1), repeat=wires))
    words = tuple(_subset(subset) for subset in subsets)
    first = tuple(Setting(_measured(basis), words) for basis in range(size + 1))
    second = tuple(Setting(_prepared(basis, bits), (_nothing,)) for basis in range(size + 1) for bits in subsets)
    signs = np.array([[(-1) ** int(np.dot(x, subset)) for subset in subsets] for x in subsets]) / size
    joined = np.zeros(((size + 1) * size, (size + 1) * size))
    for basis in range(size + 1):
        block = slice(basis * size, (basis + 1) * size)
        joined[block, block] = signs.T @ (np.eye(size) if basis < size else np.eye(size) - np.ones((size, size)))
    return Ends(first, second, joined)


def _nothing(wires: Wires, spare: int) -> Wires:
    return ()


def _gates(names: list[str]) -> Callable[[Wires, int], list[Gate]]:
    return lambda wires, spare: [Gate(name, wires) for name in names]


def _subset(subset: tuple[int, ...]) -> Callable[[Wires, int], Wires]:
    return lambda wires, spare: tuple(wire for wire, chosen in zip(wires, subset, strict=True) if chosen)


def _measured(basis: int) -> Callable[[Wires, int], list[Gate]]:
    return lambda wires, spare: measurement(basis, wires)


def _prepared(basis: int, bits: tuple[int, ...]) -> Callable[[Wires, int], list[Gate]]:
    flips = lambda wires: [Gate("X", (wire,)) for wire, bit in zip(wires, bits, strict=True) if bit]  # noqa: E731
    return lambda wires, spare: [*flips(wires), *preparation(basis, wires)]
