"""The edge's beams: norm, what they may depend on, and that the extension contains SLNR.

Also covers qfl/models/cloud_edge/features.py and qfl/models/cloud_edge/plus.py.
"""

import pytest
import torch

from qfl.models.cloud_edge.edge import EDGES, make_edge
from qfl.models.cloud_edge.features import local_features
from qfl.quantum import devices
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, slnr

ALL = ["edge_printed", *EDGES]
NETWORK = CellFree()


def channel(seed=1, samples=6, network=NETWORK):
    """Return access point 0's own channels, [sample user antenna]."""
    return draw(network, seed, samples).known[:, 0]


def entries(edge, seed=1):
    noise = torch.randn(len(edge.layout), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.from_numpy(edge.initial(seed)) + 0.3 * noise


@pytest.mark.parametrize("name", ALL)
def test_beams_have_norm_one_and_clients_are_stacked(name):
    edge = make_edge(name, NETWORK)
    one, two = entries(edge, 1), entries(edge, 2)
    h, user = torch.stack([channel(1), channel(2)]), torch.tensor([[0, 1, 2, 0, 1, 2], [2, 2, 1, 1, 0, 0]])
    together = edge.beam(torch.stack([one, two]), h, user)
    torch.testing.assert_close(together.abs().square().sum(-1), torch.ones(2, 6, dtype=torch.float64))
    torch.testing.assert_close(together[0], edge.beam(one, h[0], user[0]))
    torch.testing.assert_close(together[1], edge.beam(two, h[1], user[1]))


def test_the_printed_beam_is_real_and_does_not_know_whom_it_serves():
    edge = make_edge("edge_printed", NETWORK)
    first, second = (edge.beam(entries(edge), channel(), torch.full((6,), user)) for user in (0, 2))
    assert torch.equal(first, second) and torch.equal(first.imag, torch.zeros_like(first.imag))


@pytest.mark.parametrize("name", EDGES)
def test_the_extension_knows_whom_it_serves_but_no_order_of_the_others(name):
    edge, h = make_edge(name, NETWORK), channel()
    user = torch.zeros(6, dtype=torch.long)
    before = edge.beam(entries(edge), h, user)
    torch.testing.assert_close(edge.beam(entries(edge), h[:, [0, 2, 1]], user), before)
    torch.testing.assert_close(edge.beam(entries(edge), h[:, [1, 0, 2]], user + 1), before)
    assert (edge.beam(entries(edge), h, user + 1) - before).abs().max() > 0.1


@pytest.mark.parametrize("name", EDGES)
def test_a_users_own_phase_changes_nothing_that_is_received(name):
    edge, h, user = make_edge(name, NETWORK), channel(), torch.tensor([0, 1, 2, 0, 1, 2])
    turned = h * torch.exp(1j * torch.tensor([0.4, -1.3, 2.2], dtype=torch.float64))[:, None]
    received = [(x @ edge.beam(entries(edge), x, user)[..., None]).abs() for x in (h, turned)]
    torch.testing.assert_close(*received)


def test_it_contains_maximum_ratio_and_for_one_disturbed_user_slnr():
    network = CellFree(num_users=2)
    h, user = channel(network=network), torch.zeros(6, dtype=torch.long)
    local = local_features(h, user, network)
    torch.testing.assert_close(local.served, max_ratio(h[:, None])[:, 0, 0])
    disturbed = network.interference * network.snr * h[:, 1].abs().square().sum(-1)
    beam = local.served - (disturbed / (1 + disturbed))[:, None] * local.others[:, 0]
    best = slnr(h[:, None], network)[:, 0, 0]
    overlap = (beam.conj() * best).sum(-1).abs() / torch.linalg.vector_norm(beam, dim=-1)
    torch.testing.assert_close(overlap, torch.ones(6, dtype=torch.float64))


@pytest.mark.parametrize("name", ["edge_printed", "edge_plus"])
def test_pennylane_gives_the_same_beams(name):
    ours, theirs = make_edge(name, NETWORK), make_edge(name, NETWORK, execute=devices.expectations)
    h, user = channel(samples=3), torch.tensor([0, 1, 2])
    torch.testing.assert_close(ours.beam(entries(ours), h, user), theirs.beam(entries(ours), h, user))
