"""The closed form of the parity against PennyLane's simulators, and the estimate against its standard error."""

from math import inf, pi

import numpy as np
import pennylane as qml
import pytest

from qfl.entanglement.ghz_sum import SharedStates, parity_expectation, standard_error, states_for, sum_phases
from qfl.errors import ConfigError
from qfl.seeds import stream


def prepared(phases, turned, depolarising):
    """A GHZ state, phases, noise, and a turn back, for a QNode; PennyLane's p is that of any Pauli, 3/4 of ours."""
    wires = range(len(phases))
    qml.Hadamard(0)
    for wire in wires[1:]:
        qml.CNOT([0, wire])
    for wire, phase in zip(wires, phases, strict=True):
        qml.PhaseShift(phase, wire)
        if depolarising:
            qml.DepolarizingChannel(0.75 * depolarising, wire)
    qml.PhaseShift(-turned, 0)
    return wires


@pytest.mark.parametrize("clients", [1, 2, 3, 4])
@pytest.mark.parametrize("depolarising", [0.0, 0.1])
def test_the_parity_is_that_of_a_simulated_circuit(clients, depolarising):
    phases, turned = stream(1, "test", clients).uniform(-pi, pi, clients), 0.4

    @qml.qnode(qml.device("default.mixed", wires=clients))
    def parity():
        wires = prepared(phases, turned, depolarising)
        return qml.expval(qml.prod(*(qml.PauliX(wire) for wire in wires)) if clients > 1 else qml.PauliX(0))

    expected = float(parity())
    assert parity_expectation(phases, turned, SharedStates(depolarising)) == pytest.approx(expected, abs=1e-9)


def probabilities(phases, kept):
    @qml.qnode(qml.device("default.qubit", wires=len(phases)))
    def circuit():
        for wire in prepared(phases, 0.0, 0.0):
            qml.Hadamard(wire)
        return qml.probs(wires=kept)

    return np.asarray(circuit())


def test_all_bits_together_depend_on_the_sum_alone():
    one, other = np.array([0.3, 1.1, -0.4]), np.array([2.0, -1.5, 0.5])
    assert np.allclose(probabilities(one, range(3)), probabilities(other, range(3)))
    assert not np.allclose(probabilities(one, range(3)), probabilities(other + 0.1, range(3)))


@pytest.mark.parametrize("kept", [[0], [0, 1], [1, 2], [0, 2]])
def test_fewer_than_all_bits_depend_on_nothing(kept):
    assert np.allclose(probabilities(np.array([0.3, 1.1, -0.4]), kept), 0.5 ** len(kept))


@pytest.mark.parametrize("states", [SharedStates(), SharedStates(0.05, 0.9)])
def test_estimates_spread_as_the_standard_error_says(states):
    phases, draw = np.array([0.3, 0.5, -0.2, 0.1]), stream(1, "test", "spread")
    found = np.array([sum_phases(phases, 4000, states, draw).phase_rad for _ in range(400)])
    expected = standard_error(0.7, 4, 4000, states)
    assert found.mean() == pytest.approx(0.7, abs=5 * expected / 20)
    assert found.std() == pytest.approx(expected, rel=0.2)


def test_lost_qubits_lose_the_state():
    found = sum_phases(np.zeros(3), 10_000, SharedStates(transmittance=0.5), np.random.default_rng(1))
    assert found.sent == 10_000 and found.states == pytest.approx(1250, abs=200)


def test_the_states_that_an_error_needs_leave_that_error():
    states = SharedStates(0.02, 0.9)
    assert standard_error(0.0, 5, round(states_for(0.01, 5, states)), states) == pytest.approx(0.01, rel=0.01)
    assert states_for(0.01, 5, SharedStates(1.0)) == standard_error(0.0, 5, 100, SharedStates(1.0)) == inf


@pytest.mark.parametrize("phases,sent", [(np.zeros(0), 10), (np.array([np.nan]), 10), (np.zeros(2), 1)])
def test_what_cannot_be_summed_is_refused(phases, sent):
    with pytest.raises(ConfigError, match="give finite phases"):
        sum_phases(phases, sent, SharedStates(), np.random.default_rng(1))


@pytest.mark.parametrize("given", [(-0.1, 1.0), (1.1, 1.0), (0.0, 0.0), (0.0, 1.1), (float("nan"), 1.0)])
def test_noise_is_a_probability(given):
    with pytest.raises(ConfigError, match="give a number"):
        SharedStates(*given)


@pytest.mark.parametrize("error", [0.0, -1.0, float("nan")])
def test_an_error_to_reach_is_above_0(error):
    with pytest.raises(ConfigError, match="above 0"):
        states_for(error, 3, SharedStates())
