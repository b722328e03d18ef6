import numpy as np
import pennylane as qml
import pytest

from qfl.entanglement.ghz_sum import SharedStates
from qfl.entanglement.source_check import check_states, failure_rate
from qfl.errors import ConfigError


@pytest.mark.parametrize("clients", [2, 3])
@pytest.mark.parametrize("product,depolarising", [(False, 0.0), (False, 0.2), (True, 0.0)])
def test_failures_are_those_of_a_simulated_circuit(clients, product, depolarising):
    @qml.qnode(qml.device("default.mixed", wires=clients))
    def measured(along_x):
        qml.Hadamard(0)
        for wire in range(1, clients):
            qml.Hadamard(wire) if product else qml.CNOT([0, wire])
        for wire in range(clients):
            if depolarising:
                qml.DepolarizingChannel(0.75 * depolarising, wire)
            if along_x:
                qml.Hadamard(wire)
        return qml.probs(wires=range(clients))

    odd = np.array([bin(k).count("1") % 2 == 1 for k in range(2**clients)])
    along_x, along_z = np.asarray(measured(True)), np.asarray(measured(False))
    expected = (along_x[odd].sum() + 1 - along_z[0] - along_z[-1]) / 2
    assert failure_rate(clients, SharedStates(depolarising), product) == pytest.approx(expected, abs=1e-9)


def test_a_dishonest_source_passes_few_checks():
    passed = sum(
        check_states(20, 2, SharedStates(), np.random.default_rng(k), product=True).failed == 0 for k in range(4000)
    )
    assert passed / 4000 == pytest.approx(0.75**20, abs=0.005)
    assert check_states(1000, 5, SharedStates(), np.random.default_rng(1)).failed == 0


def test_one_client_shares_nothing():
    with pytest.raises(ConfigError, match="give 2 or more"):
        failure_rate(1, SharedStates())
