"""Trained layers and encodings, as gates.

An ansatz is one function: layer number, number of qubits and first free angle in, gates out. To add one, write the
function and a row of `ANSATZE`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, z_words

Gates = tuple[Gate, ...]


def _ring(name: str, num_qubits: int, reach: int = 1) -> Gates:
    if num_qubits == 1:
        return ()
    return tuple(Gate(name, (wire, (wire + reach) % num_qubits)) for wire in range(num_qubits))


def _each_wire(name: str, num_qubits: int, first: int) -> Gates:
    return tuple(Gate(name, (wire,), (Angle(first + wire),)) for wire in range(num_qubits))


def strongly_entangling(layer: int, num_qubits: int, first: int) -> Gates:
    """Return Rot on every wire and a ring of CNOTs whose reach grows with the layer.

    Args:
        layer: Number of the layer, from 0; the ring's reach is layer mod (num_qubits - 1) + 1.
        num_qubits: Wires, 1 or more.
        first: Index of its first angle, of 3 per wire.

    Reference:
        Schuld, Bocharov, Svore and Wiebe, "Circuit-centric quantum classifiers", 2018, arXiv:1804.00633, Fig. 4;
        PennyLane's ``StronglyEntanglingLayers``, angle for angle.
    """
    rotations = tuple(
        Gate("Rot", (wire,), tuple(Angle(first + 3 * wire + k) for k in range(3))) for wire in range(num_qubits)
    )
    return rotations + _ring("CNOT", num_qubits, layer % max(1, num_qubits - 1) + 1)


def hardware_efficient(layer: int, num_qubits: int, first: int) -> Gates:
    """Return RY and RZ on every wire and a ring of CZs.

    Args:
        layer: Number of the layer; all are alike.
        num_qubits: Wires, 1 or more.
        first: Index of its first angle, of 2 per wire: those of RY, then those of RZ.

    Reference:
        Kandala et al., "Hardware-efficient variational quantum eigensolver", 2017, arXiv:1704.05018, with the native
        entangler CZ of tunable transmons.
    """
    rotations = _each_wire("RY", num_qubits, first) + _each_wire("RZ", num_qubits, first + num_qubits)
    return rotations + _ring("CZ", num_qubits)


def real_ring(layer: int, num_qubits: int, first: int) -> Gates:
    """Return RY on every wire and a ring of CNOTs: a real orthogonal matrix, at half the arithmetic.

    On real images it learns more per angle than `strongly_entangling` (examples/mnist_one_label/README.md).

    Args:
        layer: Number of the layer; all are alike.
        num_qubits: Wires, 1 or more.
        first: Index of its first angle, of one per wire.
    """
    return _each_wire("RY", num_qubits, first) + _ring("CNOT", num_qubits)


def real_brick(layer: int, num_qubits: int, first: int) -> Gates:
    """Return RY on every wire and CNOTs on even and odd neighbours in turn: the least two-qubit depth.

    Args:
        layer: Number of the layer, from 0; even ones join wires (0, 1), (2, 3), ..., odd ones (1, 2), (3, 4), ....
        num_qubits: Wires, 1 or more.
        first: Index of its first angle, of one per wire.
    """
    bricks = tuple(Gate("CNOT", (wire, wire + 1)) for wire in range(layer % 2, num_qubits - 1, 2))
    return _each_wire("RY", num_qubits, first) + bricks


@dataclass(frozen=True)
class Ansatz:
    """A kind of trained layer.

    Args:
        layer: The gates of one layer.
        angles_per_qubit: Trained angles per layer and qubit.
        spread: Width of the uniform initial distribution around zero, in radians.
    """

    layer: Callable[[int, int, int], Gates]
    angles_per_qubit: int
    spread: float = 2 * pi


ANSATZE: dict[str, Ansatz] = {
    "strongly_entangling": Ansatz(strongly_entangling, 3),
    "hardware_efficient": Ansatz(hardware_efficient, 2),
    "real_ring": Ansatz(real_ring, 1),
    "real_brick": Ansatz(real_brick, 1),
}


def classifier(
    encoding: str, ansatz: str, num_qubits: int, num_layers: int, num_features: int, num_outputs: int
) -> Circuit:
    """Return the circuit of a classifier: encoding, trained layers, and one Z or ZZ expectation value per output.

    Args:
        encoding: ``amplitude`` (the sample is the initial state), ``angle`` (RX(pi x_w) on wire w), or ``reupload``
            (before each layer the next ``num_qubits`` features as RX(pi x), round and round; Perez-Salinas et al.,
            "Data re-uploading for a universal quantum classifier", 2020, arXiv:1907.02085, without trained weights).
        ansatz: A key of `ANSATZE`.
        num_qubits: Wires.
        num_layers: Trained layers.
        num_features: Length of a sample.
        num_outputs: Observables, in the order of `z_words`.

    Raises:
        ValueError: If the features do not fit the qubits, or there are too few observables.

    Example:
        >>> circuit = classifier("amplitude", "real_ring", 6, 60, 64, 10)
        >>> circuit.num_angles, circuit.observables[-1]
        (360, (3, 4))
    """
    if encoding == "angle" and num_features > num_qubits:
        raise ValueError(f"angle encoding takes one feature per qubit; {num_features} do not fit {num_qubits} qubits")
    gates = encoded(encoding, num_features)
    if encoding == "reupload":
        for layer in range(num_layers):
            gates += _upload([(layer * num_qubits + wire) % num_features for wire in range(num_qubits)])
            gates += _layer(ansatz, num_qubits, layer)
    else:
        gates += trained(ansatz, num_qubits, num_layers)
    observables = z_words(num_qubits, num_outputs)
    return Circuit(num_qubits, gates, observables, encoding == "amplitude", num_features)


def encoded(encoding: str, num_features: int) -> Gates:
    """Return the gates of an encoding that stands before all layers; none where it is the initial state.

    Example:
        >>> [gate.name for gate in encoded("angle", 2)], encoded("amplitude", 2)
        (['RX', 'RX'], ())
    """
    return _upload(range(num_features)) if encoding == "angle" else ()


def trained(ansatz: str, num_qubits: int, num_layers: int) -> Gates:
    """Return the gates of trained layers.

    Args:
        ansatz: A key of `ANSATZE`.
        num_qubits: Wires.
        num_layers: Layers.

    Example:
        >>> [gate.name for gate in trained("real_ring", 1, 2)]
        ['RY', 'RY']
    """
    return tuple(gate for layer in range(num_layers) for gate in _layer(ansatz, num_qubits, layer))


def _layer(ansatz: str, num_qubits: int, layer: int) -> Gates:
    kind = ANSATZE[ansatz]
    return kind.layer(layer, num_qubits, layer * num_qubits * kind.angles_per_qubit)


def _upload(features: range | list[int]) -> Gates:
    return tuple(Gate("RX", (wire,), (Feature(index, pi),)) for wire, index in enumerate(features))
