"""Rewards and targets of the article, access point by access point and user by user in numpy."""

from itertools import product
from math import log2

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.objectives import (
    assignment_target,
    candidate_rates,
    least_rates,
    precoding_target,
    squared_distance,
)
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

NETWORK = CellFree(num_aps=3, num_users=2, interference=0.3)
CHANNEL = draw(NETWORK, 1, 2).known
ROWS = torch.tensor(list(product(range(2), repeat=3)))


def rate(sample, assignment, user):
    """Return Eq. (5): signals of an access point add up in power; what serves others disturbs by a share."""
    h, beam = CHANNEL.numpy()[sample], max_ratio(CHANNEL).numpy()[sample]
    received = [abs(h[m, user] @ beam[m, served]) ** 2 for m, served in enumerate(assignment)]
    signal = sum(power for power, served in zip(received, assignment, strict=True) if served == user)
    foreign = NETWORK.interference * (sum(received) - signal)
    return log2(1 + NETWORK.snr * signal / (NETWORK.snr * foreign + 1))


def test_rates_of_every_assignment_are_those_of_equation_5():
    found = candidate_rates(NETWORK, CHANNEL, max_ratio(CHANNEL), ROWS, penalty=7.0)
    for sample, (place, row) in product(range(2), enumerate(ROWS.tolist())):
        for user in range(2):
            expected = rate(sample, row, user) if user in row else -7.0
            assert float(found[sample, place, user]) == pytest.approx(expected), (row, user)
    least = least_rates(NETWORK, CHANNEL, max_ratio(CHANNEL), ROWS, penalty=7.0)
    assert torch.equal(least, found.amin(-1)) and float(least.min()) == -7.0


def test_targets_are_minus_the_capacities_of_the_access_points():
    for sample in range(2):
        per_ap = []
        for matrix in CHANNEL[sample].numpy():
            eigenvalues = np.linalg.eigvalsh(matrix.conj().T @ matrix)
            per_ap.append(sum(log2(1 + value * NETWORK.snr / 2) for value in eigenvalues))
            one = precoding_target(NETWORK, torch.from_numpy(matrix))
            assert float(one) == pytest.approx(-per_ap[-1])
        assert float(assignment_target(NETWORK, CHANNEL)[sample]) == pytest.approx(-sum(per_ap))


def test_the_distance_is_squared_and_on_request_relative():
    reward, target = torch.tensor([-3.0, -1.0]), torch.tensor([-4.0, -2.0])
    assert squared_distance(reward, target).tolist() == [1.0, 1.0]
    assert squared_distance(reward, target, normalised=True).tolist() == [1 / 16, 1 / 4]
