"""A circuit is data: wires, gates, an encoding, and what is measured.

The same `Circuit` is run by the exact batched engine (`qfl.quantum.exact`) and by PennyLane (`qfl.quantum.devices`),
which also draws it; the two agree to 1e-6 in double precision.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import inf

from qfl.angles import FOUR_PI, TWO_PI, AngleLayout
from qfl.quantum.observables import Observable, wires_of
from qfl.quantum.sums import Sum
from qfl.quantum.unitaries import Rows, check_unitary

# name -> (number of wires, number of parameters, longest period of each, up to a global phase); matrices: exact.py
GATES: dict[str, tuple[int, int, float]] = {
    "H": (1, 0, inf),
    "X": (1, 0, inf),
    "Y": (1, 0, inf),
    "Z": (1, 0, inf),
    "S": (1, 0, inf),
    "T": (1, 0, inf),
    "SX": (1, 0, inf),
    "RX": (1, 1, TWO_PI),
    "RY": (1, 1, TWO_PI),
    "RZ": (1, 1, TWO_PI),
    "PhaseShift": (1, 1, TWO_PI),
    "Rot": (1, 3, TWO_PI),
    "CNOT": (2, 0, inf),
    "CZ": (2, 0, inf),
    "SWAP": (2, 0, inf),
    "CRX": (2, 1, FOUR_PI),
    "CRY": (2, 1, FOUR_PI),
    "CRZ": (2, 1, FOUR_PI),
    "ControlledPhaseShift": (2, 1, TWO_PI),
    "IsingXX": (2, 1, TWO_PI),
    "IsingYY": (2, 1, TWO_PI),
    "IsingZZ": (2, 1, TWO_PI),
    "Toffoli": (3, 0, inf),
    "Adjoint(S)": (1, 0, inf),
    "Adjoint(T)": (1, 0, inf),
    "Adjoint(SX)": (1, 0, inf),
    "U3": (1, 3, TWO_PI),
    "CY": (2, 0, inf),
    "IsingXY": (2, 1, FOUR_PI),
    "CSWAP": (3, 0, inf),
}
# gates of any number of wires: the same without it
WIDE_GATES: dict[str, tuple[int, float]] = {
    "MultiRZ": (1, TWO_PI),
    "PauliRot": (1, TWO_PI),
    "QubitUnitary": (0, inf),
}
COMPOSED = {"U3", "CY", "IsingXY", "PauliRot", "MultiRZ"}
"""What `qfl.quantum.lowering` writes as other gates, MultiRZ where it has one wire."""


@dataclass(frozen=True)
class Angle:
    """A trained parameter: entry ``index`` of the angle vector."""

    index: int


@dataclass(frozen=True)
class Feature:
    """A parameter taken from the data: ``scale * inputs[index]``, in radians."""

    index: int
    scale: float = 1.0


Parameter = Angle | Feature | Sum | float


@dataclass(frozen=True)
class Gate:
    """One gate. Names, parameter order and conventions are PennyLane's.

    Args:
        name: A key of `GATES`, or of `WIDE_GATES`, which act on any number of wires.
        wires: Distinct wires, control first.
        parameters: As many as the gate takes.
        word: The letters of ``PauliRot``, one a wire, of I, X, Y and Z.
        matrix: The rows of ``QubitUnitary``, the first wire the most significant;
            `qfl.quantum.unitaries.check_unitary` makes them of an array.

    Raises:
        ValueError: If the name is unknown, the counts are wrong, or the matrix is not unitary.

    Example:
        >>> Gate("PauliRot", (0, 2), (Angle(0),), word="XY")
        Gate(name='PauliRot', wires=(0, 2), parameters=(Angle(index=0),), word='XY')
    """

    name: str
    wires: tuple[int, ...]
    parameters: tuple[Parameter, ...] = ()
    word: str = ""
    matrix: Rows = ()

    def __post_init__(self):
        if self.name not in GATES and self.name not in WIDE_GATES:
            raise ValueError(f"unknown gate {self.name!r}; known are {', '.join([*GATES, *WIDE_GATES])}")
        num_wires = GATES[self.name][0] if self.name in GATES else max(1, len(self.wires))
        if len(self.wires) != num_wires or len(set(self.wires)) != num_wires:
            wanted = num_wires if self.name in GATES else "1 or more"
            raise ValueError(f"{self.name} acts on {wanted} distinct wires, not on {self.wires}")
        num_parameters = _num_parameters(self.name)
        if len(self.parameters) != num_parameters:
            raise ValueError(f"{self.name} takes {num_parameters} parameters, not {len(self.parameters)}")
        word = "".join(sorted(set(self.word) - set("IXYZ")))
        if word or len(self.word) != (num_wires if self.name == "PauliRot" else 0):
            raise ValueError(
                f"{self.name} on wires {self.wires} has the word {self.word!r}: expected one of I, X, Y, Z "
                "a wire for PauliRot, and none for others"
            )
        if self.name == "QubitUnitary" or len(self.matrix):
            object.__setattr__(self, "matrix", check_unitary(self.name, self.matrix, num_wires))

    def __repr__(self) -> str:
        extra = f", word={self.word!r}" * bool(self.word) + f", matrix={self.matrix!r}" * bool(self.matrix)
        return f"Gate(name={self.name!r}, wires={self.wires!r}, parameters={self.parameters!r}{extra})"

    def used(self) -> Iterator[int]:
        """Yield the indices of the trained angles that its parameters depend on."""
        for parameter in self.parameters:
            if isinstance(parameter, Angle):
                yield parameter.index
            elif isinstance(parameter, Sum):
                yield from parameter.angles

    def read(self) -> Iterator[int]:
        """Yield the indices of the features that its parameters depend on."""
        for parameter in self.parameters:
            if isinstance(parameter, Feature):
                yield parameter.index
            elif isinstance(parameter, Sum):
                yield from parameter.features

    @property
    def period(self) -> float:
        """The longest period of its parameters, up to a global phase."""
        return GATES[self.name][2] if self.name in GATES else WIDE_GATES[self.name][1]


@dataclass(frozen=True)
class Circuit:
    """Wires, gates in order, whether the input is the initial state, and what is measured.

    Args:
        num_qubits: Number of wires; wire 0 is the most significant bit, as in PennyLane.
        gates: Applied in order.
        observables: Each a tuple of wires, ``(0,)`` for Z_0, ``(0, 2)`` for Z_0 Z_2, or a `PauliSum`; the outputs are
            their expectations.
        amplitudes: True if the input vector, padded with zeros and normalised, is the initial state; else |0...0>.
        num_features: Length of an input vector (0 if nothing is encoded).
        names: Names of the angles, for reports; made from gate and wire if empty.

    Raises:
        ValueError: If a wire, an angle or a feature is out of range.

    Example:
        >>> gates = (Gate("RX", (0,), (Feature(0),)), Gate("RY", (0,), (Angle(0),)))
        >>> circuit = Circuit(1, gates, ((0,),), num_features=1)
        >>> circuit.num_angles
        1
    """

    num_qubits: int
    gates: tuple[Gate, ...]
    observables: tuple[Observable, ...]
    amplitudes: bool = False
    num_features: int = 0
    names: tuple[str, ...] = field(default=())

    def __post_init__(self):
        if self.num_qubits < 1 or self.num_features < 0:
            raise ValueError(f"{self.num_qubits} qubits and {self.num_features} features: expected 1 qubit or more")
        wires = {wire for gate in self.gates for wire in gate.wires}
        wires |= {wire for observable in self.observables for wire in wires_of(observable)}
        if wires - set(range(self.num_qubits)):
            raise ValueError(f"wires {sorted(wires)} do not fit {self.num_qubits} qubits")
        if self.amplitudes and self.num_features > 2**self.num_qubits:
            raise ValueError(f"{self.num_features} features do not fit the {2**self.num_qubits} amplitudes")
        used = {index for gate in self.gates for index in gate.read()}
        if used and max(used) >= self.num_features:
            raise ValueError(f"feature {max(used)} is used, but inputs have {self.num_features} features")
        indices = sorted({index for gate in self.gates for index in gate.used()})
        if indices != list(range(len(indices))):
            raise ValueError("angle indices must be 0, 1, 2, ... without a gap")

    @property
    def num_angles(self) -> int:
        """Count the trained angles."""
        return 1 + max((index for gate in self.gates for index in gate.used()), default=-1)

    @cached_property
    def plain(self) -> bool:
        """Whether the engines run its gates as they are; else `qfl.quantum.lowering` writes them as others first."""
        return all(
            gate.name not in COMPOSED and not any(isinstance(p, Sum) for p in gate.parameters) for gate in self.gates
        )

    def layout(self) -> AngleLayout:
        """Return names and periods of the angles, for whatever features the circuit is given.

        A period is the smallest that leaves every expectation value unchanged (`qfl.quantum.periods`, where two
        exceptions are named). Three angles of a ``Rot`` that no other gate uses are one rotation.
        """
        from qfl.quantum.periods import circuit_periods  # runs circuits

        names, others = [""] * self.num_angles, set[int]()
        triples: list[tuple[int, int, int]] = []
        for position, gate in enumerate(self.gates):
            own = tuple(p.index for p in gate.parameters if isinstance(p, Angle))
            wires = "-".join(map(str, gate.wires))
            for place, parameter in enumerate(gate.parameters):
                for index in Gate("RZ", (0,), (parameter,)).used():
                    names[index] = f"{position}.{gate.name}.{wires}.{place}"
            if gate.name == "Rot" and len(own) == 3:
                triples.append((own[0], own[1], own[2]))
            else:
                others |= set(gate.used())
        rotations = tuple(triple for triple in triples if not others & set(triple))
        return AngleLayout(tuple(self.names or names), circuit_periods(self), rotations)


def _num_parameters(name: str) -> int:
    return GATES[name][1] if name in GATES else WIDE_GATES[name][0]


def z_words(num_qubits: int, count: int) -> tuple[tuple[int, ...], ...]:
    """Return ``count`` observables: Z of every wire, then Z Z of neighbours on the ring, then of wires further apart.

    Raises:
        ValueError: If there are fewer words of weight one and two than asked for.

    Example:
        >>> z_words(3, 5)
        ((0,), (1,), (2,), (0, 1), (1, 2))
    """
    pairs: dict[tuple[int, ...], None] = {}
    for gap in range(1, num_qubits // 2 + 1):
        for wire in range(num_qubits):
            first, second = sorted((wire, (wire + gap) % num_qubits))
            pairs.setdefault((first, second))
    words: Sequence[tuple[int, ...]] = [*((wire,) for wire in range(num_qubits)), *pairs]
    if count > len(words):
        raise ValueError(f"{num_qubits} qubits have {len(words)} Z and ZZ words, {count} were asked for; add qubits")
    return tuple(words[:count])
