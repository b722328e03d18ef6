"""SCAFFOLD's formulas on clients with quadratic losses, whose optimum and whose FedAvg's end are closed forms."""

import numpy as np
import pytest

from qfl.aggregation.control_variates import control_change, new_control
from qfl.errors import InputError
from qfl.seeds import stream

CLIENTS, ANGLES, RATE, STEPS = 5, 3, 0.05, 40
RNG = stream(3, "scaffold")
ROOTS = RNG.normal(0, 1, (CLIENTS, ANGLES, ANGLES))
CURVES = ROOTS @ ROOTS.transpose(0, 2, 1) / ANGLES + 0.1 * np.eye(ANGLES)  # the loss is (x - b)' A (x - b) / 2
CENTRES = RNG.normal(0, 3, (CLIENTS, ANGLES))
OPTIMUM = np.linalg.solve(CURVES.sum(0), np.einsum("kij,kj->i", CURVES, CENTRES))


def walk(start, client, correction):
    angles = start
    for _ in range(STEPS):
        angles = angles - RATE * (CURVES[client] @ (angles - CENTRES[client]) + correction)
    return angles


def scaffold(rounds, asked=lambda number: range(CLIENTS)):
    angles, server, own = np.zeros(ANGLES), np.zeros(ANGLES), np.zeros((CLIENTS, ANGLES))
    for number in range(rounds):
        clients = list(asked(number))
        updates = np.stack([walk(angles, k, server - own[k]) for k in clients])
        change = control_change(server, angles, updates, np.full(len(clients), STEPS * RATE), num_clients=CLIENTS)
        for k, update in zip(clients, updates, strict=True):
            own[k] = new_control(own[k], server, angles, update, way=STEPS * RATE)
        angles, server = angles + (updates - angles).mean(0), server + change
        np.testing.assert_allclose(server, own.mean(0), atol=1e-9)  # c is the mean of all c_k, at any time
    return angles, own


def test_it_reaches_the_optimum_and_fedavg_with_as_many_local_steps_does_not():
    """FedAvg ends where the sum of (1 - (1 - rate A_k)^steps) (x - b_k) is zero."""
    found, _ = scaffold(200)
    np.testing.assert_allclose(found, OPTIMUM, atol=1e-6)
    angles = np.zeros(ANGLES)
    for _ in range(200):
        angles = np.mean([walk(angles, k, 0.0) for k in range(CLIENTS)], axis=0)
    pulls = np.stack([np.eye(ANGLES) - np.linalg.matrix_power(np.eye(ANGLES) - RATE * a, STEPS) for a in CURVES])
    ends = np.linalg.solve(pulls.sum(0), np.einsum("kij,kj->i", pulls, CENTRES))
    np.testing.assert_allclose(angles, ends, atol=1e-6)
    assert np.linalg.norm(ends - OPTIMUM) > 0.3


def test_it_reaches_the_optimum_with_two_of_five_clients_a_round():
    found, _ = scaffold(500, lambda number: stream(number, "who").choice(CLIENTS, 2, replace=False))
    np.testing.assert_allclose(found, OPTIMUM, atol=1e-4)


def test_at_the_optimum_every_clients_variate_is_its_gradient():
    _, own = scaffold(200)
    np.testing.assert_allclose(own, np.einsum("kij,kj->ki", CURVES, OPTIMUM - CENTRES), atol=1e-5)


def test_more_answers_than_clients_are_refused():
    with pytest.raises(InputError, match="3 clients answered, but there are 2"):
        control_change(np.zeros(1), np.zeros(1), np.zeros((3, 1)), np.ones(3), num_clients=2)
