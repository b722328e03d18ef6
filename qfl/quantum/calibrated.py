"""The noise of a calibrated device: a circuit's gates in time, with relaxation, depolarising and readout between them.

Gates start as soon as all their wires are free. A wire that waits relaxes while it waits; a gate's wires relax for its
duration and are then depolarised up to the gate's error (`qfl.quantum.channels`). All wires wait for the last gate, and
then readout errs. The state that amplitudes are encoded into is made without noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from qfl.errors import ConfigError
from qfl.quantum.calibration import Calibration
from qfl.quantum.channels import Channel, depolarising, readout, relaxation, relaxation_fidelity, residual
from qfl.quantum.circuit import Circuit, Gate
from qfl.quantum.observables import PauliSum, wires_of


@dataclass(frozen=True)
class CalibratedNoise:
    """Noise of one client's device, the same in every round.

    Args:
        calibration: Of as many qubits as the circuit has wires.

    Example:
        >>> from qfl.quantum.calibration import GateCost, Qubit
        >>> own = Calibration("one.toml", (Qubit(1e-4, 1e-4, 0.01, 0.02),), (("RX", (), GateCost(1e-7, 1e-3)),))
        >>> circuit = Circuit(1, (Gate("RX", (0,), (0.5,)),), ((0,),))
        >>> [type(step).__name__ for step in CalibratedNoise(own).steps(circuit)]
        ['Gate', 'Channel', 'Channel', 'Channel']
    """

    calibration: Calibration

    def __bool__(self) -> bool:
        return True

    def steps(self, circuit: Circuit) -> tuple[Gate | Channel, ...]:
        """Return gates and channels in their order.

        Raises:
            ConfigError: If the device has another number of qubits than the circuit, or lacks one of its gates, or the
                circuit measures more than Z, which the readout errors are of.
        """
        return _steps(self.calibration, circuit)

    def expected_errors(self, circuit: Circuit) -> float:
        """Return how many errors a run of the circuit meets on average, the infidelity of gates, waiting and readout.

        Raises:
            ConfigError: As `steps`.
        """
        own, total = _fitting(self.calibration, circuit), 0.0
        for wires, waits_s, gate in _timed(own, circuit):
            total += sum(
                1 - relaxation_fidelity(s, own.times_s((wire,))) for wire, s in zip(wires, waits_s, strict=True)
            )
            if gate is not None:
                cost = own.cost(gate)
                total += max(cost.error, 1 - relaxation_fidelity(cost.duration_s, own.times_s(gate.wires)))
        measured = {wire for observable in circuit.observables for wire in wires_of(observable)}
        return total + sum((own.qubits[wire].read_1_of_0 + own.qubits[wire].read_0_of_1) / 2 for wire in measured)

    def __str__(self) -> str:
        return self.calibration.name


@lru_cache(maxsize=64)
def _steps(own: Calibration, circuit: Circuit) -> tuple[Gate | Channel, ...]:
    _fitting(own, circuit)
    found: list[Gate | Channel] = []
    for wires, waits_s, gate in _timed(own, circuit):
        for wire, wait_s in zip(wires, waits_s, strict=True):
            found += _relaxed(own, wire, wait_s)
        if gate is not None:
            found += [gate, *_errors(own, gate)]
    for wire, qubit in enumerate(own.qubits):
        if qubit.read_1_of_0 or qubit.read_0_of_1:
            found.append(Channel(readout(qubit.read_1_of_0, qubit.read_0_of_1), (wire,)))
    return tuple(found)


def _timed(own: Calibration, circuit: Circuit) -> Iterator[tuple[tuple[int, ...], list[float], Gate | None]]:
    """Yield wires, the seconds that each has waited, and the gate that they then meet; lastly all wires, and None."""
    free_s = [0.0] * circuit.num_qubits
    for gate in circuit.gates:
        start_s = max(free_s[wire] for wire in gate.wires)
        yield gate.wires, [start_s - free_s[wire] for wire in gate.wires], gate
        for wire in gate.wires:
            free_s[wire] = start_s + own.cost(gate).duration_s
    yield tuple(range(circuit.num_qubits)), [max(free_s) - own_s for own_s in free_s], None


def _errors(own: Calibration, gate: Gate) -> Iterator[Channel]:
    cost, times_s = own.cost(gate), own.times_s(gate.wires)
    for wire in gate.wires:
        yield from _relaxed(own, wire, cost.duration_s)
    p = residual(cost.error, cost.duration_s, times_s)
    if p:
        yield Channel(depolarising(p, len(gate.wires)), gate.wires)


def _relaxed(own: Calibration, wire: int, time_s: float) -> Iterator[Channel]:
    if time_s:
        yield Channel(relaxation(time_s, own.qubits[wire].t1_s, own.qubits[wire].t2_s), (wire,))


def _fitting(own: Calibration, circuit: Circuit) -> Calibration:
    if len(own.qubits) != circuit.num_qubits:
        raise ConfigError(
            f"{own.name} calibrates {len(own.qubits)} qubits, and the circuit has {circuit.num_qubits}; say which are "
            f'its wires, such as noise.qubits = "{",".join(map(str, range(min(circuit.num_qubits, 4))))}"'
        )
    if any(isinstance(each, PauliSum) and not each.diagonal for each in circuit.observables):
        raise ConfigError(
            f"{own.name}: readout errors are of Z, and the circuit measures other Pauli words; turn them to words of Z "
            "by gates"
        )
    return own
