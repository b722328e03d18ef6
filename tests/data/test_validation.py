"""What is held out of the clients' shares: which samples, and that nothing is fitted to them."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from qfl.config import DataSettings, Settings
from qfl.data.load import fit_raw, load, read
from qfl.data.validation import hold_out
from qfl.errors import ConfigError
from qfl.tasks.build import build
from qfl.trained.classifier import describe

SMALL = {"model.name": "logistic", "clients.count": 20}
PARTS = (np.arange(40), np.arange(40, 44), np.arange(44, 45), np.arange(45, 65))


def test_every_sample_is_trained_on_or_held_out_and_never_both():
    kept, held = hold_out(PARTS, 0.1, seed=3)
    assert sorted(np.concatenate([*kept, held])) == list(range(65))
    assert [len(part) for part in kept] == [36, 4, 1, 18]
    assert all(set(part) <= set(before) for part, before in zip(kept, PARTS, strict=True))


def test_a_client_keeps_one_sample_whatever_is_asked_for():
    assert [len(part) for part in hold_out(PARTS, 0.9, seed=3)[0]] == [4, 1, 1, 2]


def test_the_draw_is_the_seeds_and_the_clients_own():
    one, other = hold_out(PARTS, 0.2, seed=3)[1], hold_out(PARTS, 0.2, seed=4)[1]
    assert not np.array_equal(one, other)
    alone = hold_out(PARTS[:1], 0.2, seed=3)[1]
    assert np.array_equal(one[one < 40], alone)


def test_nothing_is_held_out_unless_asked_and_nobody_too_small_is_a_fault():
    assert hold_out(PARTS, 0.0, seed=1)[0] is PARTS
    with pytest.raises(ConfigError, match="no client has more than 2 samples"):
        hold_out((np.arange(2), np.arange(2, 4)), 0.1, seed=1)
    with pytest.raises(ConfigError, match="draw their own"):
        Settings.from_flat({"task": "d2d", "model.name": "wcgcn", "data.validation": 0.1})


def test_the_manifest_counts_them_and_is_as_before_without_them():
    plain, some = load(DataSettings(), 50, 1), load(DataSettings(validation=0.2), 50, 1)
    assert some.manifest["validation"] == len(some.validation) > 200 and some.manifest["unused"] == 0
    assert some.manifest["sizes"]["mean"] * 50 + some.manifest["validation"] == len(some.train)
    assert plain.validation is None and "validation" not in plain.manifest
    assert set(map(len, plain.parts)) != set(map(len, some.parts))


def test_components_are_fitted_without_them_in_training_and_in_a_model_file():
    settings = DataSettings(validation=0.3, pca=4)
    data, raw = load(settings, 20, 1), read(settings, 1).train.inputs
    trained = np.delete(raw, data.validation, axis=0)
    pca = PCA(4, svd_solver="covariance_eigh").fit(trained)
    assert data.train.inputs == pytest.approx(pca.transform(raw))
    fitted, _ = fit_raw(settings, 20, 1)
    assert fitted.apply(raw) == pytest.approx(data.train.inputs)
    _, arrays = describe(Settings.from_flat({**SMALL, "data.pca": 4, "data.validation": 0.3}))
    assert arrays["pca_mean"] == pytest.approx(trained.mean(0))


def test_the_federation_tests_them_as_they_are():
    federation = build(Settings.from_flat({**SMALL, "data.validation": 0.2}))
    data = load(DataSettings(validation=0.2), 20, 1)
    assert federation.validation.inputs.numpy() == pytest.approx(data.train.inputs[data.validation], abs=1e-6)
    assert np.array_equal(federation.validation.labels.numpy(), data.train.labels[data.validation])
