"""Circuits whose gates take inputs: the same values, gradients by shifts of any gate, and shots as a device draws them.

Also covers qfl/quantum/sampled.py.
"""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.quantum.circuit import GATES, Angle, Circuit, Feature, Gate
from qfl.quantum.exact import expectations, probabilities
from qfl.quantum.gate_inputs import MOST_ROWS, by_shifts, gate_inputs
from qfl.quantum.observables import PauliSum
from qfl.quantum.sampled import sampled
from qfl.quantum.sums import Sum, Term

NONE = torch.zeros(0, dtype=torch.float64)
WORDS = ((0,), (1, 2), (0, 1, 2))


def mixed(seed):
    """Return a circuit whose gates share angles, scale them and add features to them, and arguments of two clients."""
    draw = np.random.default_rng(seed)
    kinds = (
        lambda: Angle(int(draw.integers(4))),
        lambda: Feature(int(draw.integers(2)), 0.7),
        lambda: Sum((Term(0.6, (int(draw.integers(4)),)), Term(0.3, (), (1,))), 0.2),
        lambda: Sum((Term(0.5, (int(draw.integers(4)),), (0,)),)),
        lambda: float(draw.normal()),
    )
    gates = [Gate("RY", (k % 3,), (Angle(k),)) for k in range(4)]
    for name in draw.permutation(sorted(GATES)):
        wires, parameters, _ = GATES[str(name)]
        where = tuple(map(int, draw.permutation(3)[:wires]))
        gates.append(Gate(str(name), where, tuple(kinds[draw.integers(5)]() for _ in range(parameters))))
    circuit = Circuit(3, tuple(gates), WORDS, num_features=2)
    angles = torch.tensor(draw.normal(size=(2, 4)), requires_grad=True)
    return circuit, angles, torch.tensor(draw.normal(size=(2, 3, 2)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_values_and_gradients_by_shifts_are_those_of_the_exact_engine(seed):
    circuit, angles, samples = mixed(seed)
    given, weights = gate_inputs(circuit), torch.tensor(np.random.default_rng(9).normal(size=(2, 3, 3)))
    wanted = expectations(circuit, angles, samples)
    run = lambda rows: expectations(given.circuit, NONE, rows)  # noqa: E731
    found = by_shifts(run, given.rows(angles, samples), given.rules).unflatten(0, (2, 3))
    assert torch.allclose(found, wanted, atol=1e-12)
    slope, other = (torch.autograd.grad((values * weights).sum(), angles)[0] for values in (found, wanted))
    assert torch.allclose(slope, other, atol=1e-11)


def test_a_gradient_runs_the_circuits_that_are_billed():
    circuit, angles, samples = mixed(4)
    given, rows_run = gate_inputs(circuit), []

    def run(rows):
        rows_run.append(len(rows))
        return expectations(given.circuit, NONE, rows.detach())

    by_shifts(run, given.rows(angles, samples), given.rules).sum().backward()
    assert sum(rows_run) == 6 * given.evaluations


def test_many_rows_are_run_in_parts():
    sizes = []

    def run(rows):
        sizes.append(len(rows))
        return rows.cos()

    by_shifts(run, torch.zeros(2 * MOST_ROWS + 1, 1), ((),))
    assert sizes == [MOST_ROWS, MOST_ROWS, 1]


def test_amplitudes_are_refused_with_what_to_do():
    with pytest.raises(ConfigError, match=r"model\.encoding = 'angle'"):
        gate_inputs(Circuit(1, (Gate("RY", (0,), (Angle(0),)),), ((0,),), amplitudes=True, num_features=2))


def test_probabilities_are_those_that_pennylane_gives():
    import pennylane as qp

    circuit, rows = Circuit(3, gates(), WORDS, num_features=2), torch.tensor([[0.3, -0.8], [1.1, 0.4]]).double()

    @qp.qnode(qp.device("default.qubit"))
    def program(row):
        qp.RX(row[0], 0)
        qp.RY(row[1], 2)
        qp.CNOT((0, 1))
        qp.CRX(0.7, (2, 0))
        qp.H(1)
        return qp.probs(range(3))

    wanted = torch.stack([torch.as_tensor(program(row.numpy())) for row in rows])
    assert torch.allclose(probabilities(circuit, NONE, rows), wanted, atol=1e-9)


def gates():
    return (
        Gate("RX", (0,), (Feature(0),)),
        Gate("RY", (2,), (Feature(1),)),
        Gate("CNOT", (0, 1)),
        Gate("CRX", (2, 0), (0.7,)),
        Gate("H", (1,)),
    )


def test_shots_have_the_mean_and_the_covariance_of_bit_strings():
    circuit, row = Circuit(3, gates(), WORDS, num_features=2), torch.tensor([[0.3, -0.8]]).double()
    shots, repeats = 50, 4000
    found = sampled(circuit, row.expand(repeats, -1), shots, np.random.default_rng(1)).numpy()
    mean = expectations(circuit, NONE, row)[0].numpy()
    products = expectations(Circuit(3, gates(), ((0, 1, 2), (1, 2), (0,)), num_features=2), NONE, row)[0].numpy()
    # words 0 and 12 multiply to 012, 0 and 012 to 12, 12 and 012 to 0
    second = np.ones((3, 3))
    second[[0, 1, 0, 2, 1, 2], [1, 0, 2, 0, 2, 1]] = np.repeat(products, 2)
    covariance = (second - np.outer(mean, mean)) / shots
    assert found.mean(0) == pytest.approx(mean, abs=5 * np.sqrt(np.diag(covariance).max() / repeats))
    assert np.abs(np.cov(found.T) - covariance).max() < 0.1 * covariance.max()


def test_other_words_than_z_are_refused():
    with pytest.raises(ConfigError, match="takes words of Z"):
        sampled(Circuit(1, (), (PauliSum(((1.0, "X0"),)),)), torch.zeros(1, 0), 10, np.random.default_rng(1))
