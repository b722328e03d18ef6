"""The noisy mean of a run against its formula, computed by itself; and what one client can change at most.

Also covers qfl/federation/privacy/plan.py.
"""

import numpy as np
import pytest

from qfl.angles import angle_digest
from qfl.federation.privacy.grid import NoisyMeanGrid
from qfl.federation.privacy.plan import plan_of
from qfl.federation.records.messages import to_record
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import missing
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

pytest.importorskip("dp_accounting")
CENTRAL = {"privacy--mechanism": "central", "privacy--noise-multiplier": 0.5, "privacy--clip": 0.02}


def plan(settings):
    return plan_of(settings, build(settings).model.layout)


class Answers:
    """A grid that has the given replies."""

    def __init__(self, replies):
        self.replies = replies

    def exchange(self, asked):
        return Exchange(tuple(self.replies))


def mean_of(settings, messages, moved, absent=()):
    own = plan(settings)
    start = np.zeros(len(own.periods))
    asked = [Asked(client, message) for client, message in enumerate(messages)]
    replies = [
        Reply(each, missing("lost", "")) if each.client in absent else Reply(each, angles=moved[each.client])
        for each in asked
    ]
    found = NoisyMeanGrid(Answers(replies), own, 1, start).exchange(asked)
    return found.noisy


def test_a_round_is_the_mean_of_clipped_movements_and_noise_of_the_stated_size(small, federate):
    settings = small(rounds=1, **CENTRAL)
    folder, federation, own = federate(settings), build(settings), plan(settings)
    start = federation.model.initial(settings.seed).astype(np.float64)
    total = np.zeros(len(start))
    for update in train_clients(federation, start, 1, range(6)):
        moved = np.remainder(update.angles - start + np.array(own.periods) / 2, own.periods) - np.array(own.periods) / 2
        moved = np.where(np.isfinite(own.periods), moved, update.angles - start)
        total += moved * min(1, 0.02 / np.linalg.norm(moved))
    noise = 6 * (np.array(folder.header["final"]["angles"]) - start) - total
    assert 0 < folder.rounds()[-1]["privacy"]["clipped"] <= 1
    assert np.abs(noise).max() < 5 * own.deviation and noise.std() == pytest.approx(0.5 * 0.02, rel=0.5)


def test_one_client_moves_the_sum_by_the_clip_at_most(small, ask):
    """The noise follows from the seed, so it is the same twice, and the difference is the client's alone."""
    settings = small(**CENTRAL)
    size = len(plan(settings).periods)
    moved = [np.full(size, 0.001), np.full(size, 3.0), np.full(size, -0.002)]
    with_it, without = mean_of(settings, ask(3), moved), mean_of(settings, ask(3), moved, absent=(1,))
    changed = 3 * (with_it.mean.angles - without.mean.angles)
    assert np.linalg.norm(changed) == pytest.approx(0.02, rel=1e-6) and np.linalg.norm(moved[1]) > 1
    assert with_it.report["clipped"] == pytest.approx(1 / 3)


def test_the_seed_gives_the_noise_and_another_round_another(small, federate):
    ends = [federate(small(name, **CENTRAL)).header["final"]["angles_sha256"] for name in "ab"]
    assert ends[0] == ends[1]
    own = plan(small(**CENTRAL))
    assert own.bits("central", 1).read(8) != own.bits("central", 2).read(8)


def test_a_deployed_server_takes_its_noise_from_the_operating_system(small):
    own = plan(small(backend="deployed", **CENTRAL))
    assert own.bits("central", 1).read(16) != own.bits("central", 1).read(16)


def test_the_strategy_gets_one_update_of_weight_one(small, ask):
    settings = small(**CENTRAL)
    mean = mean_of(settings, ask(2), [np.full(len(plan(settings).periods), 0.001)] * 2).mean
    assert mean.metrics == {"num-examples": 1} and mean.content["arrays"] == to_record(mean.angles)
    assert angle_digest(mean.angles) == angle_digest(mean.content["arrays"]["angles"].numpy())
