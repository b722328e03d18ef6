"""Unequal local steps: counted alike by client and server, and made by clients trained together as by each alone."""

import numpy as np
import pytest

from qfl.config import Settings
from qfl.tasks.build import build
from qfl.tasks.local import client_batches, train_clients
from qfl.tasks.local_steps import accumulated_steps, local_steps

FLAT = {"precision": "double", "clients.count": 12, "model.layers": 2, "data.partition": "quantity"}
EPOCHS = {"train.local-epochs": 2, "train.batch-size": 16}


def setup(**changes):
    return build(Settings.from_flat(FLAT | EPOCHS | changes))


def test_in_an_epoch_every_sample_is_taken_once_or_more_and_none_three_times():
    s = setup(**{"train.local-epochs": 1})
    counts = [local_steps(s.settings, len(part)) for part in s.parts]
    assert len(set(counts)) > 2
    batches = client_batches(s, 1, range(12))
    assert len(batches) == max(counts)
    for client, (part, count) in enumerate(zip(s.parts, counts, strict=True)):
        drawn = batches[:count, client]
        assert set(drawn[drawn >= 0].tolist()) == set(part.tolist())
        assert (drawn >= 0).sum() < len(part) + 16


@pytest.mark.parametrize("optimizer", [{}, {"train.momentum": 0.5}, {"train.optimizer": "adam"}], ids=str)
def test_clients_of_unlike_steps_trained_together_end_where_each_does_alone(optimizer):
    s = setup(**optimizer)
    sizes = [len(part) for part in s.parts]
    clients = [int(np.argmax(sizes)), int(np.argmin(sizes)), 3]
    together = train_clients(s, s.model.initial(1), 2, clients)
    for client, update in zip(clients, together, strict=True):
        (alone,) = train_clients(s, s.model.initial(1), 2, [client])
        np.testing.assert_allclose(update.angles, alone.angles, atol=1e-12)
        assert update.train_loss == pytest.approx(alone.train_loss, abs=1e-12)


def test_two_epochs_of_one_batch_are_two_steps():
    s, t = setup(**{"train.batch-size": 10_000}), setup(**{"train.local-steps": 2, "train.local-epochs": 0})
    t = build(Settings.from_flat(FLAT | {"train.local-steps": 2, "train.batch-size": 10_000}))
    start = s.model.initial(1)
    one, other = (train_clients(each, start, 1, [0, 5]) for each in (s, t))
    for left, right in zip(one, other, strict=True):
        np.testing.assert_array_equal(left.angles, right.angles)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_accumulated_steps_are_how_far_a_constant_gradient_of_one_carries(momentum):
    settings, velocity, place = Settings.from_flat({"train.momentum": momentum}), 0.0, 0.0
    for number in range(1, 8):
        velocity = momentum * velocity + 1.0
        place += velocity
        assert accumulated_steps(settings, number) == pytest.approx(place)
