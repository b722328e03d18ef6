r"""Channels of noisy hardware as Kraus operators: relaxation in time, depolarising, and readout that errs.

A qubit that waits for t seconds relaxes towards \|0> and loses its phase,

    <Z> -> 1 - (1 - <Z>) e^(-t/T1),    <X>, <Y> -> <X>, <Y> e^(-t/T2),    T2 <= 2 T1,

and a gate of n wires whose average fidelity is lower than relaxation alone explains is depolarised besides, with the
probability p that makes up the rest: rho -> (1 - p) rho + p I / 2^n.

Reference:
    Nielsen and Chuang, Quantum computation and quantum information, Sections 8.3.4 and 8.3.5, for the channels and for
    T2 <= 2 T1; Nielsen, "A simple formula for the average gate fidelity of a quantum dynamical operation", 2002,
    arXiv:quant-ph/0205035, Eq. (3), for F = (d F_e + 1) / (d + 1). That a reported gate error is relaxation over the
    gate's duration and depolarising for the rest is how Qiskit Aer reads a backend (``NoiseModel.from_backend``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import exp, prod, sqrt
from typing import cast

import numpy as np
from numpy.typing import NDArray

Kraus = NDArray[np.complex128]
"""Operators [operator, row, column] whose squares add up to the identity."""
PAULIS: Kraus = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


@dataclass(frozen=True, eq=False)
class Channel:
    """What happens to some wires between gates.

    Args:
        kraus: The operators.
        wires: Where, the first the most significant.
    """

    kraus: Kraus
    wires: tuple[int, ...]


def relaxation(time_s: float, t1_s: float, t2_s: float) -> Kraus:
    """Return what waiting does to a qubit, whose ground state is cold.

    Args:
        time_s: How long, 0 or more.
        t1_s: Relaxation time, above 0.
        t2_s: Dephasing time, above 0 and at most twice ``t1_s``.

    Example:
        >>> relaxation(0.0, 1.0, 1.0)[0].real
        array([[1., 0.],
               [0., 1.]])
    """
    kept, coherence = exp(-time_s / t1_s), exp(-time_s / t2_s)
    found = np.zeros((3, 2, 2), complex)
    found[0] = np.diag([1.0, coherence])
    found[1, 0, 1] = sqrt(1 - kept)
    found[2, 1, 1] = sqrt(max(0.0, kept - coherence**2))
    return found


def depolarising(p: float, num_wires: int) -> Kraus:
    """Return rho -> (1 - p) rho + p I / 2^n, a Pauli error of any kind with the probability p / 4^n each.

    Args:
        p: From 0 to 1.
        num_wires: n.

    Example:
        >>> depolarising(0.1, 2).shape
        (16, 4, 4)
    """
    size = 4**num_wires
    words = [prod_of(PAULIS[list(word)]) for word in product(range(4), repeat=num_wires)]
    weights = np.full(size, p / size)
    weights[0] += 1 - p
    return np.sqrt(weights)[:, None, None] * np.array(words)


def readout(read_1_of_0: float, read_0_of_1: float) -> Kraus:
    """Return a flip before a measurement of Z that makes it err as it does: its phases are gone.

    Args:
        read_1_of_0: p(1 | 0), the probability to read 1 where the state is 0.
        read_0_of_1: p(0 | 1).

    Example:
        >>> float(readout(0.25, 0.0)[1, 1, 0].real)  # from 0 to 1
        0.5
    """
    found = np.zeros((4, 2, 2), complex)
    found[0, 0, 0], found[1, 1, 0] = sqrt(1 - read_1_of_0), sqrt(read_1_of_0)
    found[2, 1, 1], found[3, 0, 1] = sqrt(1 - read_0_of_1), sqrt(read_0_of_1)
    return found


def relaxation_fidelity(time_s: float, times_s: Sequence[tuple[float, float]]) -> float:
    """Return the average gate fidelity of qubits that wait.

    Args:
        time_s: How long.
        times_s: T1 and T2 of each qubit.

    Example:
        >>> round(relaxation_fidelity(1.0, [(100.0, 100.0)]), 6)
        0.995025
    """
    size = 2 ** len(times_s)
    entanglement = prod((1 + exp(-time_s / t1) + 2 * exp(-time_s / t2)) / 4 for t1, t2 in times_s)
    return (size * entanglement + 1) / (size + 1)


def residual(error: float, time_s: float, times_s: Sequence[tuple[float, float]]) -> float:
    """Return the depolarising probability that brings a gate from the fidelity of its relaxation to 1 - error.

    Args:
        error: The gate's average infidelity, as devices report it.
        time_s: Its duration.
        times_s: T1 and T2 of each of its qubits.

    Returns:
        p, 0 where relaxation alone is worse than the error; above 1 where no such gate can be as bad.

    Example:
        >>> residual(0.25, 0.0, [(1.0, 1.0)])  # half of a qubit's state is lost
        0.5
    """
    relaxed, floor = relaxation_fidelity(time_s, times_s), 2.0 ** -len(times_s)
    return max(0.0, (relaxed - (1 - error)) / (relaxed - floor)) if relaxed > floor else 0.0


def prod_of(matrices: Kraus) -> NDArray[np.complex128]:
    """Return the Kronecker product of matrices [wire, row, column].

    Example:
        >>> prod_of(PAULIS[[3, 3]]).diagonal().real
        array([ 1., -1., -1.,  1.])
    """
    return cast("Kraus", reduce(np.kron, matrices))
