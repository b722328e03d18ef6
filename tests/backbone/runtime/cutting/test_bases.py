"""Bases: mutually unbiased, and undone by their measurements."""

import numpy as np
import pytest

from qfl.backbone.runtime.cutting.bases import measurement, preparation
from qfl.quantum.circuit import Circuit
from qfl.testing.dense import gate_matrix


def unitary(gates, count):
    circuit, whole = Circuit(count, tuple(gates), ((0,),)), np.eye(2**count, dtype=complex)
    for gate in gates:
        whole = gate_matrix(circuit, gate, np.zeros(0), np.zeros(0)) @ whole
    return whole


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_every_state_of_a_basis_is_spread_evenly_over_every_other(count):
    wires = tuple(range(count))
    bases = [unitary(preparation(basis, wires), count) for basis in range(2**count + 1)]
    for i, first in enumerate(bases):
        for second in bases[:i]:
            assert abs(first.conj().T @ second) ** 2 == pytest.approx(np.full((2**count,) * 2, 2.0**-count))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_measurement_undoes_the_preparation(count):
    wires = tuple(range(count))
    for basis in range(2**count + 1):
        both = unitary([*preparation(basis, wires), *measurement(basis, wires)], count)
        assert both == pytest.approx(np.eye(2**count))
