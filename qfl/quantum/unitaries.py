"""Fixed unitaries as plain data: rows of complex numbers, which compare, hash and travel."""

from typing import Any, cast

import numpy as np

Rows = tuple[tuple[complex, ...], ...]
TOLERANCE = 1e-6


def check_unitary(name: str, matrix: Any, num_wires: int) -> Rows:
    """Return a matrix as rows of complex numbers.

    Args:
        name: The gate's, for the sentence; only ``QubitUnitary`` has a matrix.
        matrix: Rows, or a numpy array.
        num_wires: The wires that it acts on.

    Raises:
        ValueError: If it is not unitary, of another size, or not of this gate.

    Example:
        >>> check_unitary("QubitUnitary", np.eye(2), 1)
        (((1+0j), 0j), (0j, (1+0j)))
    """
    if name != "QubitUnitary":
        raise ValueError(f"{name} has a matrix of its own; give a matrix to QubitUnitary alone")
    try:
        given = np.asarray(matrix, dtype=complex)
    except (TypeError, ValueError):
        raise ValueError("QubitUnitary: the matrix is no table of complex numbers; give its rows") from None
    size = 2**num_wires
    if given.shape != (size, size):
        raise ValueError(f"QubitUnitary on {num_wires} wires has a matrix {size} x {size}, not {given.shape}")
    if not np.allclose(given @ given.conj().T, np.eye(size), atol=TOLERANCE):
        raise ValueError("QubitUnitary: the matrix times its adjoint is not the identity; give a unitary matrix")
    rows = cast("list[list[complex]]", given.tolist())
    return tuple(tuple(row) for row in rows)
