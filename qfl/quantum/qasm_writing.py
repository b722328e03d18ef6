"""OpenQASM 3 text of a circuit: gates of stdgates.inc, trained angles as inputs, observables as comments.

Angles are ``input float theta_0;`` and features ``input float x_0;``, unless numbers are bound. What is measured is no
part of OpenQASM, so it stands in comments that `qfl.quantum.qasm_reading` reads: ``// observable: 0.5 X0 Z1 + 1 I``.

Reference:
    Cross et al., "OpenQASM 3: a broader and deeper quantum assembly language", 2022, arXiv:2104.14722; stdgates.inc of
    its specification.
"""

from collections.abc import Iterable, Iterator
from math import pi

import numpy as np
from numpy.typing import ArrayLike

from qfl.errors import ConfigError
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.lowering import decomposed, scaled
from qfl.quantum.observables import Observable, as_sum
from qfl.quantum.sums import Sum, Term

PLAIN = {
    "H": "h", "X": "x", "Y": "y", "Z": "z", "S": "s", "T": "t", "SX": "sx", "Adjoint(S)": "sdg", "Adjoint(T)": "tdg",
    "Adjoint(SX)": "inv @ sx", "RX": "rx", "RY": "ry", "RZ": "rz", "PhaseShift": "p", "U3": "U", "CNOT": "cx",
    "CY": "cy", "CZ": "cz", "SWAP": "swap", "CRX": "crx", "CRY": "cry", "CRZ": "crz", "ControlledPhaseShift": "cp",
    "Toffoli": "ccx", "CSWAP": "cswap",
}  # fmt: skip
"""Our gates that stdgates.inc has, and its names."""


def to_qasm(circuit: Circuit, angles: ArrayLike | None = None, inputs: ArrayLike | None = None) -> str:
    """Return a circuit as OpenQASM 3.

    Args:
        circuit: What is written; gates that stdgates.inc has not are written as several, equal up to a global phase.
        angles: Numbers for the angles [angle]; None declares each as an input.
        inputs: Numbers for the features [feature]; None declares each as an input.

    Raises:
        ConfigError: If the sample is the initial state, a fixed unitary acts on two wires or more, or the numbers are
            not as many as the circuit has.

    Example:
        >>> print(to_qasm(Circuit(2, (Gate("RY", (0,), (Angle(0),)), Gate("CNOT", (0, 1))), ((0, 1),))))
        OPENQASM 3.0;
        include "stdgates.inc";
        // observable: 1.0 Z0 Z1
        input float theta_0;
        qubit[2] q;
        ry(theta_0) q[0];
        cx q[0], q[1];
        <BLANKLINE>
    """
    if circuit.amplitudes:
        raise ConfigError("a circuit whose sample is its initial state is no OpenQASM; encode features as angles")
    own = _bound("angles", angles, circuit.num_angles)
    read = _bound("features", inputs, circuit.num_features)
    trained = own or [f"theta_{k}" for k in range(circuit.num_angles)]
    features = read or [f"x_{k}" for k in range(circuit.num_features)]
    lines = ["OPENQASM 3.0;", 'include "stdgates.inc";', *map(_observable, circuit.observables)]
    lines += [f"input float {name};" for name in (*(() if own else trained), *(() if read else features))]
    lines.append(f"qubit[{circuit.num_qubits}] q;")
    lines += [_line(gate, trained, features) for gate in standard(circuit.gates)]
    return "\n".join(lines) + "\n"


def standard(gates: Iterable[Gate]) -> Iterator[Gate]:
    """Yield gates as gates of `PLAIN`, equal up to a global phase.

    Raises:
        ConfigError: If a fixed unitary acts on two wires or more.

    Example:
        >>> [gate.name for gate in standard([Gate("MultiRZ", (0, 1, 2), (0.5,))])]
        ['CNOT', 'CNOT', 'RZ', 'CNOT', 'CNOT']
    """
    for gate in gates:
        if gate.name in PLAIN:
            yield gate
        elif gate.name == "Rot":
            phi, theta, omega = gate.parameters
            for name, parameter in (("RZ", phi), ("RY", theta), ("RZ", omega)):
                yield Gate(name, gate.wires, (parameter,))
        elif gate.name == "QubitUnitary":
            yield _one_wire(gate)
        elif gate.name in ("IsingXX", "IsingYY"):
            yield from standard(decomposed(Gate("PauliRot", gate.wires, gate.parameters, word=2 * gate.name[-1])))
        elif gate.name in ("IsingZZ", "MultiRZ") and len(gate.wires) > 1:
            ladder = [Gate("CNOT", pair) for pair in zip(gate.wires, gate.wires[1:], strict=False)]
            yield from (*ladder, Gate("RZ", gate.wires[-1:], gate.parameters), *reversed(ladder))
        else:
            yield from standard(decomposed(gate))


def _one_wire(gate: Gate) -> Gate:
    """Return a unitary of one wire as U3: the phase of its first column's first entry is the global one."""
    if len(gate.wires) > 1:
        raise ConfigError(f"QubitUnitary on wires {gate.wires} is no gate of OpenQASM; write it as gates first")
    (a, b), (c, d) = np.array(gate.matrix)
    theta = 2 * float(np.arctan2(abs(c), abs(a)))
    if abs(a) < abs(c):  # the phases are read where they are large
        delta, whole = float(np.angle(-b / c)), float(np.angle(c))
        if abs(a) > 1e-9:
            phi = whole - float(np.angle(a))
            return Gate("U3", gate.wires, (theta, phi, delta + phi))
        return Gate("U3", gate.wires, (theta, 0.0, delta))
    total = float(np.angle(d / a))
    phi = float(np.angle(c / a)) if abs(c) > 1e-9 else 0.0
    return Gate("U3", gate.wires, (theta, phi, total - phi))


def _line(gate: Gate, angles: list[str], features: list[str]) -> str:
    values = ", ".join(_text(parameter, angles, features) for parameter in gate.parameters)
    called = f"({values})" if values else ""
    return f"{PLAIN[gate.name]}{called} {', '.join(f'q[{wire}]' for wire in gate.wires)};"


def _text(parameter: Parameter, angles: list[str], features: list[str]) -> str:
    match parameter:
        case Angle(index):
            return angles[index]
        case Feature():
            total = scaled(parameter, 1.0)
            return _product(Term(parameter.scale, features=(parameter.index,)), angles, features) if total else ""
        case Sum():
            shift = [_number(parameter.shift)] if parameter.shift else []
            return " + ".join([*(_product(term, angles, features) for term in parameter.terms), *shift])
        case _:
            return _number(parameter)


def _product(term: Term, angles: list[str], features: list[str]) -> str:
    factors = [angles[index] for index in term.angles] + [features[index] for index in term.features]
    return " * ".join([_number(term.weight)] * (term.weight != 1) + factors)


def _number(value: float) -> str:
    return "pi" if value == pi else repr(float(value))


def _observable(observable: Observable) -> str:
    terms = as_sum(observable).terms
    return "// observable: " + " + ".join(f"{float(c)!r} {word or 'I'}" for c, word in terms)


def _bound(name: str, values: ArrayLike | None, count: int) -> list[str]:
    if values is None:
        return []
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.shape != (count,):
        raise ConfigError(f"{numbers.shape} {name} are given; the circuit takes {count}")
    return [f"({value!r})" if value < 0 else repr(value) for value in map(float, numbers)]
