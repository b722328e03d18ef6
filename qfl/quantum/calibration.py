"""A device's calibration: relaxation times and readout errors of its qubits, durations and errors of its gates."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from qfl.errors import ConfigError
from qfl.quantum.channels import residual
from qfl.quantum.circuit import GATES, WIDE_GATES, Gate

PULSE, PAIR = "sx", "cx"
"""A device's own gates: a pulse on one qubit, and the entangling gate of two. Turns about Z cost nothing."""

COMPOSED = {
    **dict.fromkeys(("RZ", "PhaseShift", "Z", "S", "T", "Adjoint(S)", "Adjoint(T)"), (0, 0)),
    **dict.fromkeys(("H", "X", "Y", "SX", "Adjoint(SX)"), (1, 0)),
    **dict.fromkeys(("RX", "RY", "Rot", "U3"), (2, 0)),
    **dict.fromkeys(("CNOT", "CZ", "CY"), (0, 1)),
    **dict.fromkeys(("CRZ", "ControlledPhaseShift", "IsingZZ"), (0, 2)),
    **dict.fromkeys(("CRX", "CRY", "IsingXX", "IsingYY", "IsingXY"), (2, 2)),
    "SWAP": (0, 3),
}
"""How many pulses on every wire, and how many pairs, a compiler makes of a gate that the calibration does not list."""


@dataclass(frozen=True)
class Qubit:
    """A qubit of a device.

    Args:
        t1_s: Relaxation time, s.
        t2_s: Dephasing time, s, at most twice ``t1_s``.
        read_1_of_0: Probability to read 1 where the state is 0.
        read_0_of_1: Probability to read 0 where the state is 1.
    """

    t1_s: float
    t2_s: float
    read_1_of_0: float = 0.0
    read_0_of_1: float = 0.0


@dataclass(frozen=True)
class GateCost:
    """What a gate costs.

    Args:
        duration_s: Seconds.
        error: Average infidelity, relaxation during the gate included.
    """

    duration_s: float
    error: float


@dataclass(frozen=True)
class Calibration:
    """Qubits, and gates by their name and wires; gates without wires are those of all wires.

    Args:
        name: Of the file, for sentences.
        qubits: In the order of the circuit's wires.
        gates: Name, wires in ascending order (or none), and cost.

    Example:
        >>> gates = ((PULSE, (), GateCost(35e-9, 3e-4)), (PAIR, (0, 1), GateCost(300e-9, 7e-3)))
        >>> found = Calibration("five.toml", (Qubit(1e-4, 8e-5), Qubit(9e-5, 7e-5)), gates)
        >>> found.cost(Gate("RX", (1,), (0.5,))).duration_s, found.cost(Gate("IsingZZ", (1, 0), (0.5,))).duration_s
        (7e-08, 6e-07)
    """

    name: str
    qubits: tuple[Qubit, ...]
    gates: tuple[tuple[str, tuple[int, ...], GateCost], ...]

    def cost(self, gate: Gate) -> GateCost:
        """Return what a gate of a circuit costs: as it is listed, or composed of pulses and pairs.

        Raises:
            ConfigError: If it is neither listed nor composed of what is listed, or no gate of its duration can be as
                bad as its error.
        """
        wires = tuple(sorted(gate.wires))
        found = self._listed(gate.name, wires) or self._composed(gate, wires)
        if residual(found.error, found.duration_s, self.times_s(wires)) > 1:
            raise ConfigError(
                f"{self.name}: gates: {gate.name} on wires {list(wires)} has the error {found.error:g}, and a gate "
                f"that forgets its input has {1 - 2.0 ** -len(wires):g}; give the average infidelity"
            )
        return found

    def times_s(self, wires: tuple[int, ...]) -> list[tuple[float, float]]:
        """Return T1 and T2 of some wires."""
        return [(self.qubits[wire].t1_s, self.qubits[wire].t2_s) for wire in wires]

    def on_qubits(self, chosen: tuple[int, ...]) -> "Calibration":
        """Return the calibration of some qubits, in the order of the circuit's wires.

        Raises:
            ConfigError: If there is no such qubit.
        """
        missing = [qubit for qubit in chosen if qubit >= len(self.qubits)]
        if missing:
            raise ConfigError(
                f"noise.qubits names qubit {missing[0]}, and {self.name} calibrates {len(self.qubits)}, counted from 0"
            )
        place = {qubit: wire for wire, qubit in enumerate(chosen)}
        gates = tuple(
            (name, tuple(sorted(place[wire] for wire in wires)), cost)
            for name, wires, cost in self.gates
            if place.keys() >= set(wires)
        )
        return Calibration(self.name, tuple(self.qubits[qubit] for qubit in chosen), gates)

    def _listed(self, name: str, wires: tuple[int, ...]) -> GateCost | None:
        found: Mapping[tuple[str, tuple[int, ...]], GateCost] = {(own, at): cost for own, at, cost in self.gates}
        return found.get((name, wires), found.get((name, ())))

    def _composed(self, gate: Gate, wires: tuple[int, ...]) -> GateCost:
        one_wire = gate.name in WIDE_GATES and len(wires) == 1
        pulses, pairs = COMPOSED.get(gate.name, (2, 0) if one_wire else (None, None))
        if pulses is None or pairs is None:
            raise ConfigError(
                f"{self.name}: gates: the circuit has {gate.name} on wires {list(wires)}, which is neither listed nor "
                f"composed of {PULSE} and {PAIR}; list it"
            )
        parts = [part for wire in wires if pulses for part in [self._part(gate, PULSE, (wire,))] * pulses]
        both = [self._part(gate, PAIR, wires)] * pairs if pairs else []
        longest = max((part.duration_s for part in parts), default=0.0) * pulses
        right = prod(1 - part.error for part in [*parts, *both])
        return GateCost(longest + sum(part.duration_s for part in both), 1 - right)

    def _part(self, gate: Gate, name: str, wires: tuple[int, ...]) -> GateCost:
        found = self._listed(name, wires)
        if found is None:
            raise ConfigError(
                f"{self.name}: gates: the circuit has {gate.name} on wires {list(gate.wires)}, and neither that nor "
                f"{name} on {list(wires)} is listed; list one of them, or take an ansatz along the device's couplings"
            )
        return found


KNOWN = {PULSE: 1, PAIR: 2, **{name: wires for name, (wires, *_) in GATES.items()}, **dict.fromkeys(WIDE_GATES, 0)}
"""Names that a calibration may list, with their number of wires; 0 is any number."""
