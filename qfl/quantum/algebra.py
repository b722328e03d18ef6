"""The Lie algebra that Hermitian matrices generate, for circuits whose fixed gates turn one Pauli word into several.

The closure grows a basis: a random element of what it has is commuted with every generator, and what is new joins,
until nothing is. That is enough: if the commutators of a random element with all generators stay inside, those of every
element do.

Reference:
    Larocca et al., "Diagnosing barren plateaus with tools from quantum optimal control", 2022, arXiv:2105.14377, for
    the dimension of the closure. The random element, for the nested commutators of all pairs, is ours.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Complex, Float

from qfl.quantum.circuit import Gate
from qfl.quantum.matrices import CONSTANT
from qfl.seeds import stream

MOST_QUBITS = 5  # 1,023 matrices of 32 x 32: seconds; one more takes minutes
TOLERANCE = 1e-8

Matrix = Complex[np.ndarray, "state state"]
Rows = Float[np.ndarray, "row entry"]


def matrix_dimension(generators: Sequence[Matrix]) -> int:
    """Return the dimension of the Lie algebra that matrices of trace zero generate.

    Example:
        >>> matrix_dimension([CONSTANT["Z"], CONSTANT["Z"] + CONSTANT["X"]])
        3
    """
    if not generators:
        return 0
    rng, size, most = stream(0, "lie closure"), 0, len(generators[0]) ** 2 - 1
    basis = _grow(np.zeros((0, 2 * len(generators[0]) ** 2)), [_row(one) for one in generators])
    while size < len(basis) < most:
        size = len(basis)
        some = _matrix(rng.standard_normal(size) @ basis)
        basis = _grow(basis, [_row(1j * (some @ own - own @ some)) for own in generators])
    return len(basis)


def placed(matrix: Complex[np.ndarray, "own own"], wires: tuple[int, ...], num_qubits: int) -> Matrix:
    """Return a matrix on some wires as one on all.

    Args:
        matrix: Of 2^w rows and columns, the first wire the most significant.
        wires: The w wires that it acts on, all different.
        num_qubits: Wires there are.

    Example:
        >>> placed(CONSTANT["Z"], (1,), 2).real.diagonal().tolist()
        [1.0, -1.0, 1.0, -1.0]
    """
    rest = [wire for wire in range(num_qubits) if wire not in wires]
    whole = np.kron(matrix, np.eye(2 ** len(rest))).reshape((2,) * (2 * num_qubits))
    order = np.argsort([*wires, *rest])
    return whole.transpose([*order, *(order + num_qubits)]).reshape(2**num_qubits, -1)


def pauli(word: str) -> Matrix:
    """Return the matrix of a Pauli word, such as ``XX``."""
    matrix = np.eye(1, dtype=complex)
    for letter in word:
        matrix = np.kron(matrix, CONSTANT[letter])
    return matrix


def clifford(gate: Gate) -> Matrix:
    """Return the matrix of a fixed gate on its own wires."""
    if gate.name == "SWAP":
        return np.eye(4, dtype=complex)[[0, 2, 1, 3]]
    if gate.name == "CNOT":
        return np.eye(4, dtype=complex)[[0, 1, 3, 2]]
    if gate.name == "CZ":
        return np.diag([1, 1, 1, -1]).astype(complex)
    return CONSTANT[gate.name]


def _row(matrix: Matrix) -> Float[np.ndarray, " entry"]:
    return np.concatenate((np.real(matrix).ravel(), np.imag(matrix).ravel()))


def _matrix(row: Float[np.ndarray, " entry"]) -> Matrix:
    real, imaginary = row.reshape(2, -1)
    size = round(len(real) ** 0.5)
    return (real + 1j * imaginary).reshape(size, size)


def _grow(basis: Rows, rows: Sequence[Float[np.ndarray, " entry"]]) -> Float[np.ndarray, "more entry"]:
    """Return the basis with what of the rows is new, orthonormal; projected twice, against rounding."""
    for row in rows:
        length = np.linalg.norm(row)
        if length < TOLERANCE:
            continue
        new = row / length
        for _ in range(2):
            new = new - (basis @ new) @ basis
        if (left := np.linalg.norm(new)) > TOLERANCE:
            basis = np.vstack((basis, new / left))
    return basis
