"""The cloud's policy: a distribution, with the symmetries that it should have, and its decodings.

Also covers qfl/models/cloud_edge/decoding.py.
"""

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.models.cloud_edge.cloud import CLOUDS, make_cloud
from qfl.models.cloud_edge.decoding import candidates, floor_users, shot_policy
from qfl.models.cloud_edge.objectives import (
    assignment_target,
    candidate_rates,
    least_rates,
    precoding_target,
    squared_distance,
)
from qfl.wireless.cell_free.channel import Channels, draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio
from qfl.wireless.cell_free.rates import evaluate, one_hot

NETWORK = CellFree()
CHANNELS = draw(NETWORK, 1, 20)


def entries(cloud, seed=1):
    noise = torch.randn(len(cloud.layout), generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.from_numpy(cloud.initial(seed)) + 0.2 * noise


@pytest.mark.parametrize("csi", ["full", "gains"])
@pytest.mark.parametrize("name", ["as_published", *CLOUDS])
def test_policies_are_distributions(name, csi):
    cloud = make_cloud(name, NETWORK, csi)
    policy = cloud.policy(entries(cloud), CHANNELS)
    assert policy.shape == (20, 81 if name == "as_published" else 36) and policy.min() >= 0
    torch.testing.assert_close(policy.sum(-1), torch.ones(20, dtype=torch.float64))


@pytest.mark.parametrize("name", CLOUDS)
def test_access_points_and_users_have_no_order(name):
    """Whoever is renumbered takes the decision along."""
    cloud, aps, users = make_cloud(name, NETWORK), [2, 0, 3, 1], torch.tensor([1, 2, 0])
    moved = Channels(CHANNELS.true[:, aps][:, :, users], CHANNELS.known[:, aps][:, :, users], CHANNELS.gain)
    before, after = cloud.assign(entries(cloud), CHANNELS), cloud.assign(entries(cloud), moved)
    assert torch.equal(users[after], before[:, aps])
    assert len(before.unique(dim=0)) > 3
    assert all(set(row.tolist()) == {0, 1, 2} for row in before)  # constraint (8c)


def test_the_printed_cloud_cannot_tell_users_apart():
    """Whatever its angles: users change places at one access point, and the assignment stays."""
    cloud = make_cloud("as_published", NETWORK)
    known = CHANNELS.known.clone()
    known[:, 2] = known[:, 2][:, [1, 2, 0]]
    moved = CHANNELS._replace(known=known)
    torch.testing.assert_close(cloud.policy(entries(cloud), CHANNELS), cloud.policy(entries(cloud), moved))


def test_gains_only_clouds_never_read_the_channel():
    cloud = make_cloud("extended", NETWORK, "gains")
    blind = CHANNELS._replace(known=torch.full_like(CHANNELS.known, torch.nan))
    assert torch.equal(cloud.assign(entries(cloud), CHANNELS), cloud.assign(entries(cloud), blind))


def test_many_shots_decode_as_the_floor_does():
    outputs = torch.tensor([[0.1, 0.2, 0.45, 0.8]], dtype=torch.float64)
    policy = shot_policy(outputs, 3, 200)
    assert torch.equal(policy.argmax(-1), floor_users(outputs, 3)) and policy.max(-1).values.min() > 0.99


def test_the_floor_has_no_gradient_and_the_shots_have_the_right_one():
    cloud, start = make_cloud("as_published", NETWORK), entries(make_cloud("as_published", NETWORK)).requires_grad_()
    assert not cloud.assign(start, CHANNELS).requires_grad
    rewards = least_rates(NETWORK, CHANNELS.known, max_ratio(CHANNELS.known), cloud.rows)

    def loss(vector):
        return (cloud.policy(vector, CHANNELS) * rewards).sum(-1).mean()

    (gradient,) = torch.autograd.grad(loss(start), start)
    step = 1e-6 * torch.eye(len(start), dtype=torch.float64)
    numeric = [(loss(start + d) - loss(start - d)).item() / 2e-6 for d in step]
    np.testing.assert_allclose(gradient.numpy(), numeric, atol=1e-6)
    assert gradient[:4].abs().min() > 1e-3


def test_rewards_are_the_rates_of_the_network_and_unserved_users_cost():
    precoder, rows = max_ratio(CHANNELS.true), candidates(4, 3, all_served=False)
    found = least_rates(NETWORK, CHANNELS.true, precoder, rows)
    for place, row in enumerate(rows):
        score = evaluate(NETWORK, CHANNELS.true, one_hot(row.expand(20, 4), 3), precoder)
        complete = len(row.unique()) == 3
        expected = score.min_rate if complete else torch.full_like(score.min_rate, -10.0)
        torch.testing.assert_close(found[:, place], expected)
    assert candidate_rates(NETWORK, CHANNELS.true, precoder, rows).shape == (20, 81, 3)


def test_targets_are_ideal():
    """Eq. (18) against its own words, and no rate beyond the target: the losses fall as the rates grow."""
    h = CHANNELS.true[:, 0]
    eigenvalues = torch.linalg.eigvalsh(h.mH @ h)
    torch.testing.assert_close(precoding_target(NETWORK, h), -torch.log2(1 + 100 * eigenvalues / 2).sum(-1))
    target = assignment_target(NETWORK, CHANNELS.true)
    rates = least_rates(NETWORK, CHANNELS.true, max_ratio(CHANNELS.true), candidates(4, 3, all_served=True))
    assert (-rates > target[:, None]).all()
    loss = squared_distance(-rates, target[:, None], normalised=True)
    assert 0 <= loss.min() and loss.max() <= 1
    assert torch.equal(loss.argmin(-1), rates.argmax(-1))


def test_too_large_a_network_is_refused_in_one_sentence():
    with pytest.raises(ConfigError, match="trained over all assignments"):
        make_cloud("extended", CellFree(num_aps=12))


def test_shifts_of_single_angles_together_score_as_each_alone():
    """Together they share the rounds before their angle's; shuffled, so that no order of them is needed."""
    cloud, shifts = make_cloud("extended", NETWORK), torch.eye(len(make_cloud("extended", NETWORK).layout))
    own = torch.from_numpy(cloud.initial(1))
    several = (own + shifts[[900, 3, 1288, 700, 3]].double())[[0, 3, 1, 4, 2]]
    together = cloud.scores(several, CHANNELS)
    for entries, scores in zip(several, together, strict=True):
        torch.testing.assert_close(scores, cloud.scores(entries, CHANNELS))
    assert not torch.allclose(together[0], together[1])
