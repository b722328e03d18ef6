"""From a circuit to PennyLane: as a QNode of ``(inputs, weights)``, and as source text that anybody can run."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

from typing import Any

import numpy as np

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.observables import PauliSum, letters
from qfl.quantum.pennylane_program import measure_words, pennylane_gate
from qfl.quantum.sums import Sum, Term


def to_pennylane(circuit: Circuit, device: Any = "default.qubit", interface: str = "auto") -> Any:
    """Return a QNode of ``(inputs, weights)``: one sample [feature] and the angle vector [angle].

    Args:
        circuit: What it runs.
        device: PennyLane's name of a device, or a device.
        interface: PennyLane's name of the arrays that gradients are for.

    Returns:
        The QNode; it returns one expectation value, or a list of them.

    Example:
        >>> circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
        >>> round(float(to_pennylane(circuit)([], [np.pi / 3])), 6)
        0.5
    """
    import pennylane as qp

    backend = qp.device(device, wires=circuit.num_qubits) if isinstance(device, str) else device

    def program(inputs: Any, weights: Any) -> Any:
        if circuit.amplitudes:
            wires = range(circuit.num_qubits)
            padded = circuit.num_features < 2**circuit.num_qubits
            qp.AmplitudeEmbedding(inputs, wires=wires, pad_with=0.0 if padded else None, normalize=True)
        for gate in circuit.gates:
            pennylane_gate(gate, *(_value(parameter, inputs, weights) for parameter in gate.parameters))
        values = measure_words(circuit)
        return values[0] if len(values) == 1 else values

    return qp.QNode(program, backend, interface=interface)


def pennylane_source(circuit: Circuit, name: str = "circuit") -> str:
    """Return the source of a Python module that defines the circuit as a QNode of ``(inputs, weights)``.

    Args:
        circuit: What is written.
        name: Of the function.

    Example:
        >>> print(pennylane_source(Circuit(1, (Gate("RX", (0,), (Feature(0, 2.0),)),), ((0,),), num_features=1)))
        import pennylane as qml
        <BLANKLINE>
        dev = qml.device("default.qubit", wires=1)
        <BLANKLINE>
        <BLANKLINE>
        @qml.qnode(dev)
        def circuit(inputs, weights):
            qml.RX(2.0 * inputs[0], wires=[0])
            return qml.expval(qml.Z(0))
        <BLANKLINE>
    """
    lines: list[str] = []
    if circuit.amplitudes:
        pad = "0.0" if circuit.num_features < 2**circuit.num_qubits else "None"
        lines.append(
            f"qml.AmplitudeEmbedding(inputs, wires=range({circuit.num_qubits}), pad_with={pad}, normalize=True)"
        )
    lines += map(_line, circuit.gates)
    measured = [f"qml.expval({_measured(observable)})" for observable in circuit.observables]
    lines.append(f"return {measured[0]}" if len(measured) == 1 else f"return [{', '.join(measured)}]")
    numpy = "import numpy as np\n" if any(gate.matrix for gate in circuit.gates) else ""
    body = "\n".join(f"    {line}" for line in lines)
    return (
        f'{numpy}import pennylane as qml\n\ndev = qml.device("default.qubit", wires={circuit.num_qubits})\n\n\n'
        f"@qml.qnode(dev)\ndef {name}(inputs, weights):\n{body}\n"
    )


def _line(gate: Gate) -> str:
    wires = f"wires={list(gate.wires)}"
    if gate.name.startswith("Adjoint("):
        return f"qml.adjoint(qml.{gate.name[8:-1]}({wires}))"
    if gate.name == "QubitUnitary":
        return f"qml.QubitUnitary(np.array({[list(row) for row in gate.matrix]}), {wires})"
    arguments = [*map(_text, gate.parameters), *([repr(gate.word)] if gate.word else []), wires]
    return f"qml.{gate.name}({', '.join(arguments)})"


def _value(parameter: Parameter, inputs: Any, weights: Any) -> Any:
    match parameter:
        case Angle(index):
            return weights[index]
        case Feature(index, scale):
            return scale * inputs[index]
        case Sum():
            return parameter.value(weights, inputs)
        case _:
            return parameter


def _text(parameter: Parameter) -> str:
    match parameter:
        case Angle(index):
            return f"weights[{index}]"
        case Feature(index, scale):
            return f"inputs[{index}]" if scale == 1 else f"{float(scale)!r} * inputs[{index}]"
        case Sum():
            return " + ".join(
                [*map(_term, parameter.terms), *([repr(float(parameter.shift))] if parameter.shift else [])]
            )
        case _:
            return repr(float(parameter))


def _term(term: Term) -> str:
    factors = [f"weights[{index}]" for index in term.angles] + [f"inputs[{index}]" for index in term.features]
    return " * ".join([repr(float(term.weight))] * (term.weight != 1) + factors)


def _measured(observable: tuple[int, ...] | PauliSum) -> str:
    if not isinstance(observable, PauliSum):
        return " @ ".join(f"qml.Z({wire})" for wire in observable)
    words = [" @ ".join(f"qml.{p}({wire})" for p, wire in letters(word)) or "qml.I(0)" for _, word in observable.terms]
    return f"qml.dot({[float(np.float64(c)) for c, _ in observable.terms]}, [{', '.join(words)}])"
