import numpy as np
import pennylane as qml
import pytest

from qfl.entanglement.ghz_sum import SharedStates
from qfl.entanglement.superdense import send_angles, send_bits
from qfl.errors import ConfigError
from qfl.seeds import stream

PAULIS = {(0, 0): qml.Identity, (0, 1): qml.PauliX, (1, 0): qml.PauliZ, (1, 1): qml.PauliY}


def circuit(message, depolarising, kept):
    @qml.qnode(qml.device("default.mixed", wires=2))
    def run():
        qml.Hadamard(0)
        qml.CNOT([0, 1])
        PAULIS[message](0)
        if depolarising:
            qml.DepolarizingChannel(0.75 * depolarising, 0)
        if kept == "both":
            qml.CNOT([0, 1])
            qml.Hadamard(0)
            return qml.probs(wires=[0, 1])
        return qml.density_matrix(0)

    return np.asarray(run())


@pytest.mark.parametrize("message", PAULIS)
def test_right_and_wrong_are_as_frequent_as_in_a_simulated_circuit(message):
    draw = stream(1, "test", *message)
    bits = np.tile(np.array(message, np.uint8), 40_000)
    read = send_bits(bits, SharedStates(0.3), draw).bits.reshape(-1, 2)
    shares = np.bincount(2 * read[:, 0] + read[:, 1], minlength=4) / 40_000
    expected = circuit(message, 0.3, "both")
    assert expected[2 * message[0] + message[1]] == pytest.approx(1 - 0.75 * 0.3)
    assert np.allclose(shares, expected, atol=0.012)


@pytest.mark.parametrize("message", PAULIS)
def test_the_half_that_travels_is_mixed_whatever_is_sent(message):
    assert np.allclose(circuit(message, 0.0, "one"), np.eye(2) / 2)


def test_lost_halves_cost_pairs_and_no_bits():
    bits = stream(1, "test").integers(2, size=20_000, dtype=np.uint8)
    found = send_bits(bits, SharedStates(transmittance=0.25), np.random.default_rng(1))
    assert (found.bits == bits).all() and found.pairs == pytest.approx(40_000, rel=0.05)


def test_angles_are_read_to_their_last_bit():
    angles = stream(1, "test").uniform(-10, 10, 200)
    read, pairs = send_angles(angles, 16, SharedStates(), np.random.default_rng(1))
    apart = np.angle(np.exp(1j * (read - angles)))
    assert abs(apart).max() <= np.pi / 2**16 + 1e-12 and pairs == 1600


def test_nothing_is_sent_of_nothing():
    assert send_bits(np.zeros(0, np.uint8), SharedStates(), np.random.default_rng(1)).pairs == 0


@pytest.mark.parametrize("bits", [0, 3, 34])
def test_numbers_of_bits_are_even_and_bounded(bits):
    with pytest.raises(ConfigError, match="give an even number"):
        send_angles(np.zeros(1), bits, SharedStates(), np.random.default_rng(1))


def test_odd_messages_and_infinite_angles_are_refused():
    with pytest.raises(ConfigError, match="even number"):
        send_bits(np.zeros(3, np.uint8), SharedStates(), np.random.default_rng(1))
    with pytest.raises(ConfigError, match="finite angles"):
        send_angles(np.array([np.inf]), 16, SharedStates(), np.random.default_rng(1))
