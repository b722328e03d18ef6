"""PennyLane running one-hot QAOA with the ideal mixer on qubits, in the fastest forms that we know of.

Every form takes rewards [table option option] of two devices and returns the one-hot amplitudes, up to a global phase.
What depends on the angles alone is made once and not timed: matrices, sparse patterns and gate objects. Tapes go to the
device directly, without a QNode's overhead.

- ``matrices``: the mixers as exponentials of the XY Hamiltonian on each device's qubits; the cost as a sparse diagonal
  matrix (as a `DiagonalQubitUnitary` or as a dense matrix it takes a hundred times longer).
- ``sparse``: the mixers as sparse matrices on all qubits.
- ``givens``: the mixers as chains of Givens rotations around one phase (`qfl.scheduling.solvers.pennylane_qaoa`).
"""

from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from jaxtyping import Complex128, Float64
from numpy import ndarray

from qfl.quantum.one_hot import normalised
from qfl.quantum.qaoa_angles import QaoaAngles
from qfl.scheduling.solvers.pennylane_qaoa import ideal_mixer

Peer = Callable[[Float64[ndarray, "table option option"]], Complex128[ndarray, "table option option"]]

FORMS = ("matrices", "sparse", "givens")
DEVICES = ("default.qubit", "lightning.qubit")


def peer(form: str, device: str, options: int, ramp: QaoaAngles) -> Peer:
    """Return PennyLane's QAOA of two devices in one form on one simulator.

    Args:
        form: One of `FORMS`.
        device: One of `DEVICES`.
        options: Of each of the two devices; the qubits are twice as many.
        ramp: Angles of the layers.

    Example:
        >>> run = peer("givens", "default.qubit", 2, QaoaAngles((0.5,), (0.3,)))
        >>> run(np.eye(2)[None]).shape
        (1, 2, 2)
    """
    import pennylane as qp
    from pennylane.tape import QuantumScript
    from scipy.sparse import csr_matrix

    wires, simulator = range(2 * options), qp.device(device, wires=2 * options)
    feasible = one_hot_states_of_two(options)
    w = np.zeros(4**options)
    w[feasible] = 1 / options
    prepare, measure = qp.StatePrep(w, wires=wires, validate_norm=False), [qp.state()]
    mixers = [_mixer(form, options, beta) for beta in ramp.betas]
    ends, rows = np.arange(4**options + 1), np.arange(4**options)
    energy = np.zeros(4**options)

    def tape(table: ndarray) -> Any:
        energy[feasible] = table
        gates = [prepare]
        for gamma, mixer in zip(ramp.gammas, mixers, strict=True):
            phase = csr_matrix((np.exp(-1j * gamma * energy), rows, ends))
            gates += [qp.QubitUnitary(phase, wires=wires, unitary_check=False), *mixer]
        return QuantumScript(gates, measure)

    def run(rewards: ndarray) -> ndarray:
        tapes = [tape(table) for table in normalised(rewards, (1, 2))]
        return np.stack([np.asarray(state)[feasible] for state in simulator.execute(tapes)])

    return run


def one_hot_states_of_two(options: int) -> ndarray:
    """Return the index of each pair of options among the states of all qubits, [option option]."""
    places = 2 ** np.arange(options - 1, -1, -1)
    return np.add.outer(places * 2**options, places)


def _mixer(form: str, options: int, beta: float) -> list[Any]:
    """Return the gates of one mixer layer; all forms act alike on one-hot states."""
    import pennylane as qp

    registers = (range(options), range(options, 2 * options))
    if form == "givens":
        return [gate for register in registers for gate in ideal_mixer(register, beta)]
    matrix = xy_exponential(options, beta)
    if form == "matrices":
        return [qp.QubitUnitary(matrix, wires=register) for register in registers]
    from scipy.sparse import csr_matrix, kron

    rest, sparse = np.eye(2**options), csr_matrix(np.where(abs(matrix) > 1e-15, matrix, 0))
    both = (kron(sparse, rest, format="csr"), kron(rest, sparse, format="csr"))
    return [qp.QubitUnitary(csr_matrix(one), wires=range(2 * options), unitary_check=False) for one in both]


def xy_exponential(options: int, beta: float) -> Complex128[ndarray, "state state"]:
    r"""Return :math:`e^{-i \beta \sum_{i<j} (X_i X_j + Y_i Y_j)/2}`: every term swaps a one and a zero.

    Example:
        >>> abs(xy_exponential(2, np.pi / 2)[1, 2]).round(6)
        np.float64(1.0)
    """
    from scipy.linalg import expm

    states = np.arange(2**options)
    hamiltonian = np.zeros((2**options, 2**options))
    for i, j in combinations(range(options), 2):
        differ = states[(states >> i & 1) != (states >> j & 1)]
        hamiltonian[differ ^ (1 << i) ^ (1 << j), differ] += 1
    return expm(-1j * beta * hamiltonian)
