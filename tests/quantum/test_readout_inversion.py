"""Readout errors that differ by wire and by direction are undone, beside the confusion matrix of all bit strings."""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.quantum.circuit import Circuit
from qfl.quantum.mitigation import Mitigation, bill
from qfl.quantum.observables import PauliSum
from qfl.quantum.readout_inversion import growth, inversion, inverted

FLIPS = ((0.02, 0.09), (0.0, 0.15), (0.07, 0.03))
OBSERVABLES = ((0,), (1, 2), (0, 1, 2), PauliSum(((0.5, "Z0"), (-2.0, "Z1 Z2"), (0.25, ""))))


def signs(wires):
    bits = np.arange(8)[:, None] >> (2 - np.array(wires)) & 1
    return (-1.0) ** bits.sum(axis=1)


def values(probabilities, observables):
    """Return expectation values from the probabilities of bit strings, wire 0 first."""
    words = {(0,): signs([0]), (1,): signs([1]), (2,): signs([2]), (0, 1): signs([0, 1]), (0, 2): signs([0, 2])}
    words |= {(1, 2): signs([1, 2]), (0, 1, 2): signs([0, 1, 2])}
    of_sum = 0.5 * words[0,] - 2.0 * words[1, 2] + 0.25
    return torch.tensor(
        np.array([probabilities @ (of_sum if isinstance(o, PauliSum) else words[o]) for o in observables])
    )


def confused(probabilities):
    """Return what is read of bit strings, by the confusion matrices of the wires."""
    matrix = np.ones((1, 1))
    for e, f in FLIPS:
        matrix = np.kron(matrix, [[1 - e, f], [e, 1 - f]])
    return matrix @ probabilities


def test_what_the_wires_misread_is_undone_to_the_last_digit():
    truth = np.random.default_rng(1).dirichlet(np.ones(8))
    circuit = Circuit(3, (), OBSERVABLES)
    found = inverted(lambda c: values(confused(truth), c.observables), FLIPS)(circuit)
    assert torch.allclose(found, values(truth, OBSERVABLES), atol=1e-12)
    assert not torch.allclose(values(confused(truth), OBSERVABLES), found, atol=1e-2)


def test_equal_flips_of_both_ways_read_no_other_words():
    words, matrix = inversion([(0, 1)], [(0.1, 0.1)] * 2)
    assert words == ((0, 1),) and matrix[:, 0].tolist() == pytest.approx([0.0, 0.8**-2])
    assert growth((0, 1), [(0.1, 0.1)] * 2) == pytest.approx(0.8**-2)


def test_values_scatter_no_more_than_the_bill_says():
    truth = np.random.default_rng(3).dirichlet(np.ones(8))
    shots, draw, circuit = 400, np.random.default_rng(4), Circuit(3, (), ((0, 1, 2),))

    def read(c):
        return values(draw.multinomial(shots, confused(truth)) / shots, c.observables)

    undone = inverted(read, FLIPS)
    found = np.array([float(undone(circuit)[0]) for _ in range(300)])
    assert found.mean() == pytest.approx(float(values(truth, ((0, 1, 2),))[0]), abs=4 * found.std() / 300**0.5)
    most = bill(circuit, Mitigation(flips=FLIPS)).variance / shots
    assert 0.3 * most < found.var() < 1.2 * most


@pytest.mark.parametrize("flips", [((0.5, 0.5),), ((-0.1, 0.2),), ((float("nan"), 0.1),)])
def test_flips_that_erase_a_bit_or_are_no_probabilities_are_refused(flips):
    with pytest.raises(ConfigError, match="flips of a wire"):
        Mitigation(flips=flips)


def test_one_description_of_readout_errors_is_enough():
    with pytest.raises(ConfigError, match="give one of them"):
        Mitigation(0.1, flips=((0.1, 0.1),))
