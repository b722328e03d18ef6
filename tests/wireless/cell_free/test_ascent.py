"""Optimised precoders between what closed forms reach and what cannot be passed."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from qfl.errors import ConfigError
from qfl.wireless.cell_free.ascent import ascend, joint, one_beam_rates, within_power
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, random_unit, slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot, user_rates

NETWORK = CellFree()
CHANNEL = draw(NETWORK, 5, 6).true
SERVES = one_hot(torch.tensor([[0, 1, 2, 0]]).expand(6, 4), 3)


def test_one_beam_rates_are_user_rates():
    beams = random_unit(CHANNEL, 1)
    own = SERVES.double()
    beam = (beams * SERVES[..., None]).sum(dim=2)
    expected = user_rates(NETWORK, CHANNEL, SERVES, beams)
    torch.testing.assert_close(one_beam_rates(NETWORK, CHANNEL, own, beam), expected)


@pytest.mark.parametrize("objective", ["min_rate", "sum_rate"])
def test_an_ascent_improves_on_closed_forms_and_keeps_to_the_power(objective):
    found = ascend(NETWORK, CHANNEL, SERVES, objective, num_steps=80)
    assert float(torch.linalg.vector_norm(found.precoder, dim=-1).max()) <= 1 + 1e-9
    assert not found.precoder[~SERVES].any()
    reached = getattr(found.score, objective)
    for closed in (max_ratio(CHANNEL), slnr(CHANNEL, NETWORK)):
        assert (reached > getattr(evaluate(NETWORK, CHANNEL, SERVES, closed), objective)).all()
    quiet = replace(NETWORK, interference=0.0)
    assert (reached <= getattr(evaluate(quiet, CHANNEL, SERVES, max_ratio(CHANNEL)), objective)).all()


def test_without_interference_the_ascent_finds_maximum_ratio():
    quiet = replace(NETWORK, interference=0.0)
    found = ascend(quiet, CHANNEL, SERVES, "sum_rate", num_starts=2)
    best = evaluate(quiet, CHANNEL, SERVES, max_ratio(CHANNEL)).sum_rate
    torch.testing.assert_close(found.score.sum_rate, best, rtol=1e-3, atol=0)


def test_the_joint_search_finds_the_assignment_that_enumeration_finds():
    """With one antenna and no interference there is nothing to precode: the joint optimum is the best assignment."""
    network = CellFree(num_aps=2, num_users=2, num_antennas=1, interference=0.0)
    channel = draw(network, 3, 5).true
    users = np.array([[0, 1], [1, 0]])
    serves, _ = joint(network, channel, "min_rate", users, num_steps=100)
    scores = [
        evaluate(network, channel, one_hot(torch.from_numpy(row).expand(5, 2), 2), max_ratio(channel)) for row in users
    ]
    best = torch.stack([score.min_rate for score in scores]).argmax(dim=0)
    assert torch.equal(serves, one_hot(torch.from_numpy(users)[best], 2))


def test_vectors_within_the_power_are_left_alone():
    vectors = torch.tensor([[0.3, 0.4], [3.0, 4.0]], dtype=torch.complex128)
    assert within_power(vectors).real.tolist() == [[0.3, 0.4], [pytest.approx(0.6), pytest.approx(0.8)]]


def test_other_objectives_and_coherence_are_refused():
    with pytest.raises(ConfigError, match="max_rate"):
        ascend(NETWORK, CHANNEL, SERVES, "max_rate")
    with pytest.raises(ConfigError, match="coherent"):
        ascend(replace(NETWORK, coherent=True), CHANNEL, SERVES, "min_rate")
