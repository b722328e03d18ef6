"""Central training: it learns, and going on from a state is as if nothing had happened."""

import numpy as np
import torch

from qfl.tasks.central import CentralTraining, train_centrally

TARGET = torch.tensor([1.0, -2.0, 3.0])
SETTINGS = CentralTraining(epochs=6, batch_size=4, learning_rate=0.1)


def loss(angles, index, step):
    return ((angles - TARGET - 0.01 * index.float().mean()) ** 2).sum()


def test_training_finds_the_minimum():
    *_, last = train_centrally(loss, 10, np.zeros(3), CentralTraining(150, 4, 0.2), seed=1)
    assert np.allclose(last.state.angles, TARGET.numpy() + 0.045, atol=0.02)


def test_going_on_from_an_epoch_ends_at_the_same_vector():
    whole = list(train_centrally(loss, 10, np.zeros(3), SETTINGS, seed=1))
    again = list(train_centrally(loss, 10, whole[2].state, SETTINGS, seed=1))
    assert [epoch.state.epoch for epoch in again] == [4, 5, 6]
    assert np.array_equal(again[-1].state.angles, whole[-1].state.angles)
    assert not np.array_equal(whole[2].state.angles, whole[-1].state.angles)


def test_every_sample_is_seen_once_an_epoch():
    seen = []

    def spy(angles, index, step):
        seen.append((step, index.tolist()))
        return loss(angles, index, step)

    list(train_centrally(spy, 10, np.zeros(3), CentralTraining(2, 4), seed=1))
    assert [step for step, _ in seen] == [1, 2, 3, 4, 5, 6]
    for epoch in (seen[:3], seen[3:]):
        assert sorted(number for _, part in epoch for number in part) == list(range(10))
