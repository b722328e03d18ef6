"""A circuit drawn: as text, as a vector graphic, and in numbers.

The depth counts steps in time: gates of one step act on different wires and could run at once. Deep circuits are
folded: the first steps are drawn, and a line says how much more there is.
"""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false
# (PennyLane has no type stubs)

import io
from collections import Counter
from typing import Any

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.observables import described
from qfl.quantum.pennylane_program import pennylane_gate
from qfl.quantum.sums import Sum, Term


def draw(circuit: Circuit, max_depth: int = 16, width: int = 100) -> str:
    """Return the circuit as text: θ3 is the angle of index 3, x5 the feature of index 5, |Ψ⟩ the sample as amplitudes.

    Args:
        circuit: What to draw.
        max_depth: Time steps drawn; the others are counted.
        width: Columns after which the drawing goes on below.

    Example:
        >>> gates = (Gate("RX", (0,), (Feature(0, 2.0),)), Gate("CRY", (0, 1), (Angle(0),)), Gate("H", (0,)))
        >>> print(draw(Circuit(2, gates, ((0,), (0, 1)), num_features=1), max_depth=2))
        0: ──RX(2·x0)─╭●──────┤
        1: ───────────╰RY(θ0)─┤
        then 1 more step with 1 gate
        measured: Z0, Z0 Z1
    """
    from pennylane.drawer import tape_text

    tape = _tape(circuit, _first_gates(circuit, max_depth))
    wires = range(circuit.num_qubits)
    text = tape_text(tape, wire_order=wires, show_all_wires=True, decimals=3, max_length=width)
    return "\n".join([*(line.rstrip() for line in text.splitlines()), *_captions(circuit, max_depth)])


def draw_svg(circuit: Circuit, max_depth: int = 16) -> str:
    """Return the circuit as an SVG element, gates without their parameters; see `draw`.

    Example:
        >>> draw_svg(Circuit(1, (Gate("H", (0,)),), ((0,),))).startswith("<svg")
        True
    """
    import matplotlib.pyplot as plt
    from pennylane.drawer import tape_mpl

    tape = _tape(circuit, _first_gates(circuit, max_depth))
    wires = range(circuit.num_qubits)
    with plt.rc_context({"svg.hashsalt": "qfl", "svg.fonttype": "none"}):  # one circuit, one text
        drawn: Any = tape_mpl(tape, wire_order=wires, show_all_wires=True, style="black_white")
        figure, axes = drawn
        axes.set_title("\n".join(_captions(circuit, max_depth)), loc="left", y=0, verticalalignment="top")
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
        plt.close(figure)
    text = buffer.getvalue()
    return text[text.index("<svg") :]


def depth(circuit: Circuit) -> int:
    """Return how many steps of simultaneous gates the circuit takes; amplitude encoding is not counted.

    Example:
        >>> depth(Circuit(3, (Gate("H", (0,)), Gate("H", (1,)), Gate("CNOT", (0, 1))), ((2,),)))
        2
    """
    return max(_steps(circuit), default=0)


def gate_counts(circuit: Circuit) -> dict[str, int]:
    """Return how often each gate comes, the most frequent first.

    Example:
        >>> gate_counts(Circuit(2, (Gate("H", (0,)), Gate("CNOT", (0, 1)), Gate("H", (1,))), ((0,),)))
        {'H': 2, 'CNOT': 1}
    """
    return dict(Counter(gate.name for gate in circuit.gates).most_common())


def _steps(circuit: Circuit) -> list[int]:
    """Return the step of every gate, from 1: one later than the latest gate on any of its wires."""
    busy_until = [0] * circuit.num_qubits
    steps: list[int] = []
    for gate in circuit.gates:
        steps.append(1 + max(busy_until[wire] for wire in gate.wires))
        for wire in gate.wires:
            busy_until[wire] = steps[-1]
    return steps


def _first_gates(circuit: Circuit, max_depth: int) -> tuple[Gate, ...]:
    gates = zip(circuit.gates, _steps(circuit), strict=True)
    return tuple(gate for gate, step in gates if step <= max_depth)


def _captions(circuit: Circuit, max_depth: int) -> list[str]:
    """Return what the drawing leaves out: the steps beyond, and the measured words."""
    steps, gates = depth(circuit) - max_depth, sum(step > max_depth for step in _steps(circuit))
    rest = [f"then {_count(steps, 'more step')} with {_count(gates, 'gate')}"] if gates else []
    words = ", ".join(map(described, circuit.observables))
    return [*rest, f"measured: {words}"]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + "s" * (number != 1)


def _tape(circuit: Circuit, gates: tuple[Gate, ...]) -> Any:
    import pennylane as qp
    from pennylane.tape import QuantumScript

    wires = range(circuit.num_qubits)
    start = [qp.BasisState([0] * len(wires), wires=wires)] if circuit.amplitudes else []  # drawn as |Ψ⟩
    return QuantumScript([*start, *(pennylane_gate(gate, *map(_symbol, gate.parameters)) for gate in gates)])


def _symbol(parameter: Parameter) -> str:
    match parameter:
        case Angle(index):
            return f"θ{index}"
        case Feature(index, scale):
            return f"x{index}" if scale == 1 else f"{scale:.3g}·x{index}"
        case Sum():
            return "+".join([*map(_term, parameter.terms), *([f"{parameter.shift:.3g}"] if parameter.shift else [])])
        case _:
            return f"{parameter:.3g}"


def _term(term: Term) -> str:
    names = [f"θ{index}" for index in term.angles] + [f"x{index}" for index in term.features]
    return "·".join([f"{term.weight:.3g}"] * (term.weight != 1) + names)
