"""The same circuits cut by qiskit-addon-cutting and by PennyLane, beside ours: circuits, overhead, seconds, error.

A chain with one gate across its middle is cut through that gate or through the wire before it; a chain with two such
gates through both. Every method runs with the same shots in all, spread evenly over its circuits. Qiskit's and
PennyLane's are the libraries' own functions, run as their documentation says.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.runtime.cutting.cuts import Cut, GateCut, WireCut, cost
from qfl.backbone.runtime.cutting.pieces import cut
from qfl.backbone.runtime.cutting.reconstruct import Run, exactly, join, subcircuits, tensor_of
from qfl.errors import MissingExtra
from qfl.quantum.circuit import Circuit
from qfl.quantum.observables import only_z_words
from qfl.seeds import stream
from qfl.shipped import install

Row = dict[str, Any]
Values = Float64[ndarray, " observable"]
ADDON = "qiskit_addon_cutting"


@dataclass(frozen=True)
class Counted:
    """What one way to cut made of a circuit.

    Args:
        values: Of the observables.
        circuits: That were run.
        overhead: Its gamma^2; None where the library tells none.
        build_s: Seconds of cutting and of making circuits.
        run_s: Seconds of running them on a simulator.
        join_s: Seconds of putting the values together.
    """

    values: Values
    circuits: int
    overhead: float | None
    build_s: float
    run_s: float
    join_s: float


Method = Callable[[Circuit, list[int], int | None, int], Counted]
"""From a circuit, the gates across its middle, shots in all (None for exact values) and a seed."""


class Stopwatch:
    """Seconds from one look to the next."""

    def __init__(self) -> None:
        self.last = time.perf_counter()

    def lap_s(self) -> float:
        """Return the seconds since the last look."""
        before, self.last = self.last, time.perf_counter()
        return self.last - before


def peer_rows(circuits: dict[str, Circuit], shots: int, seeds: Sequence[int]) -> Iterator[Row]:
    """Yield a row for each circuit and way to cut it.

    Args:
        circuits: By what they are called, each with its middle between two halves of its wires.
        shots: In all, of one estimate.
        seeds: Of the estimates whose errors are averaged.
    """
    for name, circuit in circuits.items():
        across, truth = crossing(circuit), exactly(circuit)
        for (library, way), method in METHODS.items():
            if (way.startswith("wire") and len(across) > 1) or (library == "qiskit" and not find_spec(ADDON)):
                continue
            without = method(circuit, across, None, 1)
            found = [method(circuit, across, shots, seed) for seed in seeds]
            errors = np.array([each.values - truth for each in found])
            seconds = {key: min(getattr(each, key) for each in found) for key in ("build_s", "run_s", "join_s")}
            yield {
                "circuit": name,
                "library": library,
                "cut": way,
                "circuits": found[0].circuits,
                "overhead": found[0].overhead,
                **seconds,
                "error_exactly": float(np.abs(without.values - truth).max()),
                "error": float(np.sqrt((errors**2).mean())),
            }


def crossing(circuit: Circuit) -> list[int]:
    """Return the positions of the gates that join the two halves of a circuit's wires."""
    half = circuit.num_qubits // 2
    return [k for k, gate in enumerate(circuit.gates) if len({wire < half for wire in gate.wires}) == 2]


def require_addon() -> None:
    """Return if qiskit-addon-cutting is installed.

    Raises:
        MissingExtra: If not, with how to install it.
    """
    if find_spec(ADDON) is None:
        raise MissingExtra(f"qiskit-addon-cutting is not installed, so its rows are absent; run `{install('cutting')}`")


def ours(kind: str) -> Method:
    """Return our way to cut: ``gate``, ``wire`` without communication, or ``locc``, a wire with it."""

    def method(circuit: Circuit, across: list[int], shots: int | None, seed: int) -> Counted:
        watch, (wire, _) = Stopwatch(), circuit.gates[across[0]].wires
        cuts: list[Cut] = (
            [GateCut(k) for k in across] if kind == "gate" else [WireCut((wire,), across[0], kind == "locc")]
        )
        pieces = cut(circuit, cuts)
        own = subcircuits(pieces)
        build_s, count = watch.lap_s(), sum(len(part.circuits) for part in own)
        run = exactly if shots is None else sampled(shots // count, seed)
        values = [[run(each) for each in part.circuits] for part in own]
        run_s = watch.lap_s()
        joined = join(pieces, [tensor_of(part, found) for part, found in zip(own, values, strict=True)])
        overhead = np.prod([16.0 if kind == "wire" else cost(circuit, c).first_shots for c in cuts])
        return Counted(joined, count, float(overhead), build_s, run_s, watch.lap_s())

    return method


def sampled(shots: int, seed: int) -> Run:
    """Return what runs each circuit with shots of its own on PennyLane's simulator."""
    import torch

    from qfl.quantum.devices import on_device

    execute = on_device("default.qubit", shots, seed=seed)
    none, one = torch.zeros(0, dtype=torch.float64), torch.zeros(1, 0, dtype=torch.float64)
    return lambda circuit: execute(circuit, none, one)[0].numpy() if circuit.observables else np.zeros(0)


def pennylane(circuit: Circuit, across: list[int], shots: int | None, seed: int) -> Counted:
    """Return what PennyLane's ``cut_circuit`` makes of a cut wire; it takes one observable at a time."""
    import pennylane

    qp: Any = pennylane  # which has no type stubs
    watch, device = Stopwatch(), qp.device("default.qubit", seed=int(stream(seed, "peer").integers(2**31)))
    batches, joins = [], []
    for word in only_z_words(circuit.observables, "PennyLane"):
        with qp.queuing.AnnotatedQueue() as queue:
            _queue_halves(circuit, across[0])
            factors = [qp.Z(wire) for wire in word]
            qp.expval(qp.prod(*factors) if len(factors) > 1 else factors[0])
        tapes, joined = qp.cut_circuit(qp.tape.QuantumScript.from_queue(queue), device_wires=range(circuit.num_qubits))
        batches.append(tapes)
        joins.append(joined)
    build_s, count = watch.lap_s(), sum(map(len, batches))
    each = None if shots is None else shots // count
    # the tapes forget the shots of what was cut, so that without this line values would be exact
    found = [device.execute(tuple(tape.copy(shots=each) for tape in tapes)) for tapes in batches]
    run_s = watch.lap_s()
    values = np.array([float(joined(results)) for joined, results in zip(joins, found, strict=True)])
    return Counted(values, count, 16.0, build_s, run_s, watch.lap_s())


def _queue_halves(circuit: Circuit, position: int) -> None:
    """Queue a circuit with a cut of the first wire of a gate before that gate."""
    import pennylane as qp

    for k, gate in enumerate(circuit.gates):
        if k == position:
            qp.WireCut(wires=gate.wires[0])
        getattr(qp, gate.name)(*gate.parameters, wires=gate.wires)


def qiskit(kind: str) -> Method:
    """Return qiskit-addon-cutting's way to cut, ``gate`` or ``wire``; Qiskit Aer runs its circuits."""

    def method(circuit: Circuit, across: list[int], shots: int | None, seed: int) -> Counted:
        from . import cut_qiskit

        return cut_qiskit.estimate(circuit, across, kind, shots, seed)

    return method


METHODS: dict[tuple[str, str], Method] = {
    ("ours", "gate"): ours("gate"),
    ("qiskit", "gate"): qiskit("gate"),
    ("ours", "wire"): ours("wire"),
    ("ours", "wire, communicating"): ours("locc"),
    ("qiskit", "wire"): qiskit("wire"),
    ("pennylane", "wire"): pennylane,
}
