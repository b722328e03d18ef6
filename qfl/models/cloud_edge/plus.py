"""Circuits that mend the printed ones, with the least change.

===========================================  =====================================================================
fault of the printed circuit                 here
===========================================  =====================================================================
users of an access point share one qubit     every pair of access point and user has a register of its own
angles on one qubit add up                   features are uploaded again in each layer, between R_Y and R_Z
CZ before a measured Z does nothing          Ising couplings before the last rotation
the assignment is no input of the edge       qubit 0 is the served user's, the features are relative to it
real outputs                                 an output for the real and one for the imaginary part
===========================================  =====================================================================

All pairs share the cloud's angles and all disturbed users share the edge's: the circuits have no order of users or
access points, and one angle vector serves networks of any size. At angles zero every coupling is the identity.
"""

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, z_words

Gates = tuple[Gate, ...]


def pair_circuit(num_qubits: int, num_layers: int, num_outputs: int) -> Circuit:
    """Return the register of one pair of access point and user.

    A layer uploads two features per qubit, R_Y and R_Z, couples the ring with R_ZZ, and turns every qubit by R_X and
    R_Y. Feature ``2 (layer * num_qubits + wire)`` and the next are wire's in that layer.

    Args:
        num_qubits: Wires.
        num_layers: Uploads.
        num_outputs: Z and ZZ words.

    Example:
        >>> circuit = pair_circuit(4, 2, 4)
        >>> circuit.num_features, circuit.num_angles
        (16, 24)
    """
    ring = [(wire, (wire + 1) % num_qubits) for wire in range(num_qubits)] if num_qubits > 2 else [(0, 1)]
    pairs = ring[: num_qubits if num_qubits > 1 else 0]
    gates: Gates = tuple(Gate("H", (wire,)) for wire in range(num_qubits))
    angle = 0
    for layer in range(num_layers):
        first = 2 * layer * num_qubits
        gates += tuple(gate for wire in range(num_qubits) for gate in _upload(wire, first + 2 * wire))
        gates += tuple(Gate("IsingZZ", pair, (Angle(angle + n),)) for n, pair in enumerate(pairs))
        angle += len(pairs)
        for name in ("RX", "RY"):
            gates += tuple(Gate(name, (wire,), (Angle(angle + wire),)) for wire in range(num_qubits))
            angle += num_qubits
    return Circuit(num_qubits, gates, z_words(num_qubits, num_outputs), num_features=2 * num_layers * num_qubits)


def _upload(wire: int, feature: int) -> Gates:
    return Gate("RY", (wire,), (Feature(feature),)), Gate("RZ", (wire,), (Feature(feature + 1),))
