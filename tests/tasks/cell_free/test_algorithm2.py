"""Algorithm 2: the loss of every assignment is Eq. (13)'s, and a step is the parameter shift of the decoded one."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.decoding import candidates
from qfl.quantum.parameter_shift import parameter_shift
from qfl.tasks.cell_free.algorithm2 import ORDERS, assignment_losses, cloud_in_order, train_by_algorithm_2
from qfl.tasks.cell_free.published_step import PublishedTraining
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import one_hot, user_rates

NETWORK = CellFree(snr_db=10.0, interference=0.3)
ROWS = candidates(4, 3, all_served=False)


def target_of(channel, reading):
    """Phi of one channel [ap user antenna] in numpy, by eigenvalues of what each reading names."""
    total = 0.0
    for ap in channel:
        outer = ap.conj().T @ ap
        if reading == "vector":
            best = max(ap, key=lambda h: np.linalg.norm(h))
            outer = np.outer(best.conj(), best)
        total += np.log2(1 + np.linalg.eigvalsh(outer).clip(0) / channel.shape[-1] * NETWORK.snr).sum()
    return -total


@pytest.mark.parametrize("reading", ["vector", "matrix"])
def test_losses_are_squared_distances_of_least_rates_from_the_target(reading):
    known = draw(NETWORK, 3, 2, "cloud").known
    found = assignment_losses(NETWORK, known, reading)
    for sample, channel in enumerate(known):
        beams = max_ratio(channel[None]).expand(len(ROWS), -1, -1, -1)
        rates = user_rates(NETWORK, channel.expand(len(ROWS), -1, -1, -1), one_hot(ROWS, 3), beams)
        unserved = ~one_hot(ROWS, 3).any(1)
        reward = -torch.where(unserved, -10.0, rates).amin(-1).numpy()
        expected = (reward - target_of(channel.numpy(), reading)) ** 2
        np.testing.assert_allclose(found[sample], expected, rtol=1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_a_step_is_the_shift_of_the_decoded_loss(order):
    """One channel, one episode, beside the rule of `qfl.quantum` on a loss that is decoded here."""
    cloud = cloud_in_order("as_published", NETWORK, order)
    channels = draw(NETWORK, 5, 1, "cloud")
    table = assignment_losses(NETWORK, channels.known, "matrix")[0]

    def loss(angles):
        output = (1 - cloud.execute(cloud.circuit, torch.from_numpy(angles), cloud.seen(channels)))[0] / 2
        users = [min(int(3 * o), 2) for o in output]
        return float(table[users[0] * 27 + users[1] * 9 + users[2] * 3 + users[3]])

    start = cloud.initial(5)
    training = PublishedTraining(num_data=1, num_epochs=1, rate=0.03, reading="matrix")
    found = train_by_algorithm_2(cloud, NETWORK, 5, training)
    np.testing.assert_allclose(found, start - 0.03 * parameter_shift(loss, start, check=False), atol=1e-9)


def test_read_in_time_the_circuit_hears_no_channel_and_learns_nothing():
    cloud = cloud_in_order("as_published", NETWORK, "time")
    heard = []
    training = PublishedTraining(num_data=4, num_epochs=2)
    found = train_by_algorithm_2(cloud, NETWORK, 1, training, lambda episode, loss: heard.append((episode, loss)))
    users = cloud.assign(torch.from_numpy(found), draw(NETWORK, 2, 20, "test"))
    assert (users == users[0, 0]).all() and [episode for episode, _ in heard] == [0, 1, 2]


def test_the_extended_circuit_takes_the_same_steps():
    cloud, heard = cloud_in_order("extended", NETWORK, "operator"), []
    training = PublishedTraining(num_data=2, num_epochs=1, rate=1e-5)
    found = train_by_algorithm_2(cloud, NETWORK, 1, training, lambda episode, loss: heard.append(loss))
    moved = found != cloud.initial(1)
    weights = ~np.isfinite(cloud.layout.periods)
    assert len(heard) == 2 and moved[weights].mean() > 0.5
