"""FedNova in a federation: the steps that the server counts are those that the clients make."""

import numpy as np
import pytest

from qfl.aggregation.delta import delta_mean
from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from strategies.fednova import NormalisedAverage

FLAT = {
    "precision": "double",
    "clients.count": 5,
    "model.layers": 1,
    "data.partition": "dirichlet",
    "train.batch-size": 8,
    "train.learning-rate": 1e-5,
    "strategy.name": "fednova",
}


def round_of(**changes):
    settings = Settings.from_flat(FLAT | changes)
    federation = build(settings)
    start, weights = federation.model.initial(1), np.array([float(len(part)) for part in federation.parts])
    updates = np.stack([update.angles for update in train_clients(federation, start, 1, range(5))])
    strategy = NormalisedAverage(settings, federation.model.layout)
    strategy.broadcast = start
    return federation, start, updates, weights, strategy.combine(1, updates, weights, {})


def test_with_unlike_steps_every_client_counts_by_its_gradient():
    """At a tiny step size every local step has the same gradient, so the mean per step is the mean gradient."""
    _, start, updates, weights, found = round_of(**{"train.local-epochs": 1})
    one_step = build(Settings.from_flat(FLAT | {"train.local-steps": 1, "train.batch-size": 10_000}))
    gradients = np.stack([update.angles for update in train_clients(one_step, start, 1, range(5))]) - start
    share, effective = weights / weights.sum(), found.diagnostics["effective_steps"]
    delta = delta_mean(start, updates, weights, one_step.model.layout).angles - start
    expected = effective * (share @ gradients)
    off, without = (np.linalg.norm(each - expected) for each in (found.angles - start, delta))
    assert off < 0.02 * np.linalg.norm(expected) and off < without / 3, (off, without, np.linalg.norm(expected))


def test_with_like_steps_it_is_the_delta_mean():
    federation, start, updates, weights, found = round_of(**{"train.local-steps": 3})
    np.testing.assert_allclose(found.angles, delta_mean(start, updates, weights, federation.model.layout).angles)
    assert found.diagnostics["effective_steps"] == pytest.approx(3)
