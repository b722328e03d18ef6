"""Random circuits, to compare two executions of the same circuit."""

import numpy as np

from qfl.quantum.circuit import GATES, WIDE_GATES, Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.observables import PauliSum
from qfl.quantum.sums import Sum, Term
from qfl.quantum.unitaries import Rows, check_unitary

NUM_FEATURES = 3  # of a circuit without amplitude encoding


def random_circuit(
    rng: np.random.Generator, num_qubits: int, num_gates: int, *, amplitudes: bool = False, wide: bool = False
) -> Circuit:
    """Return a circuit of random gates on random wires with random Z words.

    A parameter is a new angle, an angle that another gate uses too, a feature with a scale, or a number. All gates of
    `GATES` that fit the wires come with equal probability.

    Args:
        rng: Where the choices come from.
        num_qubits: Wires, at least 1.
        num_gates: Gates.
        amplitudes: Whether the input is the initial state too; it then has from 1 to 2^num_qubits features.
        wide: Whether gates of any number of wires, parameters that are sums, and sums of Pauli words come too.

    Example:
        >>> circuit = random_circuit(np.random.default_rng(1), num_qubits=3, num_gates=20)
        >>> circuit.num_qubits, len(circuit.gates), circuit.num_features
        (3, 20, 3)
    """
    num_features = int(rng.integers(1, 2**num_qubits + 1)) if amplitudes else NUM_FEATURES
    names = list(WIDE_GATES) if wide else []
    names += [name for name, (num_wires, _, _) in GATES.items() if num_wires <= num_qubits]
    gates, num_angles = [], 0
    for _ in range(num_gates):
        name = names[rng.integers(len(names))]
        num_wires, num_parameters = _shape(rng, name, num_qubits)
        parameters: list[Parameter] = []
        for _ in range(num_parameters):
            parameters.append(_parameter(rng, num_angles, num_features))
            num_angles += parameters[-1] == Angle(num_angles)
            if wide and num_angles and rng.random() < 0.3:
                parameters[-1] = _sum(rng, num_angles, num_features, parameters[-1])
        word = "".join(rng.choice(list("IXYZ"), num_wires)) if name == "PauliRot" else ""
        word = word if set(word) != {"I"} else "Y" * len(word)
        matrix = random_unitary(rng, num_wires) if name == "QubitUnitary" else ()
        gates.append(Gate(name, _wires(rng, num_qubits, num_wires), tuple(parameters), word, matrix))
    words = tuple(_wires(rng, num_qubits, int(rng.integers(1, num_qubits + 1))) for _ in range(rng.integers(1, 4)))
    sums = (_pauli_sum(rng, num_qubits),) if wide else ()
    return Circuit(num_qubits, tuple(gates), words + sums, amplitudes, num_features)


def random_unitary(rng: np.random.Generator, num_wires: int) -> Rows:
    """Return a random unitary matrix on some wires, by rows.

    Example:
        >>> len(random_unitary(np.random.default_rng(1), 2))
        4
    """
    size = 2**num_wires
    found, _ = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))
    return check_unitary("QubitUnitary", found, num_wires)


def _shape(rng: np.random.Generator, name: str, num_qubits: int) -> tuple[int, int]:
    if name in GATES:
        return GATES[name][0], GATES[name][1]
    return int(rng.integers(1, num_qubits + 1)), WIDE_GATES[name][0]


def _sum(rng: np.random.Generator, num_angles: int, num_features: int, old: Parameter) -> Sum:
    """Return a sum of what a parameter was, an angle, a feature, their product and a number."""
    angle, feature = int(rng.integers(num_angles)), int(rng.integers(num_features))
    own = Term(1.0, (old.index,)) if isinstance(old, Angle) else Term(0.5, (angle,))
    terms = [own, Term(-0.7, (angle,)), Term(1.5, (), (feature,)), Term(0.4, (angle,), (feature,))]
    count = int(rng.integers(1, len(terms) + 1))
    return Sum(tuple(terms[:count]), float(rng.normal()))


def _pauli_sum(rng: np.random.Generator, num_qubits: int) -> PauliSum:
    words = [" ".join(f"{rng.choice(list('XYZ'))}{w}" for w in range(num_qubits) if rng.random() < 0.6) for _ in "abc"]
    return PauliSum(tuple((float(rng.normal()), word) for word in words))


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
