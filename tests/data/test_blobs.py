"""Blobs are the mixture that they say: centres, spread and shares of the classes, and the best error that there is."""

import numpy as np
import pytest
from scipy.stats import norm

from qfl.config import DataSettings, Settings
from qfl.data.blobs import DEVIATION, load_blobs
from qfl.data.load import load, sizes
from qfl.tasks.build import build


def test_every_class_is_a_normal_cloud_about_its_own_centre():
    train, test = load_blobs(seed=3, samples=20_000)
    assert np.bincount(train.labels).tolist() == [2000] * 10 and np.bincount(test.labels).tolist() == [100] * 10
    clouds = [train.inputs[train.labels == label] for label in range(10)]
    for cloud in clouds:
        assert np.allclose(np.cov(cloud.T), DEVIATION**2 * np.eye(8), atol=0.0015)
    centres = np.array([cloud.mean(axis=0) for cloud in clouds])
    assert 0.29 < centres.min() < centres.max() < 0.71
    assert np.allclose([test.inputs[test.labels == label].mean(axis=0) for label in range(10)], centres, atol=0.05)


def test_two_classes_are_told_apart_as_often_as_the_closed_form_says():
    train, _ = load_blobs(seed=3, samples=40_000)
    first, second = (train.inputs[train.labels == label] for label in (0, 1))
    centres = first.mean(axis=0), second.mean(axis=0)
    nearer = np.linalg.norm(first - centres[0], axis=1) < np.linalg.norm(first - centres[1], axis=1)
    expected = norm.cdf(np.linalg.norm(centres[0] - centres[1]) / (2 * DEVIATION))  # Bayes, equal covariances
    assert nearer.mean() == pytest.approx(expected, abs=0.01)


def test_the_seed_decides_the_samples():
    first, again, other = (load_blobs(seed, 20)[0].inputs for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_there_are_as_many_samples_as_the_settings_say():
    settings = DataSettings(name="blobs", samples=300, partition="iid")
    assert sizes(settings, seed=1).train == 300
    data = load(settings, clients=30, seed=1)
    assert (data.manifest["train"], data.manifest["features"], len(data.parts)) == (300, 8, 30)


def test_client_and_server_agree_on_their_number_where_it_counts_alone():
    def digest(**data):
        flat = {f"data.{key}": value for key, value in data.items()}
        return build(Settings.from_flat({"clients.count": 5, "model.qubits": 8, "model.layers": 1, **flat})).digest

    assert digest(samples=50) == digest()
    assert digest(name="blobs", samples=50) != digest(name="blobs", samples=60)
