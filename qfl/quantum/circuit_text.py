"""A circuit's gates as lines of text, drawn to the letter as PennyLane draws them.

Why not by PennyLane: a run's page and its run.json hold the drawing, and importing PennyLane takes two seconds of
processor time, which a run on the exact engine needs for nothing else.
"""

from collections.abc import Callable, Sequence

import numpy as np

from qfl.quantum.circuit import Gate, Parameter
from qfl.quantum.unitaries import Rows

CONTROLLED = {"CNOT": "X", "CY": "Y", "CZ": "Z", "CRX": "RX", "CRY": "RY", "CRZ": "RZ", "ControlledPhaseShift": "Rϕ"}
CONTROLS = {**dict.fromkeys(CONTROLLED, 1), "Toffoli": 2, "CSWAP": 1}
LABELS = {**CONTROLLED, "Toffoli": "X", "CSWAP": "SWAP", "PhaseShift": "Rϕ", "QubitUnitary": "U"}
PREPARED = "|Ψ⟩"
MORE = " ···"

Labelled = tuple[tuple[int, ...], list[str]]  # wires, and what stands on each


def circuit_text(
    gates: Sequence[Gate], num_qubits: int, prepared: bool, width: int, symbol: Callable[[Parameter], str]
) -> str:
    """Return one line of text for each wire, and more below where they are longer than the page is wide.

    Args:
        gates: In their order.
        num_qubits: Wires, 1 or more.
        prepared: Whether a state is prepared on all wires first.
        width: Columns of a line.
        symbol: What stands for a parameter.

    Example:
        >>> print(circuit_text([Gate("H", (0,)), Gate("CNOT", (0, 2))], 3, False, 80, str))
        0: ──H─╭●─┤
        1: ────│──┤
        2: ────╰X─┤
    """
    matrices: list[Rows] = []
    labelled = [_labelled(gate, symbol, matrices) for gate in gates]
    if prepared:
        labelled.insert(0, (tuple(range(num_qubits)), [PREPARED] * num_qubits))
    columns = [_column(layer, num_qubits) for layer in _layers(labelled)] or [["─"] * num_qubits]
    tables = "".join(f"\nM{number} = \n{np.array(matrix)}" for number, matrix in enumerate(matrices))
    return "\n".join(_joined(columns, num_qubits, width)) + tables


def _labelled(gate: Gate, symbol: Callable[[Parameter], str], matrices: list[Rows]) -> Labelled:
    """Return a gate's wires and their labels; a matrix that was not met before joins the matrices."""
    name = LABELS.get(gate.name, gate.name)
    if name.startswith("Adjoint("):
        name = f"{name[8:-1]}†"
    shown = [symbol(parameter) for parameter in gate.parameters]
    if gate.name == "PauliRot":
        name = f"R{gate.word}"
    if gate.name == "QubitUnitary":
        if gate.matrix not in matrices:
            matrices.append(gate.matrix)
        shown = [f"M{matrices.index(gate.matrix)}"]
    label, controls = name + (f"({','.join(shown)})" if shown else ""), CONTROLS.get(gate.name, 0)
    return gate.wires, ["●"] * controls + [label] * (len(gate.wires) - controls)


def _layers(labelled: Sequence[Labelled]) -> list[list[Labelled]]:
    """Return what is drawn in each column: a gate is as far left as no gate before it on or between its wires is."""
    layers: list[list[Labelled]] = []
    until = [0] * (1 + max((max(wires) for wires, _ in labelled), default=0))
    for wires, labels in labelled:
        span = range(min(wires), max(wires) + 1)
        place = max(until[wire] for wire in span)
        if place == len(layers):
            layers.append([])
        layers[place].append((wires, labels))
        for wire in span:
            until[wire] = place + 1
    return layers


def _column(layer: Sequence[Labelled], num_qubits: int) -> list[str]:
    """Return what stands on each wire in a column, all of one length."""
    column = ["─"] * num_qubits
    for wires, labels in layer:
        first, last = min(wires), max(wires)
        for wire in range(first, last + 1) if first < last else ():
            column[wire] = "╭" if wire == first else "╰" if wire == last else "├" if wire in wires else "│"
        for wire, label in zip(wires, labels, strict=True):
            column[wire] += label
    length = max(map(len, column))
    return [text.ljust(length, "─") for text in column]


def _joined(columns: Sequence[list[str]], num_qubits: int, width: int) -> list[str]:
    """Return the finished lines; a block that goes on below ends with an empty line."""
    names = [f"{wire}: " for wire in range(num_qubits)]
    names = [name.rjust(len(names[-1])) for name in names]
    lines, finished = names, list[str]()
    for column in columns:
        if len(lines[0]) + len(column[0]) > width - len(MORE) - 1:
            finished += [*(line + MORE for line in lines), ""]
            lines = [f"{name}{MORE[1:]} " for name in names]
        lines = [f"{line}─{text}" for line, text in zip(lines, column, strict=True)]
    return [*finished, *(f"{line}─┤" for line in lines)]
