"""The operations of a step are those that torch counts; the peak is a rate that a product has."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from qfl.quantum.ansatze import classifier
from qfl.studies.bench.peak import peak_flops, step_flops
from qfl.studies.bench.vqc import exact_step


@pytest.mark.parametrize(("qubits", "layers"), [(6, 3), (8, 4), (9, 2)])
def test_operations_are_those_that_torch_counts(qubits, layers):
    """Torch counts a complex operation as one, not as four real ones, and measurements beside the products."""
    circuit = classifier("angle", "strongly_entangling", qubits, layers, qubits, qubits)
    angles, inputs = torch.rand(3, circuit.num_angles), torch.rand(3, 8, qubits)
    with FlopCounterMode(display=False) as counter:
        exact_step(circuit)(angles, inputs)
    assert 0.8 < step_flops(circuit, 3, 8) / (4 * counter.get_total_flops()) < 1


def test_the_peak_is_that_of_the_fastest_product():
    threads = torch.get_num_threads()
    try:
        assert 1e8 < peak_flops(1, size=128, turns=3) < 1e14
    finally:
        torch.set_num_threads(threads)
