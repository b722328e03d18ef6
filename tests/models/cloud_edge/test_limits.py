"""The printed cloud: a bound that no angles exceed."""

import torch

from qfl.models.cloud_edge.decoding import candidates
from qfl.models.cloud_edge.limits import exchangeable_limit
from qfl.models.cloud_edge.objectives import candidate_rates, least_rates
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio

NETWORK = CellFree()


def test_no_printed_cloud_reaches_algorithm_4():
    """2.96 least rate and 15.10 sum rate at 20 dB (Algorithm 4, MR) are above what any angles can reach."""
    channels = draw(NETWORK, 1, 2000)
    rows, precoder = candidates(4, 3, all_served=False), max_ratio(channels.known)
    rates = candidate_rates(NETWORK, channels.known, precoder, rows, penalty=0.0)
    least = exchangeable_limit(rates.amin(-1), rows, 3).mean()
    total = exchangeable_limit(rates.sum(-1), rows, 3).mean()
    assert 1.7 < least < 2.0 < 2.96
    assert 13.5 < total < 14.8 < 15.10


def test_the_bound_bounds_policies_that_cannot_tell_users_apart():
    """Averaged over names of users, every assignment is below it; and some partition attains it."""
    channels = draw(NETWORK, 2, 50)
    rows = candidates(4, 3, all_served=False)
    rewards = least_rates(NETWORK, channels.known, max_ratio(channels.known), rows)
    limit = exchangeable_limit(rewards, rows, 3)
    names = torch.cartesian_prod(*[torch.arange(3)] * 3)
    names = names[[len(set(row.tolist())) == 3 for row in names]]
    weights = torch.tensor([27, 9, 3, 1])
    means = rewards[:, (names[:, rows] * weights).sum(-1)].mean(1)
    assert (means <= limit[:, None] + 1e-12).all()
    torch.testing.assert_close(means.amax(-1), limit)
