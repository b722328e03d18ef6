r"""The feature map of a quantum kernel, and two kernels of its states.

.. math:: |\phi(x)\rangle = H^{\otimes n} D(x) H^{\otimes n} D(x) H^{\otimes n} |0\rangle, \qquad
    D(x) = \exp\Bigl(-i \bigl[c \sum_i x_i Z_i + c^2 \sum_i x_i x_{i+1} Z_i Z_{i+1}\bigr]\Bigr)

c is the bandwidth. D is diagonal and H a Walsh-Hadamard transform, so that all states come out of a few passes over an
array of samples by 2^n amplitudes. The fidelity kernel is :math:`|\langle\phi(x)|\phi(y)\rangle|^2`; the projected one
is a Gaussian of the differences of the one-qubit states.

Reference:
    Havlicek et al., Supervised learning with quantum-enhanced feature spaces, Nature 567, 209 (2019), Eqs. (2), (3);
    Huang et al., Power of data in quantum machine learning, Nature Communications 12, 2631 (2021), Eq. (9);
    Shaydulin and Wild, arXiv:2111.05451 (the bandwidth). Unlike Havlicek's, products are of neighbours in a line.
"""

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.errors import ConfigError

MOST_QUBITS = 16
Rows = Float64[ndarray, "_ qubit"]
States = Complex128[ndarray, "_ amplitude"]


def states(rows: Rows, bandwidth: float) -> States:
    """Return the state of every row, a qubit for each column, the first the most significant.

    Args:
        rows: Features.
        bandwidth: c, above 0.

    Raises:
        ConfigError: If there are more columns than 16, or none.

    Example:
        >>> np.abs(states(np.zeros((1, 2)), 1.0)).round(3).tolist()
        [[0.5, 0.5, 0.5, 0.5]]
    """
    count = rows.shape[1]
    if not 1 <= count <= MOST_QUBITS:
        raise ConfigError(f"{count} features make {count} qubits; give 1 to {MOST_QUBITS}, by principal components")
    signs = 1.0 - 2.0 * ((np.arange(2**count)[None] >> np.arange(count - 1, -1, -1)[:, None]) & 1)
    phase = bandwidth * rows @ signs
    if count > 1:
        phase = phase + bandwidth**2 * (rows[:, :-1] * rows[:, 1:]) @ (signs[:-1] * signs[1:])
    turn = np.exp(-1j * phase)
    return hadamard(turn * hadamard(turn / np.sqrt(2.0**count)))


def hadamard(amplitudes: States) -> States:
    """Return H on every qubit of every state."""
    found, size = amplitudes, amplitudes.shape[1]
    for qubit in range(size.bit_length() - 1):
        pairs = found.reshape(len(found), size >> (qubit + 1), 2, 1 << qubit)
        found = np.stack([pairs[:, :, 0] + pairs[:, :, 1], pairs[:, :, 0] - pairs[:, :, 1]], 2).reshape(
            len(found), size
        )
    return found / np.sqrt(float(size))


def fidelity(first: States, second: States) -> Float64[ndarray, "first second"]:
    """Return the squared overlaps."""
    return np.abs(first.conj() @ second.T) ** 2


def projected(first: States, second: States, width: float = 1.0) -> Float64[ndarray, "first second"]:
    r"""Return :math:`\exp(-\gamma \sum_q \lVert \rho_q - \rho'_q \rVert_F^2)` of the one-qubit states.

    Args:
        first: States.
        second: States of as many qubits.
        width: :math:`\gamma`, above 0.
    """
    a, b = bloch(first), bloch(second)
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return np.exp(-width * np.maximum(squares, 0.0) / 2)


def bloch(amplitudes: States) -> Float64[ndarray, "sample component"]:
    """Return <X>, <Y> and <Z> of every qubit, the most significant first, a row for each state."""
    size = amplitudes.shape[1]
    found: list[Float64[ndarray, " sample"]] = []
    for qubit in reversed(range(size.bit_length() - 1)):
        pairs = amplitudes.reshape(len(amplitudes), size >> (qubit + 1), 2, 1 << qubit)
        up, down = pairs[:, :, 0].reshape(len(pairs), -1), pairs[:, :, 1].reshape(len(pairs), -1)
        across = 2 * (up.conj() * down).sum(1)
        found += [across.real, across.imag, (np.abs(up) ** 2 - np.abs(down) ** 2).sum(1)]
    return np.stack(found, 1)


def concentration(kernel: Float64[ndarray, "sample sample"]) -> float:
    """Return the variance of a kernel's entries off its diagonal: what shots must resolve."""
    return float(kernel[~np.eye(len(kernel), dtype=bool)].var())


def with_shots(
    kernel: Float64[ndarray, "first second"], shots: int, generator: np.random.Generator
) -> Float64[ndarray, "first second"]:
    """Return fidelities as they are estimated: how often all qubits were read as 0.

    Args:
        kernel: Fidelities, 0 to 1.
        shots: Of each entry, 1 or more.
        generator: Draws them.
    """
    return generator.binomial(shots, np.clip(kernel, 0.0, 1.0)) / shots
