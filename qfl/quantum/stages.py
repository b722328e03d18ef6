"""Every circuit is a word in three letters: product, permutation, phase; and fixed matrices on several wires.

* A **product** applies one 2 x 2 matrix to each wire.
* A **permutation** relabels basis states (CNOT, SWAP, Toffoli, CSWAP).
* A **phase** multiplies every basis state z by exp(-i/2 sum_k theta_k s_k(z)); s_k is the *spectrum* of the gate.

Whatever is neither is rewritten by a change of basis, so that its parameter lands in a phase:

    CRX = H_t CRZ H_t        CRY = (S H)_t CRZ (S H)_t^dag        IsingXX = (H H) IsingZZ (H H), ...
    RX(x) = H RZ(x) H        RY(x) = (S H) RZ(x) (S H)^dag        for a feature x

The last line is the useful one: a rotation by a *feature* differs from sample to sample, and as a phase it costs one
multiplication per amplitude instead of one matrix per sample; the constant matrices beside it melt into the trained
products of their neighbours. Gates move to the earliest stage that their wires allow.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qfl.quantum.circuit import Angle, Feature, Gate, Parameter

Spectrum = NDArray[np.float64]


@dataclass
class Product:
    """One chain of one-qubit gates per wire, first gate first."""

    chains: dict[int, list[Gate]] = field(default_factory=dict[int, list[Gate]])


@dataclass
class Permutation:
    """Basis state ``z`` becomes ``target[z]``."""

    target: NDArray[np.int64]


@dataclass
class Phase:
    """Parameters with their spectra; all of them commute."""

    terms: list[tuple[Parameter, Spectrum]] = field(default_factory=list[tuple[Parameter, Spectrum]])


@dataclass
class Fixed:
    """A fixed unitary matrix on several wires, the first the most significant."""

    wires: tuple[int, ...]
    matrix: NDArray[np.complex128]


Stage = Product | Permutation | Phase | Fixed
PERMUTING = {"CNOT", "SWAP", "Toffoli", "CSWAP"}


def to_stages(gates: Iterable[Gate], num_qubits: int) -> list[Stage]:
    """Return the stages of a sequence of gates, in order.

    Example:
        >>> from qfl.quantum.circuit import Angle
        >>> layer = (Gate("RY", (0,), (Angle(0),)), Gate("RY", (1,), (Angle(1),)), Gate("CNOT", (0, 1)))
        >>> [type(stage).__name__ for stage in to_stages(layer, 2)]
        ['Product', 'Permutation']
    """
    stages: list[Stage] = []
    last = dict.fromkeys(range(num_qubits), 0)
    for letter in (letter for gate in gates for letter in rewrite(gate)):
        if letter.matrix and len(letter.wires) > 1:
            stages.append(Fixed(letter.wires, np.array(letter.matrix, dtype=complex)))
            last |= dict.fromkeys(letter.wires, len(stages) - 1)
            continue
        kind = _kind(letter)
        place = max(last[wire] for wire in letter.wires)
        while place < len(stages) and not isinstance(stages[place], kind):
            place += 1
        if place == len(stages):
            stages.append(_empty(kind, num_qubits))
        _put(stages[place], letter, num_qubits)
        last |= dict.fromkeys(letter.wires, place)
    return stages


def rewrite(gate: Gate) -> Iterator[Gate]:
    """Yield a gate as gates that are each one letter."""
    if gate.name == "Rot" and not all(isinstance(p, Angle) for p in gate.parameters):
        for name, parameter in zip(("RZ", "RY", "RZ"), gate.parameters, strict=True):
            yield from rewrite(Gate(name, gate.wires, (parameter,)))
    elif gate.name in _CONJUGATED and (len(gate.wires) == 2 or isinstance(gate.parameters[0], Feature)):
        name, basis = _CONJUGATED[gate.name]
        wires = gate.wires if name == "IsingZZ" else gate.wires[-1:]
        yield from (_constant(step, wire) for wire in wires for step in _UNDO[basis])
        yield Gate(name, gate.wires, gate.parameters)
        yield from (_constant(step, wire) for wire in wires for step in _DO[basis])
    else:
        yield gate


def bits(num_qubits: int) -> NDArray[np.int64]:
    """Return the bit of every wire in every basis state, [wire state]; wire 0 is the most significant."""
    states = np.arange(2**num_qubits, dtype=np.int64)
    return np.stack([(states >> (num_qubits - 1 - wire)) & 1 for wire in range(num_qubits)])


def spectrum(name: str, wires: tuple[int, ...], num_qubits: int) -> Spectrum:
    """Return s(z) of a diagonal gate exp(-i/2 theta s(z)), [state].

    Args:
        name: RZ, PhaseShift, IsingZZ, MultiRZ, CRZ, ControlledPhaseShift or CZ (whose theta is pi).
        wires: The wires that it acts on: one or two, of MultiRZ any number.
        num_qubits: Wires there are.
    """
    bit = bits(num_qubits)
    if name == "MultiRZ":
        return np.prod(1 - 2 * bit[list(wires)], axis=0).astype(np.float64)
    a, b = bit[wires[0]], bit[wires[-1]]
    forms = {
        "RZ": 1 - 2 * a,
        "PhaseShift": -2 * a,
        "IsingZZ": (1 - 2 * a) * (1 - 2 * b),
        "CRZ": a * (1 - 2 * b),
        "ControlledPhaseShift": -2 * a * b,
        "CZ": -2 * a * b,
    }
    return forms[name].astype(np.float64)


def permutation(name: str, wires: tuple[int, ...], num_qubits: int) -> NDArray[np.int64]:
    """Return where each basis state goes under CNOT, SWAP, Toffoli or CSWAP, [state].

    Args:
        name: CNOT, SWAP, Toffoli or CSWAP.
        wires: The wires that it acts on, controls first.
        num_qubits: Wires there are.
    """
    bit = bits(num_qubits)
    states, weight = np.arange(2**num_qubits, dtype=np.int64), [1 << (num_qubits - 1 - wire) for wire in wires]
    if name in ("SWAP", "CSWAP"):
        a, b = wires[-2:]
        control = bit[wires[0]] if name == "CSWAP" else 1
        return states ^ control * (bit[a] ^ bit[b]) * (weight[-2] | weight[-1])
    return states ^ np.prod(bit[list(wires[:-1])], axis=0) * weight[-1]


_CONJUGATED = {
    "RX": ("RZ", "X"),
    "RY": ("RZ", "Y"),
    "CRX": ("CRZ", "X"),
    "CRY": ("CRZ", "Y"),
    "IsingXX": ("IsingZZ", "X"),
    "IsingYY": ("IsingZZ", "Y"),
}
_UNDO = {"X": ("H",), "Y": ("S", "Z", "H")}  # S Z = S^dag
_DO = {"X": ("H",), "Y": ("H", "S")}


def _constant(name: str, wire: int) -> Gate:
    return Gate(name, (wire,))


def _kind(gate: Gate) -> type[Product] | type[Permutation] | type[Phase]:
    if gate.name in PERMUTING:
        return Permutation
    by_feature = any(isinstance(parameter, Feature) for parameter in gate.parameters)
    return Phase if by_feature or len(gate.wires) > 1 else Product


def _empty(kind: type[Product] | type[Permutation] | type[Phase], num_qubits: int) -> Product | Permutation | Phase:
    if kind is Permutation:
        return Permutation(np.arange(2**num_qubits, dtype=np.int64))
    return Phase() if kind is Phase else Product()


def _put(stage: Stage, gate: Gate, num_qubits: int) -> None:
    if isinstance(stage, Product):
        stage.chains.setdefault(gate.wires[0], []).append(gate)
    elif isinstance(stage, Permutation):
        stage.target = permutation(gate.name, gate.wires, num_qubits)[stage.target]
    elif isinstance(stage, Phase):
        parameter = gate.parameters[0] if gate.parameters else np.pi
        stage.terms.append((parameter, spectrum(gate.name, gate.wires, num_qubits)))
