"""Expectation values of sums of Pauli words in many states at once, with gradients.

Words of one x (see `qfl.quantum.observables`) share the products of amplitudes that they weigh, so that a sum is

    <O> = sum_x Re sum_z M_x[O, z] conj(psi(z xor x)) psi(z),

one matrix product for each x, and words of Z alone are x = 0.
"""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Complex, Float, Int, Shaped
from torch import Tensor

from qfl.quantum.observables import Observable, as_sum, pauli_action
from qfl.quantum.program import Index

Groups = list[tuple[Int[Tensor, " place"], Complex[Tensor, "observable place"]]]


def pauli_groups(observables: Sequence[Observable], num_qubits: int, where: Index) -> Groups:
    """Return, for every x, the place that holds z xor x for the z of each place, and M_x.

    Args:
        observables: Words of Z, and sums.
        num_qubits: Wires there are.
        where: The basis state at each place.
    """
    place, groups = np.argsort(where), dict[int, np.ndarray]()
    targets: dict[int, np.ndarray] = {}
    for row, observable in enumerate(observables):
        for coefficient, word in as_sum(observable).terms:
            target, phase = pauli_action(word, num_qubits)
            x = int(target[0])
            table = groups.setdefault(x, np.zeros((len(observables), len(where)), dtype=complex))
            table[row] += coefficient * phase[where]
            targets[x] = place[target[where]]
    return [(torch.as_tensor(targets[x]), torch.as_tensor(table)) for x, table in groups.items()]


def pauli_values(groups: Groups, states: Shaped[Tensor, "client place sample"]) -> Float[Tensor, "client _ sample"]:
    """Return the expectation values of the observables that `pauli_groups` was given."""
    total: Tensor | None = None
    for target, table in groups:
        products = states[:, target].conj() * states
        if states.is_complex():
            part = (table.to(states.dtype) @ products).real
        else:
            part = table.real.to(states.dtype) @ products  # an odd number of Y has the value zero in real states
        total = part if total is None else total + part
    if total is None:
        raise ValueError("no observable was given; give one or more")
    return total


def diagonal_signs(observables: Sequence[Observable], num_qubits: int) -> Float[np.ndarray, "observable state"]:
    """Return the eigenvalues of observables of Z alone, by basis state.

    Example:
        >>> diagonal_signs([(0,)], 1).tolist()
        [[1.0, -1.0]]
    """
    rows: list[np.ndarray] = []
    for observable in observables:
        own = np.zeros(2**num_qubits)
        for coefficient, word in as_sum(observable).terms:
            own = own + coefficient * np.real(pauli_action(word, num_qubits)[1])
        rows.append(own)
    return np.stack(rows)
