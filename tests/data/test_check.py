"""Samples that no training survives are refused at loading, with the file and the index.

Also covers qfl/data/dataset.py.
"""

import numpy as np
import pytest

from qfl.config import DataSettings
from qfl.data import load as loading
from qfl.data.check import check, require_directions
from qfl.data.dataset import Dataset
from qfl.data.own import Labelled
from qfl.data.transform import principal_components, transform
from qfl.errors import ConfigError, DataError

ORIGIN = "train-images-idx3-ubyte in '/data'"
RANDOM = np.random.default_rng(0)


def some(count=6, features=16, **changes):
    inputs, labels = RANDOM.random((count, features)), np.arange(count) % 10
    for place, value in changes.pop("rows", {}).items():
        inputs[place] = value
    for place, value in changes.pop("labels", {}).items():
        labels[place] = value
    return Dataset(inputs, labels, ORIGIN)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_feature_that_is_not_finite_is_refused_with_its_index(value):
    with pytest.raises(DataError, match=rf"{ORIGIN}: the sample at index 4 has features that are not finite"):
        check(some(rows={4: value}), 10)


@pytest.mark.parametrize("label", [-1, 10, 255])
def test_a_label_that_is_none_is_refused_with_its_index(label):
    with pytest.raises(DataError, match=rf"index 2 has label {label}, expected 0 to 9"):
        check(some(labels={2: label}), 10)


def test_no_sample_is_refused():
    with pytest.raises(DataError, match=f"{ORIGIN} has no sample"):
        check(Dataset(np.zeros((0, 4)), np.zeros(0, dtype=np.int64), ORIGIN), 10)


def test_every_source_is_checked(monkeypatch):
    found = Labelled(some(), some(rows={1: np.nan}), tuple(map(str, range(10))))
    monkeypatch.setattr(loading, "read", lambda settings, seed, labels: found)
    with pytest.raises(DataError, match="index 1 has features that are not finite"):
        loading.load(DataSettings(), 2, seed=1)


@pytest.mark.parametrize("blank", [0.0, -0.0, 1e-300, 1e-14])
def test_a_blank_sample_of_either_set_has_no_state(blank):
    for train, test in ((some(rows={3: blank, 5: blank}), some()), (some(), some(rows={3: blank, 5: blank}))):
        with pytest.raises(DataError, match=rf"{ORIGIN}: the sample at index 3 \(and 1 more\) is blank"):
            require_directions(train, test)


def test_one_grey_pixel_is_not_blank():
    faint = np.eye(16)[0] / 255 / 784
    require_directions(some(rows={0: faint}), some(rows={1: faint}))


def test_all_samples_blank_are_refused():
    with pytest.raises(DataError, match=r"index 0 \(and 5 more\) is blank"):
        require_directions(some(rows=dict.fromkeys(range(6), 0.0)), some())


def test_a_sample_at_the_mean_is_blank_to_rounding_after_principal_components():
    train = some(8)
    train.inputs[7] = train.inputs[:7].mean(axis=0)
    reduced, _ = transform(DataSettings(pca=3), train, some(), np.empty(0, dtype=np.int64))
    assert 0 < np.linalg.norm(reduced.inputs[7]) < 1e-14  # rounding: a direction that means nothing
    with pytest.raises(DataError, match="index 7 is blank"):
        require_directions(reduced, reduced)


@pytest.mark.parametrize("count", [1, 5])
def test_principal_components_of_equal_samples_are_refused(count):
    same = np.full((count, 4), 0.3)
    with pytest.raises(ConfigError, match=rf"data.pca = 1: all {count} training samples are equal"):
        principal_components(same, same, 1)


def test_a_constant_feature_is_no_obstacle_to_principal_components():
    inputs = RANDOM.random((9, 5))
    inputs[:, 2] = 0.7
    scores, _ = principal_components(inputs, inputs, 5)
    assert np.isfinite(scores).all() and np.allclose(scores[:, 4], 0, atol=1e-12)
