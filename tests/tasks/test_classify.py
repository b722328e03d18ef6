"""Cross entropy and accuracy against sums in numpy; samples of weight 0 count for nothing."""

import numpy as np
import pytest
import torch

from qfl.models.logistic import make_logistic
from qfl.tasks.classify import Batch, ClassifyTask

MODEL = make_logistic(4, 3)
RNG = np.random.default_rng(4)
INPUTS, LABELS = RNG.random((6, 4)), np.array([0, 2, 1, 2, 0, 2])
ENTRIES = MODEL.initial(1) + RNG.standard_normal(len(MODEL.layout))
TASK = ClassifyTask(MODEL, 3)


def batch(weight):
    return Batch(torch.from_numpy(INPUTS), torch.from_numpy(LABELS), torch.tensor(weight, dtype=torch.float64))


def by_hand():
    weight, bias = ENTRIES[:12].reshape(3, 4), ENTRIES[12:]
    chance = np.exp(INPUTS @ weight.T + bias)
    chance /= chance.sum(axis=1, keepdims=True)
    return -np.log(chance[np.arange(6), LABELS]), chance.argmax(axis=1) == LABELS


@pytest.mark.parametrize("weight", [[1.0] * 6, [1.0, 0.0, 1.0, 1.0, 0.0, 1.0]])
def test_loss_and_accuracy_are_means_over_the_samples_that_count(weight):
    found = TASK.metrics(torch.from_numpy(ENTRIES), batch(weight))
    entropy, right = by_hand()
    assert found["loss"].item() == pytest.approx(np.average(entropy, weights=weight))
    assert found["accuracy"].item() == pytest.approx(np.average(right, weights=weight))
    assert TASK.loss(torch.from_numpy(ENTRIES), batch(weight)).item() == found["loss"].item()


def test_accuracy_of_each_label_and_zero_where_there_is_none():
    whole = batch([1.0] * 6)
    keep = torch.from_numpy(LABELS != 1)
    found, classes = TASK.evaluate(torch.from_numpy(ENTRIES), Batch(*(part[keep] for part in whole)))
    entropy, right = by_hand()
    assert classes == pytest.approx([right[LABELS == 0].mean(), 0.0, right[LABELS == 2].mean()])
    assert found["loss"].item() == pytest.approx(entropy[LABELS != 1].mean())
