"""From OpenQASM 3 to a circuit: qubits, inputs, gates of stdgates.inc and their arithmetic; all else is refused.

The text is parsed by the package ``openqasm3`` (the extra ``qasm``). An ``input float`` is a feature if its name begins
with ``x``, else a trained angle; arrays are read entry by entry. A parameter may add, subtract and multiply inputs and
numbers, as `qfl.quantum.sums` does. Observables stand in comments, as `qfl.quantum.qasm_writing` writes them; a program
without is measured in Z on every qubit.
"""

# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false
# (openqasm3 is an extra and has no type stubs)

import re
from collections.abc import Sequence
from math import e, pi, tau
from typing import Any

from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.observables import Observable, PauliSum
from qfl.quantum.qasm_writing import PLAIN
from qfl.quantum.sums import Sum, Term

ALSO = {"CX": "CNOT", "phase": "PhaseShift", "cphase": "ControlledPhaseShift", "u3": "U3", "id": ""}
NAMES = {qasm: ours for ours, qasm in PLAIN.items() if "@" not in qasm} | ALSO
CONSTANTS = {"pi": pi, "π": pi, "tau": tau, "τ": tau, "euler": e, "ℇ": e}
INVERSE = {"S": "Adjoint(S)", "T": "Adjoint(T)", "SX": "Adjoint(SX)"}
ITSELF = {name for name, (_, count, _) in GATES.items() if not count and name not in INVERSE}
OBSERVABLE = re.compile(r"^\s*//\s*observable:\s*(.+)$", re.MULTILINE)
MOST_QUBITS = 20

Value = Sequence[Term]  # a polynomial; a constant is a term without factors


def from_qasm(text: str) -> Circuit:
    """Return the circuit of an OpenQASM 3 program.

    Args:
        text: The program.

    Raises:
        ConfigError: If it is no OpenQASM, has a statement or a gate that we do not read, or the package is missing.

    Example:
        >>> circuit = from_qasm('OPENQASM 3.0; input float a; qubit[1] q; rx(2 * a) q[0];')
        >>> circuit.gates[0].parameters[0].value([0.25], []), circuit.observables
        (0.5, ((0,),))
    """
    try:
        import openqasm3
    except ImportError:
        raise ConfigError(
            "OpenQASM is read by the package openqasm3, which is not installed; python -m pip install 'qfl[qasm]'"
        ) from None
    try:
        program = openqasm3.parse(text)
    except Exception as error:  # its errors have no common base
        raise ConfigError(f"this is no OpenQASM 3: {' '.join(str(error).split())[:200]}; mend it") from None
    reader = _Reader()
    for statement in program.statements:
        reader.read(statement)
    return reader.circuit(text)


class _Reader:
    """What has been declared, and the gates so far."""

    def __init__(self) -> None:
        self.wires: dict[str, list[int]] = {}
        self.angles: dict[str, int] = {}
        self.features: dict[str, int] = {}
        self.gates: list[Gate] = []

    def read(self, statement: Any) -> None:
        """Read one statement."""
        kind = type(statement).__name__
        match kind:
            case "Include":
                if statement.filename != "stdgates.inc":
                    raise ConfigError(f"include {statement.filename!r} is not read; only stdgates.inc is")
            case "QubitDeclaration":
                count = 1 if statement.size is None else _whole(statement.size)
                first = sum(map(len, self.wires.values()))
                self.wires[statement.qubit.name] = list(range(first, first + count))
            case "IODeclaration":
                self._input(statement)
            case "QuantumGate":
                self._gate(statement)
            case "QuantumBarrier" | "Pragma":
                pass
            case "QuantumMeasurementStatement" | "QuantumReset":
                raise ConfigError(
                    f"{_where(statement)} measures or resets a qubit; leave it out, values are taken at the end"
                )
            case "ClassicalDeclaration" if type(statement.type).__name__ == "BitType" and not statement.init_expression:
                pass  # bits that nothing is measured into
            case _:
                raise ConfigError(
                    f"{_where(statement)} is a {kind}, which is not read; write qubits, inputs and gates of "
                    "stdgates.inc alone"
                )

    def circuit(self, text: str) -> Circuit:
        """Return what was read."""
        count = sum(map(len, self.wires.values()))
        if not 1 <= count <= MOST_QUBITS:
            raise ConfigError(f"the program has {count} qubits; give 1 to {MOST_QUBITS}")
        used = {index for gate in self.gates for index in gate.used()}
        unused = [name for name, index in self.angles.items() if index not in used]
        if unused:
            raise ConfigError(f"no gate uses the input {unused[0]!r}; take it out, or use it")
        observables = tuple(map(_observable, OBSERVABLE.findall(text))) or tuple((wire,) for wire in range(count))
        try:
            return Circuit(count, tuple(self.gates), observables, False, len(self.features), tuple(self.angles))
        except ValueError as error:
            raise ConfigError(f"the program is no circuit: {error}; mend it") from None

    def _input(self, statement: Any) -> None:
        name = statement.identifier.name
        kind = type(statement.type).__name__
        if statement.io_identifier.name != "input" or kind not in ("FloatType", "AngleType"):
            raise ConfigError(f"{name} is declared as {statement.io_identifier.name} {kind}; only input float is read")
        table = self.features if name.startswith("x") else self.angles
        table[name] = len(table)

    def _gate(self, statement: Any) -> None:
        qasm, inverse = statement.name.name, False
        for modifier in statement.modifiers:
            if modifier.modifier.name != "inv":
                raise ConfigError(f"{_where(statement)} has the modifier {modifier.modifier.name}; only inv is read")
            inverse = not inverse
        if qasm not in NAMES:
            raise ConfigError(f"{_where(statement)} calls {qasm}, which is not read; known are {', '.join(NAMES)}")
        wires = [self._wires(qubit) for qubit in statement.qubits]
        values = tuple(_parameter(self._value(argument)) for argument in statement.arguments)
        for own in zip(*_spread(wires), strict=True) if NAMES[qasm] else ():
            try:
                gate = Gate(NAMES[qasm], tuple(own), values)
            except ValueError as error:
                raise ConfigError(f"{_where(statement)}: {error}; mend it") from None
            self.gates.append(_inverted(gate) if inverse else gate)

    def _wires(self, qubit: Any) -> list[int]:
        name = getattr(qubit.name, "name", qubit.name)
        if name not in self.wires:
            raise ConfigError(f"{_where(qubit)} names the qubit {name!r}, which is not declared; declare it")
        own = self.wires[name]
        for index in getattr(qubit, "indices", ()):
            place = _whole(index[0]) if isinstance(index, list) and len(index) == 1 else -1
            if not 0 <= place < len(own):
                raise ConfigError(f"{_where(qubit)}: {name} has the qubits 0 to {len(own) - 1}; give one of them")
            own = [own[place]]
        return own

    def _value(self, node: Any) -> Value:
        match type(node).__name__:
            case "IntegerLiteral" | "FloatLiteral":
                return [Term(float(node.value))]
            case "Identifier" if node.name in CONSTANTS:
                return [Term(CONSTANTS[node.name])]
            case "Identifier" if node.name in self.angles:
                return [Term(1.0, angles=(self.angles[node.name],))]
            case "Identifier" if node.name in self.features:
                return [Term(1.0, features=(self.features[node.name],))]
            case "UnaryExpression" if node.op.name == "-":
                return _times([Term(-1.0)], self._value(node.expression))
            case "BinaryExpression" if node.op.name in "+-*/":
                return _combined(node.op.name, self._value(node.lhs), self._value(node.rhs), node)
            case _:
                raise ConfigError(f"{_where(node)} has an expression that is not read; add and multiply inputs")


