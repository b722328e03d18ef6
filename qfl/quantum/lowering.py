"""Circuits in the gates and parameters that the engines run: composed gates as others, sums as derived entries.

    U3(t, p, d) = Rot(d, t, p)         CY = S_t CNOT S_t^dag        IsingXY(t) = IsingXX(-t/2) IsingYY(-t/2)
    PauliRot(t, XYZ) = V^dag MultiRZ(t) V,   V with H on wires of X, H S^dag on wires of Y

up to a global phase. A gate exp(-i t G) whose t is a sum of angles and features is two gates, one for each kind; their
parameters are entries of longer vectors, *derived* from the given ones, through which gradients pass.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.sums import Sum, Term


@dataclass(frozen=True, eq=False)
class Derived:
    """Entries that are sums of products of others.

    Args:
        row: The entry that each term adds to.
        weight: Of each term.
        factors: Which of (1, given entries...) each term multiplies.
        count: Derived entries.
    """

    row: Int[Tensor, " term"]
    weight: Float[Tensor, " term"]
    factors: Int[Tensor, "factor term"]
    count: int

    def of(self, given: Float[Tensor, "*batch entry"]) -> Float[Tensor, "*batch derived"]:
        """Return the derived entries."""
        entries = torch.cat((given.new_ones(*given.shape[:-1], 1), given), -1)
        values = entries[..., :1] * self.weight.to(given.dtype)
        for factor in self.factors:
            values = values * entries[..., factor]
        return given.new_zeros(*given.shape[:-1], self.count).index_add(-1, self.row, values)


@dataclass(frozen=True, eq=False)
class Lowered:
    """A circuit's gates as the engines run them.

    Args:
        gates: Whose parameters are angles, features and numbers.
        angles: How their angles come from the given ones; None if they are the given ones, as then features are.
        features: How their features come from (angles, features).
    """

    gates: tuple[Gate, ...]
    angles: Derived | None = None
    features: Derived | None = None

    def arguments(
        self, angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
    ) -> tuple[Float[Tensor, "client own"], Float[Tensor, "client sample read"]]:
        """Return the angles and features of the gates."""
        if self.angles is None or self.features is None:
            return angles, inputs
        both = torch.cat((angles.unsqueeze(1).expand(-1, inputs.shape[1], -1), inputs), 2)
        return self.angles.of(angles), self.features.of(both)


def lowered(circuit: Circuit) -> Lowered:
    """Return a circuit's gates as the engines run them, and what their parameters are made of.

    Example:
        >>> gate = Gate("RX", (0,), (Sum((Term(2.0, angles=(0,)), Term(1.0, features=(0,)))),))
        >>> for one in lowered(Circuit(1, (gate,), ((0,),), num_features=1)).gates:
        ...     print(one)
        Gate(name='RX', wires=(0,), parameters=(Angle(index=0),))
        Gate(name='RX', wires=(0,), parameters=(Feature(index=0, scale=1.0),))
    """
    return Lowered(circuit.gates) if circuit.plain else _lowered(circuit)


def decomposed(gate: Gate) -> Iterator[Gate]:
    """Yield a composed gate as gates that are not, equal up to a global phase; another gate as it is.

    Example:
        >>> [one.name for one in decomposed(Gate("CY", (0, 1)))]
        ['Adjoint(S)', 'CNOT', 'S']
    """
    match gate.name:
        case "U3":
            theta, phi, delta = gate.parameters
            yield Gate("Rot", gate.wires, (delta, theta, phi))
        case "CY":
            target = gate.wires[1:]
            yield from (Gate("Adjoint(S)", target), Gate("CNOT", gate.wires), Gate("S", target))
        case "IsingXY":
            half = (scaled(gate.parameters[0], -0.5),)
            yield from (Gate("IsingXX", gate.wires, half), Gate("IsingYY", gate.wires, half))
        case "MultiRZ" if len(gate.wires) == 1:
            yield Gate("RZ", gate.wires, gate.parameters)
        case "PauliRot":
            yield from _pauli_rotation(gate)
        case _:
            yield gate


def scaled(parameter: Parameter, factor: float) -> Parameter:
    """Return a parameter times a number.

    Example:
        >>> scaled(Feature(2, 3.0), -0.5)
        Feature(index=2, scale=-1.5)
    """
    match parameter:
        case Angle(index):
            return Sum((Term(factor, angles=(index,)),))
        case Feature(index, scale):
            return Feature(index, factor * scale)
        case Sum():
            return parameter.times(factor)
        case _:
            return factor * parameter


def _pauli_rotation(gate: Gate) -> Iterator[Gate]:
    pairs = [(letter, wire) for letter, wire in zip(gate.word, gate.wires, strict=True) if letter != "I"]
    if not pairs:
        return  # a global phase
    wires = tuple(wire for _, wire in pairs)
    for letter, wire in pairs:
        yield from (Gate(name, (wire,)) for name in {"X": ("H",), "Y": ("Adjoint(S)", "H"), "Z": ()}[letter])
    yield from decomposed(Gate("MultiRZ", wires, gate.parameters))
    for letter, wire in pairs:
        yield from (Gate(name, (wire,)) for name in {"X": ("H",), "Y": ("H", "S"), "Z": ()}[letter])


@lru_cache(maxsize=64)
def _lowered(circuit: Circuit) -> Lowered:
    build = _Builder(circuit.num_angles)
    gates = tuple(
        whole for gate in circuit.gates for own in decomposed(gate) for one in _split(own) for whole in build.gates(one)
    )
    return Lowered(gates, build.derived(build.angles), build.derived(build.features))


def _split(gate: Gate) -> Iterator[Gate]:
    """Yield a Rot of anything but angles as three rotations, since each of them may be two."""
    if gate.name == "Rot" and any(isinstance(p, Sum) for p in gate.parameters):
        for name, parameter in zip(("RZ", "RY", "RZ"), gate.parameters, strict=True):
            yield Gate(name, gate.wires, (parameter,))
    else:
        yield gate


@dataclass
class _Builder:
    """Derived entries so far, by what they are; features come after the angles."""

    num_angles: int
    angles: dict[tuple[Term, ...], int] = field(default_factory=dict[tuple[Term, ...], int])
    features: dict[tuple[Term, ...], int] = field(default_factory=dict[tuple[Term, ...], int])

    def gates(self, gate: Gate) -> Iterator[Gate]:
        """Yield a gate with derived parameters: twice where one depends on angles and on features."""
        if len(gate.parameters) != 1 or not isinstance(gate.parameters[0], Sum):
            yield replace(gate, parameters=tuple(map(self._plain, gate.parameters)))
            return
        total = gate.parameters[0]
        trained = tuple(term for term in total.terms if not term.features)
        encoded = tuple(term for term in total.terms if term.features)
        constant = (Term(total.shift),) if total.shift else ()
        if trained:
            yield replace(gate, parameters=(Angle(self._entry(self.angles, trained + constant)),))
        elif constant:
            yield replace(gate, parameters=(total.shift,))
        if encoded:
            yield replace(gate, parameters=(Feature(self._entry(self.features, encoded)),))

    def _plain(self, parameter: Parameter) -> Parameter:
        match parameter:
            case Angle(index):
                return Angle(self._entry(self.angles, (Term(1.0, angles=(index,)),)))
            case Feature(index, scale):
                return Feature(self._entry(self.features, (Term(1.0, features=(index,)),)), scale)
            case _:
                return parameter

    def _entry(self, table: dict[tuple[Term, ...], int], terms: tuple[Term, ...]) -> int:
        return table.setdefault(terms, len(table))

    def derived(self, table: dict[tuple[Term, ...], int]) -> Derived:
        """Return the map from (angles, features) to the entries of a table."""
        terms = [(row, term) for own, row in table.items() for term in own]
        most = max((len(term.angles) + len(term.features) for _, term in terms), default=0)
        factors = np.zeros((most, len(terms)), dtype=np.int64)
        for column, (_, term) in enumerate(terms):
            places = [1 + a for a in term.angles] + [1 + self.num_angles + f for f in term.features]
            factors[: len(places), column] = places
        rows = torch.tensor([row for row, _ in terms], dtype=torch.int64)
        weights = torch.tensor([term.weight for _, term in terms], dtype=torch.float64)
        return Derived(rows, weights, torch.as_tensor(factors), len(table))
