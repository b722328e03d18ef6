"""Both stages trained without messages: they learn, deterministically, and the federation does the same.

Also covers qfl/tasks/cell_free/cloud.py and qfl/tasks/cell_free/edge_training.py.
"""

import numpy as np
import pytest
import torch

from qfl.models.cloud_edge.cloud import make_cloud
from qfl.models.cloud_edge.objectives import least_rates
from qfl.tasks.cell_free.cloud import CloudTraining, assign, choose, train_cloud, trained
from qfl.tasks.cell_free.edge_training import EdgeTraining, trained_edge
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot

NETWORK = CellFree()
SHORT = CloudTraining(steps=60, batch=64, pool=500, learning_rate=0.03)
TEST = draw(NETWORK, 1, 300, "test")


def least(user):
    return evaluate(NETWORK, TEST.true, one_hot(user, 3), max_ratio(TEST.known)).min_rate.mean()


def test_a_minute_of_training_brings_the_extended_cloud_above_algorithm_4():
    learned = least(assign("extended", NETWORK, TEST, "full", 1, SHORT))
    algorithm_4 = least(assign("algorithm4", NETWORK, TEST, "full", 1, SHORT))
    optimum = least(assign("exhaustive", NETWORK, TEST, "full", 1, SHORT))
    assert algorithm_4 + 0.1 < learned < optimum


def test_training_is_deterministic():
    short = CloudTraining(steps=3, batch=8, pool=20)
    one, other = (train_cloud(make_cloud("extended", NETWORK), NETWORK, 1, short) for _ in range(2))
    assert one.tobytes() == other.tobytes()


def test_rating_more_candidates_is_better_and_all_of_them_exhaustive():
    cloud, entries = trained("extended", NETWORK, "full", 1, SHORT)
    rates = [least(choose(cloud, torch.from_numpy(entries), NETWORK, TEST, count)) for count in (1, 2, 4, 36)]
    assert rates == sorted(rates) and rates[0] == least(cloud.assign(torch.from_numpy(entries), TEST))
    assert rates[-1] == pytest.approx(float(least(assign("exhaustive", NETWORK, TEST, "full", 1, SHORT))))


@pytest.mark.parametrize("loss", ["reward", "target"])
def test_both_losses_of_the_cloud_descend(loss):
    training = CloudTraining(steps=25, batch=64, pool=300, learning_rate=0.03, loss=loss)
    cloud = make_cloud("extended", NETWORK)
    known = draw(NETWORK, 1, 300, "cloud")
    rates = least_rates(NETWORK, known.known, max_ratio(known.known), cloud.rows)
    before, after = (
        (cloud.policy(torch.from_numpy(e).float(), known) * rates).sum(-1).mean()
        for e in (cloud.initial(1), train_cloud(cloud, NETWORK, 1, training))
    )
    assert after > before + 0.2


def test_assignment_by_gains_reads_no_channel():
    blind = TEST._replace(known=torch.full_like(TEST.known, torch.nan))
    for method in ("algorithm4", "exhaustive"):
        seen, unseen = (assign(method, NETWORK, batch, "gains", 1, SHORT) for batch in (TEST, blind))
        assert torch.equal(seen, unseen)


def test_the_extended_edge_learns_from_maximum_ratio_to_near_slnr():
    user = assign("algorithm4", NETWORK, TEST, "full", 1, SHORT)
    task, entries = trained_edge("edge_plus", NETWORK, 1, EdgeTraining(steps=250, pool=1000))
    beams = task.beams(torch.from_numpy(entries), TEST.known.to(torch.complex64), user).to(torch.complex128)
    learned, low, high = (
        evaluate(NETWORK, TEST.true, one_hot(user, 3), v).sum_rate.mean()
        for v in (beams, max_ratio(TEST.known), slnr(TEST.known, NETWORK))
    )
    assert low + 0.7 * (high - low) < learned


def test_the_printed_edge_stays_below_maximum_ratio():
    user = assign("algorithm4", NETWORK, TEST, "full", 1, SHORT)
    training = EdgeTraining(steps=150, pool=1000, loss="target", mode="separate")
    task, entries = trained_edge("edge_printed", NETWORK, 1, training)
    beams = task.beams(torch.from_numpy(entries), TEST.known.to(torch.complex64), user).to(torch.complex128)
    learned = evaluate(NETWORK, TEST.true, one_hot(user, 3), beams).sum_rate.mean()
    best = evaluate(NETWORK, TEST.true, one_hot(user, 3), max_ratio(TEST.known)).sum_rate.mean()
    assert np.isfinite(float(learned)) and learned < best - 1
