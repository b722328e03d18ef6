"""Where a circuit is cut, and gates that can be: an Ising ZZ gate between gates of one wire each."""

from dataclasses import dataclass
from math import pi
from typing import cast

from qfl.backbone.runtime.overhead import CutCost, gate_cut, gate_gamma, locc_wire_cut, reused_wire_cut
from qfl.errors import ConfigError
from qfl.quantum.circuit import WIDE_GATES, Circuit, Gate

UNCUT = ("SWAP", "CY", "IsingXY", *WIDE_GATES)  # two-qubit gates that are no local gates around one ZZ rotation


@dataclass(frozen=True)
class GateCut:
    """A cut through a two-qubit gate.

    Args:
        gate: Position of the gate in the circuit.
    """

    gate: int


@dataclass(frozen=True)
class WireCut:
    """A cut through wires that are cut together.

    Args:
        wires: The wires; all their ends before the cut must be in one piece, and all after it in one.
        before: Position of the gate before which they are cut; the number of gates cuts before the measurement.
        locc: Whether outcomes decide what is prepared (Harada et al.); else each wire is cut for itself, without
            communication (Peng et al.).
    """

    wires: tuple[int, ...]
    before: int
    locc: bool = True


Cut = GateCut | WireCut


def can_be_cut(gate: Gate) -> bool:
    """Return whether a gate can be cut: it has two wires, numbers as parameters, and is one ZZ rotation at heart."""
    numbers = all(isinstance(parameter, int | float) for parameter in gate.parameters)
    return len(gate.wires) == 2 and gate.name not in UNCUT and numbers


def cost(circuit: Circuit, cut: Cut) -> CutCost:
    """Return what a cut of a bound circuit costs; wires cut without communication use their data for all terms."""
    if isinstance(cut, GateCut):
        return gate_cut(gate_gamma(local_form(circuit.gates[cut.gate])[1]))
    return (locc_wire_cut if cut.locc else reused_wire_cut)(len(cut.wires))


def local_form(gate: Gate) -> tuple[list[Gate], float, list[Gate]]:
    r"""Return a two-qubit gate as gates of one wire, the angle of :math:`e^{-i\theta ZZ/2}`, and gates of one wire.

    Equal up to a global phase.

    Args:
        gate: A gate with numbers as parameters.

    Raises:
        ConfigError: If it cannot be cut in this way.

    Example:
        >>> before, angle, after = local_form(Gate("CZ", (0, 1)))
        >>> round(angle, 4), [g.name for g in after]
        (-1.5708, ['RZ', 'RZ'])
    """
    if not can_be_cut(gate):
        raise ConfigError(
            f"{gate.name} on wires {gate.wires} cannot be cut; bind its parameters, or cut wires beside it"
        )
    a, b = gate.wires
    angle = cast(float, gate.parameters[0]) if gate.parameters else pi
    if gate.name in ("CZ", "ControlledPhaseShift"):
        return [], -angle / 2, [Gate("RZ", (a,), (angle / 2,)), Gate("RZ", (b,), (angle / 2,))]
    if gate.name == "CNOT":
        turn = Gate("H", (b,))
        return [turn], -pi / 2, [Gate("RZ", (a,), (pi / 2,)), Gate("RZ", (b,), (pi / 2,)), turn]
    if gate.name.startswith("CR"):
        before, after = _turns(gate.name[2], b)
        return before, -angle / 2, [Gate("RZ", (b,), (angle / 2,)), *after]
    before_a, after_a = _turns(gate.name[-1], a)
    before_b, after_b = _turns(gate.name[-1], b)
    return before_a + before_b, angle, after_a + after_b


def _turns(axis: str, wire: int) -> tuple[list[Gate], list[Gate]]:
    """Return what takes an axis to Z, and back."""
    if axis == "Z":
        return [], []
    if axis == "X":
        return [Gate("H", (wire,))], [Gate("H", (wire,))]
    return [Gate("RX", (wire,), (pi / 2,))], [Gate("RX", (wire,), (-pi / 2,))]
