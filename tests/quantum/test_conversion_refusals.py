"""What of a PennyLane program we cannot represent is one sentence that names it.

Also covers qfl/quantum/pennylane_reading.py, qfl/quantum/traces.py and qfl/quantum/pennylane_words.py.
"""

import pennylane as qml
import pytest
import torch

from qfl.errors import ConfigError
from qfl.quantum.pennylane_reading import from_pennylane


def measured(inputs, weights):
    qml.RX(weights[0], 0)
    qml.measure(0)
    return qml.expval(qml.Z(0))


def channel(inputs, weights):
    qml.RX(weights[0], 0)
    qml.DepolarizingChannel(0.1, wires=0)
    return qml.expval(qml.Z(0))


def unused(inputs, weights):
    qml.RX(weights[1], 0)
    return qml.expval(qml.Z(0))


def sine(inputs, weights):
    qml.RX(torch.sin(weights[0]), 0)
    qml.RX(weights[1], 0)
    return qml.expval(qml.Z(0))


def batched(inputs, weights):
    qml.RX(weights, 0)
    return qml.expval(qml.Z(0))


def sampled(inputs, weights):
    qml.RX(weights[0] + weights[1], 0)
    return qml.sample(qml.Z(0))


def nothing(inputs, weights):
    qml.RX(weights[0] + weights[1], 0)


def fails(inputs, weights):
    qml.RX(weights["a"], 0)
    return qml.expval(qml.Z(0))


def state_of_weights(inputs, weights):
    qml.AmplitudeEmbedding(weights, wires=0, normalize=True)
    return qml.expval(qml.Z(0))


def branches(inputs, weights):
    qml.RX(weights[0], 0)
    if weights[1] > 0.9:
        qml.RY(weights[1], 0)
    return qml.expval(qml.Z(0))


def wide(inputs, weights):
    qml.AngleEmbedding(torch.ones(21), wires=range(21))
    qml.RX(weights[0] + weights[1], 0)
    return qml.expval(qml.Z(0))


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (measured, "measured measures in the middle of the circuit"),
        (channel, "channel has DepolarizingChannel"),
        (unused, "unused never uses weights.0 in a gate"),
        (sine, "sine: RX is turned by a function of weights.0 that is not linear"),
        (batched, "batched: RX is broadcast over samples"),
        (sampled, "sampled returns Sample; return qml.expval"),
        (nothing, "nothing returns no measurement"),
        (fails, "fails raised"),
        (state_of_weights, "starts in a state that is neither"),
        (branches, "branches has other gates for other angles"),
        (wide, "wide has 21 wires; a statevector takes 20"),
    ],
)
def test_what_cannot_be_represented_is_one_sentence(program, says):
    with pytest.raises(ConfigError, match=says):
        from_pennylane(program, {"weights": 2}, 1)


@pytest.mark.parametrize(
    ("program", "shapes", "says"),
    [
        (unused, None, "the shape of 'weights' is not known"),
        (unused, {"weights": 2, "w": 3}, "takes no argument 'w'"),
        (3, None, "is no QNode"),
        (lambda weights: qml.expval(qml.Z(0)), {"weights": 1}, "takes no argument 'inputs'"),
    ],
)
def test_a_signature_that_does_not_fit_is_one_sentence(program, shapes, says):
    with pytest.raises(ConfigError, match=says):
        from_pennylane(program, shapes, 1)
