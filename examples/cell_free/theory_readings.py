"""Every reading of the cloud's circuit, by name, and what can be counted of each without running it."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby

from qfl.models.cloud_edge.cloud import PrintedCloud, make_cloud
from qfl.models.cloud_edge.printed import appendix_circuit, cloud_circuit
from qfl.quantum.circuit import Angle, Circuit, Feature, Gate

from .theory_settings import network_of

Build = Callable[[int, int, int], Circuit]

READINGS: dict[str, Build] = {
    "operator": lambda aps, users, layers: cloud_circuit(aps, users, layers),
    "time": lambda aps, users, layers: cloud_circuit(aps, users, layers, order="time"),
    "each": lambda aps, users, layers: cloud_circuit(aps, users, layers, hadamards="each"),
    "appendix": lambda aps, users, layers: appendix_circuit(aps, users, layers),
}
ABOUT = {
    "operator": "Eqs. (10)-(12), the rightmost factor acts first",
    "time": "Eqs. (10)-(12) from left to right",
    "each": "as operators, a Hadamard for every user",
    "appendix": "Eq. (25): weights and connections in turns on one register",
}


def circuit_of(reading: str, neurons: int, layers: int) -> Circuit:
    """Return the circuit of a reading for Table III's network with so many access points.

    Args:
        reading: A key of `READINGS`.
        neurons: Access points.
        layers: N_layer.
    """
    return READINGS[reading](neurons, network_of(neurons).num_users, layers)


def cloud_of(reading: str, neurons: int, layers: int) -> PrintedCloud:
    """Return the cloud that decodes a reading's outputs as Eq. (9) has it.

    Args:
        reading: A key of `READINGS`.
        neurons: Access points.
        layers: N_layer.
    """
    cloud = make_cloud("as_published", network_of(neurons))
    assert isinstance(cloud, PrintedCloud)
    return replace(cloud, circuit=circuit_of(reading, neurons, layers))


def connecting(circuit: Circuit) -> Circuit:
    """Return what comes behind the encoding, U_connect, whose depth the paper counts."""
    uploads = [n for n, gate in enumerate(circuit.gates) if any(isinstance(p, Feature) for p in gate.parameters)]
    return replace(circuit, gates=circuit.gates[max(uploads) + 1 :])


def in_two_rounds(circuit: Circuit) -> Circuit:
    """Return the circuit with every run of controlled Z, which commute, in the two rounds of footnote 17.

    Example:
        >>> from qfl.quantum.drawing import depth
        >>> whole = connecting(circuit_of("time", 8, 2))
        >>> depth(whole), depth(in_two_rounds(whole))
        (9, 3)
    """
    runs = [(name, list(run)) for name, run in groupby(circuit.gates, lambda gate: gate.name)]
    ordered = [sorted(run, key=lambda gate: min(gate.wires) % 2) if name == "CZ" else run for name, run in runs]
    return replace(circuit, gates=tuple(gate for run in ordered for gate in run))


def with_own_angles(circuit: Circuit) -> Circuit:
    """Return the circuit with an angle of its own for every gate that has one: it can do at least as much.

    Example:
        >>> from qfl.models.cloud_edge.printed import edge_circuit
        >>> edge_circuit(3, 2).num_angles, with_own_angles(edge_circuit(3, 2)).num_angles
        (3, 6)
    """
    places = iter(range(len(circuit.gates)))

    def own(gate: Gate) -> Gate:
        turned = tuple(Angle(next(places)) if isinstance(p, Angle) else p for p in gate.parameters)
        return replace(gate, parameters=turned)

    return replace(circuit, gates=tuple(own(gate) for gate in circuit.gates))
