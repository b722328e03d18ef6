"""Algorithm 3: the rate is Eq. (4)'s, the targets are both readings' of Eq. (18), and maximum ratio is the optimum."""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.edge import make_edge
from qfl.quantum.parameter_shift import parameter_shift
from qfl.tasks.cell_free.algorithm3 import published_losses, train_by_algorithm_3
from qfl.tasks.cell_free.published_step import PublishedTraining
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import link_rates, one_hot

NETWORK = CellFree(snr_db=10.0, interference=0.3)
CHANNELS = draw(NETWORK, 3, 6, "edge")
USER = torch.tensor([[0, 1, 2, 0], [1, 1, 0, 2], [2, 0, 1, 1], [0, 0, 1, 2], [2, 2, 1, 0], [1, 0, 2, 2]])


def served(beams):
    """Of beams [sample ap user antenna], each access point's to the user that it serves, access points first."""
    return torch.take_along_dim(beams, USER[..., None, None], 2)[:, :, 0].transpose(0, 1)


def losses_of(beams, **changes):
    own, channel = served(beams), CHANNELS.known.transpose(0, 1)
    return published_losses(NETWORK, PublishedTraining(**changes), own, own[:, None], channel, USER.mT)[:, 0].mT


def target(reading, sample, ap):
    channel = CHANNELS.known[sample, ap].numpy()
    if reading == "vector":
        channel = channel[USER[sample, ap], None]
    values = np.linalg.eigvalsh(channel.conj().T @ channel)
    values = values[values > 1e-9]
    return -np.log2(1 + values / len(values) * NETWORK.snr).sum()


@pytest.mark.parametrize("reading", ["vector", "matrix"])
def test_losses_are_those_of_the_links_rates(reading):
    """Beside `link_rates`, which is Eq. (4) by itself, and eigenvalues in numpy."""
    beams = max_ratio(draw(NETWORK, 4, 6, "other").known)  # of another channel: no optimum
    rates = link_rates(NETWORK, CHANNELS.known, one_hot(USER, 3), beams)
    rates = torch.take_along_dim(rates, USER[..., None], 2)[..., 0]
    targets = np.array([[target(reading, sample, ap) for ap in range(4)] for sample in range(6)])
    np.testing.assert_allclose(losses_of(beams, reading=reading), (-rates.numpy() - targets) ** 2, rtol=1e-9)


def test_maximum_ratio_reaches_the_target_of_one_reading_and_not_of_the_other():
    best = max_ratio(CHANNELS.known)
    assert float(losses_of(best, reading="vector", interference=False).abs().max()) < 1e-18
    assert float(losses_of(best, reading="matrix", interference=False).min()) > 0.01
    assert float(losses_of(best, reading="vector").mean()) > 1.0


def test_an_access_point_moves_by_its_own_channel_and_the_others_beams_alone():
    """Without interference the training of access point 2 is the same whatever the others' channels are."""
    edge = make_edge("edge_printed", NETWORK)
    training = PublishedTraining(num_data=6, num_epochs=1, interference=False)
    known = CHANNELS.known.clone()
    known[:, [0, 1, 3]] = draw(NETWORK, 9, 6, "other").known[:, [0, 1, 3]]
    ends = [
        train_by_algorithm_3(edge, NETWORK, CHANNELS._replace(known=each), USER, 1, training)
        for each in (CHANNELS.known, known)
    ]
    assert torch.equal(ends[0][2], ends[1][2]) and not torch.equal(ends[0][1], ends[1][1])


def test_a_step_is_the_shift_of_the_loss_of_the_network_as_it_is():
    """One channel, one episode, beside the rule of `qfl.quantum` on a loss of `link_rates`, for each access point."""
    edge, heard = make_edge("edge_printed", NETWORK), []
    one = CHANNELS.part(0, 1)
    training = PublishedTraining(num_data=1, num_epochs=1, rate=0.02)
    found = train_by_algorithm_3(edge, NETWORK, one, USER[:1], 1, training, lambda *row: heard.append(row))
    start = edge.initial(1)

    def loss(angles, moving):
        entries = torch.from_numpy(np.stack([angles if ap == moving else start for ap in range(4)]))
        beams = edge.beam(entries, one.known.transpose(0, 1), USER[:1].mT).transpose(0, 1)[:, :, None]
        serves = one_hot(USER[:1], 3)
        rate = link_rates(NETWORK, one.known, serves, beams * serves[..., None])[0, moving, USER[0, moving]]
        return float((-rate - target("vector", 0, moving)) ** 2)

    for ap in range(4):
        slope = parameter_shift(lambda angles, ap=ap: loss(angles, ap), start, check=False)
        np.testing.assert_allclose(found[ap], start - 0.02 * slope, atol=1e-9)
    assert [episode for episode, _ in heard] == [0, 1]
    assert heard[0][1] == pytest.approx(np.mean([loss(start, ap) for ap in range(4)]))


def test_the_extended_circuit_takes_the_same_steps():
    edge, heard = make_edge("edge_plus", NETWORK), []
    training = PublishedTraining(num_data=2, num_epochs=1, interference=False, rate=1e-4)
    train_by_algorithm_3(edge, NETWORK, CHANNELS, USER, 1, training, lambda episode, loss: heard.append(loss))
    assert heard[1] < heard[0]


def test_rotosolve_ends_where_the_printed_edge_sends_nothing():
    """A minimum of one harmonic is none of a squared distance: every measured entry of the beam ends at 0."""
    edge, training = make_edge("edge_printed", NETWORK), PublishedTraining(num_data=6, num_epochs=1, rule="rotosolve")
    found, known = train_by_algorithm_3(edge, NETWORK, CHANNELS, USER, 1, training), CHANNELS.known.transpose(0, 1)
    units = torch.view_as_real(known / torch.linalg.vector_norm(known, dim=-1, keepdim=True)).flatten(-3)
    start = torch.from_numpy(edge.initial(1)).repeat(4, 1)
    before, after = (edge.execute(edge.circuit, entries, units).abs().max() for entries in (start, found))
    assert before > 0.01 and after < 1e-12
