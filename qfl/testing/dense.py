"""The slow and clear simulator that the fast ones are measured against: dense matrices, one gate at a time, in numpy.

A state is a density matrix, a gate of one or more wires is a product of Kronecker factors, noise is a sum over Kraus
operators. Nothing here is shared with the engines but the data structure.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Complex, Float
from numpy.typing import NDArray

from qfl.quantum.circuit import Angle, Circuit, Feature, Gate, Parameter
from qfl.quantum.noise import NoiseModel
from qfl.quantum.observables import Observable, PauliSum
from qfl.quantum.sums import Sum

I2 = np.eye(2, dtype=complex)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1]).astype(complex)
PAULI = {"X": X, "Y": Y, "Z": Z}
FIXED = {"H": (X + Z) / np.sqrt(2), "S": np.diag([1, 1j]), "T": np.diag([1, np.exp(1j * np.pi / 4)])}
FIXED |= PAULI | {"SX": ((1 + 1j) * I2 + (1 - 1j) * X) / 2}

Matrix = NDArray[Any]


def dense_expectations(
    circuit: Circuit,
    angles: Float[np.ndarray, " angle"],
    inputs: Float[np.ndarray, "sample feature"],
    noise: NoiseModel | None = None,
) -> Float[np.ndarray, "sample observable"]:
    """Return the expectation values of the circuit's observables.

    Args:
        circuit: What is simulated.
        angles: In radians.
        inputs: One row per sample.
        noise: Noise after every gate and before the readout; None for none.

    Example:
        >>> circuit = Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),))
        >>> dense_expectations(circuit, np.array([np.pi / 3]), np.zeros((1, 0))).round(6)
        array([[0.5]])
    """
    return np.array([_sample(circuit, angles, sample, noise or NoiseModel()) for sample in inputs])


def _sample(circuit: Circuit, angles: NDArray, sample: NDArray, noise: NoiseModel) -> list[float]:
    psi = np.zeros(2**circuit.num_qubits, dtype=complex)
    if circuit.amplitudes:
        psi[: len(sample)] = sample / np.linalg.norm(sample)
    else:
        psi[0] = 1
    rho = np.outer(psi, psi.conj())
    p, r = noise.depolarising, noise.readout
    for gate in circuit.gates:
        unitary = gate_matrix(circuit, gate, angles, sample)
        rho = unitary @ rho @ unitary.conj().T
        for wire in gate.wires:
            rho = _flip(rho, circuit, wire, {"X": p / 3, "Y": p / 3, "Z": p / 3})
    for wire in range(circuit.num_qubits):
        rho = _flip(rho, circuit, wire, {"X": r})
    return [float(np.trace(_observable(circuit, observable) @ rho).real) for observable in circuit.observables]


def _observable(circuit: Circuit, observable: Observable) -> Matrix:
    if not isinstance(observable, PauliSum):
        return _on_wires(circuit, dict.fromkeys(observable, Z))
    words = [(c, {int(each[1:]): PAULI[each[0]] for each in word.split()}) for c, word in observable.terms]
    return np.sum([c * _on_wires(circuit, factors) for c, factors in words], axis=0)


def gate_matrix(
    circuit: Circuit, gate: Gate, angles: Float[np.ndarray, " angle"], sample: Float[np.ndarray, " feature"]
) -> Complex[np.ndarray, "state state"]:
    """Return the matrix of a gate on all wires of its circuit.

    Args:
        circuit: Whose wires it acts on.
        gate: The gate.
        angles: In radians.
        sample: Features of one sample.
    """
    values = [_value(parameter, angles, sample) for parameter in gate.parameters]
    *controls, target = gate.wires
    if gate.name in ("CNOT", "Toffoli"):
        return _controlled(circuit, controls, {target: X})
    if gate.name in ("CZ", "CY"):
        return _controlled(circuit, controls, {target: PAULI[gate.name[1]]})
    if gate.name in ("SWAP", "CSWAP"):
        swap = np.sum([_on_wires(circuit, dict.fromkeys(gate.wires[-2:], p)) for p in (I2, X, Y, Z)], axis=0) / 2
        if gate.name == "SWAP":
            return swap
        return (
            _on_wires(circuit, {gate.wires[0]: np.diag([1, 0])})
            + _on_wires(circuit, {gate.wires[0]: np.diag([0, 1])}) @ swap
        )
    if gate.name == "QubitUnitary":
        return _wide(circuit, gate)
    if gate.name == "IsingXY":
        words = [_on_wires(circuit, dict.fromkeys(gate.wires, pauli)) for pauli in (X, Y)]
        return _exponential(_exponent(words[0] + words[1], -values[0] / 2))
    if gate.name in ("PauliRot", "MultiRZ"):
        word = gate.word or "Z" * len(gate.wires)
        factors = {wire: PAULI[letter] for wire, letter in zip(gate.wires, word, strict=True) if letter != "I"}
        return _exponential(_exponent(_on_wires(circuit, factors), values[0]))
    if gate.name.startswith("Ising"):
        word = _on_wires(circuit, {wire: PAULI[gate.name[-1]] for wire in gate.wires})
        return np.cos(values[0] / 2) * np.eye(len(word)) - 1j * np.sin(values[0] / 2) * word
    one_wire = _one_wire(gate.name.removeprefix("C").removeprefix("ontrolled"), values)
    return _controlled(circuit, controls, {target: one_wire})


def _exponent(generator: Matrix, angle: float) -> Matrix:
    return -0.5 * angle * generator


def _exponential(hermitian: Matrix) -> Matrix:
    """Return exp(i H)."""
    values, vectors = np.linalg.eigh(hermitian)
    return (vectors * np.exp(1j * values)) @ vectors.conj().T


def _wide(circuit: Circuit, gate: Gate) -> Matrix:
    """Return a matrix on some wires as one on all, entry by entry."""
    count, matrix = circuit.num_qubits, np.array(gate.matrix)
    whole = np.zeros((2**count,) * 2, dtype=complex)
    for column in range(2**count):
        bits = [column >> (count - 1 - wire) & 1 for wire in range(count)]
        source = int("".join(str(bits[wire]) for wire in gate.wires), 2)
        for target in range(len(matrix)):
            for place, wire in enumerate(gate.wires):
                bits[wire] = target >> (len(gate.wires) - 1 - place) & 1
            whole[int("".join(map(str, bits)), 2), column] += matrix[target, source]
    return whole


def _one_wire(name: str, values: list[float]) -> Matrix:
    if name in FIXED:
        return FIXED[name]
    if name.startswith("Adjoint("):
        return FIXED[name[8:-1]].conj().T
    if name == "U3":
        theta, phi, delta = values
        lower = np.exp(1j * phi) * np.sin(theta / 2), np.exp(1j * (phi + delta)) * np.cos(theta / 2)
        return np.array([[np.cos(theta / 2), -np.exp(1j * delta) * np.sin(theta / 2)], lower])
    if name == "PhaseShift":
        return np.diag([1, np.exp(1j * values[0])])
    if name == "Rot":
        phi, theta, omega = values
        return _one_wire("RZ", [omega]) @ _one_wire("RY", [theta]) @ _one_wire("RZ", [phi])
    return np.cos(values[0] / 2) * I2 - 1j * np.sin(values[0] / 2) * PAULI[name[-1]]


def _controlled(circuit: Circuit, controls: Sequence[int], factors: Mapping[int, Matrix]) -> Matrix:
    """Return the operator that acts where all controls are one, and leaves the rest alone."""
    total = np.zeros((2**circuit.num_qubits,) * 2, dtype=complex)
    for bits in product((0, 1), repeat=len(controls)):
        projectors = {wire: np.diag([1 - bit, bit]).astype(complex) for wire, bit in zip(controls, bits, strict=True)}
        total += _on_wires(circuit, {**projectors, **(factors if all(bits) else {})})
    return total


def _flip(rho: Matrix, circuit: Circuit, wire: int, probabilities: dict[str, float]) -> Matrix:
    """Return the state after a Pauli error on a wire, each with its probability."""
    out = (1 - sum(probabilities.values())) * rho
    for name, probability in probabilities.items():
        error = _on_wires(circuit, {wire: PAULI[name]})
        out = out + probability * error @ rho @ error
    return out


def _on_wires(circuit: Circuit, factors: Mapping[int, Matrix]) -> Matrix:
    """Return the Kronecker product of a factor per wire, the identity where none is given."""
    return reduce(np.kron, [factors.get(wire, I2) for wire in range(circuit.num_qubits)])


def _value(parameter: Parameter, angles: NDArray, sample: NDArray) -> float:
    if isinstance(parameter, Angle):
        return float(angles[parameter.index])
    if isinstance(parameter, Feature):
        return parameter.scale * float(sample[parameter.index])
    if isinstance(parameter, Sum):
        return float(parameter.value(list(angles), list(sample)))
    return parameter