def _combined(operator: str, left: Value, right: Value, node: Any) -> Value:
    if operator == "*":
        return _times(left, right)
    if operator == "/":
        if any(term.angles or term.features for term in right) or not sum(term.weight for term in right):
            raise ConfigError(f"{_where(node)} divides by an input or by zero; divide by a number")
        return _times(left, [Term(1 / sum(term.weight for term in right))])
    return [*left, *(right if operator == "+" else _times([Term(-1.0)], right))]


def _times(left: Value, right: Value) -> Value:
    return [Term(a.weight * b.weight, a.angles + b.angles, a.features + b.features) for a in left for b in right]


def _parameter(terms: Value) -> Parameter:
    """Return a polynomial as a parameter of a gate."""
    shift = sum(term.weight for term in terms if not term.angles and not term.features)
    rest = tuple(term for term in terms if term.angles or term.features)
    if not rest:
        return shift
    if len(rest) == 1 and not shift:
        (term,) = rest
        if term.weight == 1 and len(term.angles) == 1 and not term.features:
            return Angle(term.angles[0])
        if len(term.features) == 1 and not term.angles:
            return Feature(term.features[0], term.weight)
    return Sum(rest, shift)


def _inverted(gate: Gate) -> Gate:
    from qfl.quantum.lowering import scaled

    if gate.name in ITSELF:
        return gate
    if gate.name in INVERSE:
        return Gate(INVERSE[gate.name], gate.wires)
    if gate.name.startswith("Adjoint("):
        return Gate(gate.name[8:-1], gate.wires)
    values = tuple(scaled(parameter, -1.0) for parameter in gate.parameters)
    return Gate(gate.name, gate.wires, (values[0], values[2], values[1]) if gate.name == "U3" else values)


def _spread(wires: list[list[int]]) -> list[list[int]]:
    """Return the wires of each of a gate's applications: a register stands for each of its qubits in turn."""
    longest = max(map(len, wires))
    if any(len(own) not in (1, longest) for own in wires):
        raise ConfigError("a gate is applied to registers of different lengths; give registers of one length")
    return [own * longest if len(own) == 1 else own for own in wires]


def _observable(text: str) -> Observable:
    """Return an observable of a comment: coefficients and words, joined by +."""
    terms: list[tuple[float, str]] = []
    for part in text.split(" + "):
        number, _, word = part.strip().partition(" ")
        try:
            terms.append((float(number), "" if word == "I" else word))
            PauliSum((terms[-1],))
        except ValueError:
            raise ConfigError(f"the comment observable: {part!r} is no sum of Pauli words, as 0.5 X0 + 1 I") from None
    if len(terms) == 1 and terms[0][0] == 1 and terms[0][1] and set(terms[0][1]) <= set("Z 0123456789"):
        return tuple(int(letter[1:]) for letter in terms[0][1].split())
    return PauliSum(tuple(terms))


def _whole(node: Any) -> int:
    if type(node).__name__ != "IntegerLiteral":
        raise ConfigError(f"{_where(node)} has a length or an index that is no number; write the number")
    return int(node.value)


def _where(node: Any) -> str:
    return f"line {node.span.start_line}" if getattr(node, "span", None) else "the program"
