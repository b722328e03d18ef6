"""Random circuits, to compare two executions of the same circuit."""

import numpy as np

from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate, Parameter

NUM_FEATURES = 3  # of a circuit without amplitude encoding


def random_circuit(rng: np.random.Generator, num_qubits: int, num_gates: int, *, amplitudes: bool = False) -> Circuit:
    """Return a circuit of random gates on random wires with random Z words.

    A parameter is a new angle, an angle that another gate uses too, a feature with a scale, or a number. All gates of
    `GATES` that fit the wires come with equal probability.

    Args:
        rng: Where the choices come from.
        num_qubits: Wires, at least 1.
        num_gates: Gates.
        amplitudes: Whether the input is the initial state too; it then has from 1 to 2^num_qubits features.

    Example:
        >>> circuit = random_circuit(np.random.default_rng(1), num_qubits=3, num_gates=20)
        >>> circuit.num_qubits, len(circuit.gates), circuit.num_features
        (3, 20, 3)
    """
    num_features = int(rng.integers(1, 2**num_qubits + 1)) if amplitudes else NUM_FEATURES
    names = [name for name, (num_wires, _, _) in GATES.items() if num_wires <= num_qubits]
    gates, num_angles = [], 0
    for _ in range(num_gates):
        name = names[rng.integers(len(names))]
        num_wires, num_parameters, _ = GATES[name]
        parameters: list[Parameter] = []
        for _ in range(num_parameters):
            parameters.append(_parameter(rng, num_angles, num_features))
            num_angles += parameters[-1] == Angle(num_angles)
        gates.append(Gate(name, _wires(rng, num_qubits, num_wires), tuple(parameters)))
    words = tuple(_wires(rng, num_qubits, int(rng.integers(1, num_qubits + 1))) for _ in range(rng.integers(1, 4)))
    return Circuit(num_qubits, tuple(gates), words, amplitudes, num_features)


def _parameter(rng: np.random.Generator, num_angles: int, num_features: int) -> Parameter:
    kind = rng.choice(["new", "shared", "feature", "number"], p=[0.5, 0.15, 0.25, 0.1])
    if kind == "new" or (kind == "shared" and not num_angles):
        return Angle(num_angles)
    if kind == "shared":
        return Angle(int(rng.integers(num_angles)))
    if kind == "feature":
        return Feature(int(rng.integers(num_features)), float(rng.uniform(-2, 2)))
    return float(rng.uniform(-np.pi, np.pi))


def _wires(rng: np.random.Generator, num_qubits: int, count: int) -> tuple[int, ...]:
    return tuple(int(wire) for wire in rng.permutation(num_qubits)[:count])
