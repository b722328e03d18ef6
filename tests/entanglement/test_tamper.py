import numpy as np
import pennylane as qml
import pytest

from qfl.entanglement.ghz_sum import SharedStates
from qfl.entanglement.tamper import direction_scores, distance_scores, norm_scores, state_scores, swap_scores
from qfl.errors import ConfigError
from qfl.seeds import stream


def updates(clients=8, angles=12):
    draw = stream(1, "test", "updates")
    return 0.1 + 0.02 * draw.normal(size=(clients, angles))


def test_scaling_and_turning_round_are_found_by_norm_and_direction():
    scaled, turned = updates(), updates()
    scaled[3] *= 4
    turned[5] *= -1
    assert distance_scores(scaled).argmax() == 3 and distance_scores(turned).argmax() == 5
    assert norm_scores(scaled).argmax() == 3 and direction_scores(turned).argmax() == 5
    assert swap_scores(scaled, 0, np.random.default_rng(1)).argmax() == 3
    assert swap_scores(turned, 0, np.random.default_rng(1)).argmax() == 5


def test_overlaps_are_those_of_simulated_states():
    one, other = np.array([0.3, -0.7]), np.array([1.0, 0.2])

    @qml.qnode(qml.device("default.qubit", wires=5))
    def swap_test():
        for wire, phase in enumerate((*one, *other), start=1):
            qml.Hadamard(wire)
            qml.PhaseShift(phase, wire)
        qml.Hadamard(0)
        for wire in (1, 2):
            qml.CSWAP([0, wire, wire + 2])
        qml.Hadamard(0)
        return qml.expval(qml.PauliZ(0))

    exact = 1 - swap_scores(np.stack([one, other]), 0, np.random.default_rng(1))
    assert np.allclose(exact, float(swap_test()))
    drawn = 1 - swap_scores(np.stack([one, other]), 10**6, np.random.default_rng(1))
    assert np.allclose(drawn, exact, atol=0.005)


def test_check_states_know_nothing_of_updates():
    honest, wild = updates(), 100 * updates()
    first, second = (state_scores(u, 200, SharedStates(0.05), np.random.default_rng(1)) for u in (honest, wild))
    assert (first == second).all() and 0 < first.mean() < 0.2
    assert not state_scores(honest, 50, SharedStates(), np.random.default_rng(1)).any()


@pytest.mark.parametrize("given", [np.zeros((1, 3)), np.full((3, 2), np.nan)])
def test_what_is_no_table_of_updates_is_refused(given):
    for scores in (direction_scores, distance_scores, norm_scores):
        with pytest.raises(ConfigError, match="two clients or more"):
            scores(given)


def test_no_checks_are_refused():
    with pytest.raises(ConfigError, match="give 1 or more"):
        state_scores(updates(), 0, SharedStates(), np.random.default_rng(1))
