"""LiRA where its answer is known, and its curve beside scikit-learn's. Also covers qfl/testing/attacks/shadows.py."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from qfl.config import Settings
from qfl.models.mlp import make_mlp
from qfl.tasks.build import build
from qfl.tasks.local import train_clients
from qfl.testing.attacks.membership import confidence, judged, lira_scores
from qfl.testing.attacks.shadows import Shadows, train_shadows


def test_confidence_is_the_logit_of_the_softmax():
    logits = torch.from_numpy(np.random.default_rng(1).normal(0, 2, (3, 5, 4)))
    labels = torch.tensor([0, 3, 1, 2, 0])
    p = torch.softmax(logits, -1)[:, torch.arange(5), labels].numpy()
    np.testing.assert_allclose(confidence(logits, labels), np.log(p / (1 - p)))
    assert np.isfinite(confidence(torch.tensor([[500.0, 0.0]]), torch.tensor([0]))).all()


def test_of_normal_confidences_lira_is_as_good_as_the_best_test():
    """Members' confidences are N(d, 1), others' N(0, 1): no test has a larger area than the normal law of d / 2^0.5."""
    draw, shift, samples = np.random.default_rng(2), 1.0, 20_000
    members = draw.random((64, samples)) < 0.5
    level = draw.normal(0, 5, samples)  # samples differ, which a test without shadows cannot know
    values = level + draw.normal(size=members.shape) + shift * members
    scores = lira_scores(values[0], values[1:], members[1:])
    best = norm.cdf(shift / np.sqrt(2))
    assert judged(scores, members[0]).area == pytest.approx(best, abs=0.02)
    assert judged(values[0], members[0]).area < 0.58


def test_area_and_true_positives_are_those_of_a_library():
    draw = np.random.default_rng(3)
    members = draw.random(4000) < 0.4
    scores = np.round(draw.normal(size=4000) + members, 1)  # with ties
    found = judged(scores, members, 0.05)
    assert found.area == pytest.approx(roc_auc_score(members, scores))
    limit = np.sort(scores[~members])[int(np.ceil(0.95 * ((~members).sum() - 1)))]
    assert np.mean(scores[~members] > limit) <= 0.05 and found.found == np.mean(scores[members] > limit)


def test_a_sample_that_all_shadows_saw_says_nothing():
    values, members = np.random.default_rng(4).normal(size=(6, 2)), np.array([[True, True]] * 3 + [[True, False]] * 3)
    scores = lira_scores(np.array([9.0, 9.0]), values, members)
    assert scores[0] == 0 and scores[1] != 0


def test_shadows_trained_at_once_are_federations_of_the_trainer():
    """One federation of one client is the house's own client, with the same steps of Adam on all its samples."""
    changes = {"train.optimizer": "adam", "train.learning-rate": 0.01, "train.local-steps": 3, "model.name": "mlp"}
    own = build(Settings.from_flat({"clients.count": 1, "data.partition": "iid", "train.batch-size": 2000} | changes))
    inputs, labels = own.samples.inputs.double().numpy(), own.samples.labels.numpy()
    shadows = Shadows(own.model, inputs, labels, federations=3, clients=1, rounds=1, steps=3, rate=0.01)
    found = train_shadows(shadows, seed=1)
    part = shadows.shares(1)[2, 0]
    (update,) = train_clients(replace(own, parts=(part,)), own.model.initial(1), 1, [0])
    np.testing.assert_allclose(found.final[2], update.angles, atol=1e-4)
    assert found.members[2][part].all() and found.members[2].sum() == len(part)


def test_overfitting_on_random_labels_is_seen_and_an_untrained_model_tells_nothing():
    draw = np.random.default_rng(5)
    inputs, labels = draw.random((80, 10)), draw.integers(4, size=80)
    areas = {}
    for rounds in (0, 40):
        shadows = Shadows(make_mlp(10, 4, 32), inputs, labels, 16, 2, rounds, 5, 0.02)
        found = train_shadows(shadows, seed=1)
        logits = shadows.model.logits(torch.from_numpy(found.final), torch.from_numpy(inputs).expand(16, *inputs.shape))
        values = confidence(logits, torch.from_numpy(labels))
        scores = [lira_scores(values[k], np.delete(values, k, 0), np.delete(found.members, k, 0)) for k in range(16)]
        areas[rounds] = judged(np.concatenate(scores), found.members.ravel()).area
    assert areas[40] > 0.8 and abs(areas[0] - 0.5) < 0.06, areas
