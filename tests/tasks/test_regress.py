"""Regression against closed forms: least squares are reached, and R2 is scikit-learn's."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score

from qfl.config import Settings
from qfl.errors import ConfigError, DataError
from qfl.models.linear import make_linear
from qfl.seeds import stream
from qfl.tasks.build import build
from qfl.tasks.classify import Batch
from qfl.tasks.federation import Predicting
from qfl.tasks.local import train_clients
from qfl.tasks.regress import RegressTask, r_squared

DRAW = stream(1, "test", "regress")
X = DRAW.normal(size=(80, 4))
Y = X @ DRAW.normal(size=(4, 2)) * [30.0, 0.01] + [500.0, -2.0] + DRAW.normal(size=(80, 2)) * [10.0, 0.005]
FLAT = {
    "task": "regress",
    "model.name": "linear",
    "data.name": "a.npz",
    "data.partition": "iid",
    "clients.count": 5,
    "precision": "double",
}


def federation_of(folder, **settings):
    np.savez(folder / "a.npz", x=X[:60], y=Y[:60], x_test=X[60:], y_test=Y[60:])
    return build(Settings.from_flat(FLAT | {"data.root": str(folder)} | settings))


def test_gradient_steps_on_all_samples_reach_least_squares(tmp_path):
    settings = {"clients.count": 1, "train.batch-size": 60, "train.local-steps": 600, "train.learning-rate": 0.2}
    federation = federation_of(tmp_path, **settings)
    start = federation.model.initial(1)
    found = train_clients(federation, start, 1, [0])[0].angles
    closed = LinearRegression().fit(X[:60], Y[:60])
    scaling = np.array(federation.manifest["target_mean"]), np.array(federation.manifest["target_scale"])
    assert np.allclose(scaling, (Y[:60].mean(axis=0), Y[:60].std(axis=0)), rtol=1e-12)
    weight, bias = found[:8].reshape(2, 4), found[8:]
    np.testing.assert_allclose(scaling[1][:, None] * weight, closed.coef_, rtol=1e-8)
    np.testing.assert_allclose(scaling[0] + scaling[1] * bias, closed.intercept_, rtol=1e-8)
    metrics, by_target = federation.task.evaluate(torch.from_numpy(found), federation.test_batch)
    assert float(metrics["r2"]) == pytest.approx(r2_score(Y[60:], closed.predict(X[60:])), abs=1e-8)
    expected = r2_score(Y[60:], closed.predict(X[60:]), multioutput="raw_values")
    assert by_target == pytest.approx(expected.tolist(), abs=1e-8)


@pytest.mark.parametrize("targets", [1, 3])
def test_r2_is_scikit_learns(targets):
    true, predicted = DRAW.normal(7, 3, size=(2, 50, targets))
    found = r_squared(torch.from_numpy(predicted), torch.from_numpy(true))
    assert found.tolist() == pytest.approx(r2_score(true, predicted, multioutput="raw_values").tolist(), abs=1e-12)


@pytest.mark.parametrize("predicted", [[[2.0], [2.0]], [[2.0], [3.0]]])
def test_r2_of_a_target_that_does_not_vary_is_one_or_zero_as_in_scikit_learn(predicted):
    true = [[2.0], [2.0]]
    found = r_squared(torch.tensor(predicted), torch.tensor(true))
    assert found.item() == r2_score(true, predicted)


def test_a_clients_r2_is_against_the_mean_of_all_training_targets():
    """So it is defined where a client's targets are all alike, and clients' R2 weighted by samples is that of all."""
    task, model = RegressTask(make_linear(4, 1), 1), make_linear(4, 1)
    angles = torch.from_numpy(np.stack([model.initial(1)] * 2))
    targets = DRAW.normal(size=(2, 5, 1))
    targets = (targets - targets.mean()) / targets.std()  # as training standardises
    batch = Batch(torch.from_numpy(X[:10].reshape(2, 5, 4)), torch.from_numpy(targets), torch.ones(2, 5).double())
    own = task.metrics(angles, batch)["r2"]
    predicted = model.logits(angles[0], torch.from_numpy(X[:10])).numpy()
    assert own.mean().item() == pytest.approx(r2_score(targets.reshape(10, 1), predicted), abs=1e-12)
    flat = task.metrics(angles, batch._replace(labels=torch.zeros(2, 5, 1).double()))["r2"]
    assert flat.isfinite().all()


def test_r2_knows_no_unit(tmp_path):
    """Targets in other units give the same federation."""
    one = federation_of(tmp_path)
    np.savez(tmp_path / "b.npz", x=X[:60], y=1000 * Y[:60] + 3, x_test=X[60:], y_test=1000 * Y[60:] + 3)
    two = build(replace(one.settings, data=replace(one.settings.data, name="b.npz")))
    angles = torch.from_numpy(one.model.initial(1))
    found = [each.task.evaluate(angles, each.test_batch)[0] for each in (one, two)]
    assert float(found[0]["r2"]) == pytest.approx(float(found[1]["r2"]), abs=1e-9)
    assert one.labels is None and one.manifest["targets"] == ["y_0", "y_1"]


def test_what_a_run_keeps_of_its_test_is_in_the_targets_own_units(tmp_path):
    federation = federation_of(tmp_path)
    assert isinstance(federation.task, Predicting)
    angles = torch.from_numpy(federation.model.initial(1))
    kept = federation.task.predictions(angles, federation.test_batch)
    np.testing.assert_allclose(kept["true"], Y[60:], rtol=1e-9)
    error = np.array(kept["predicted"]) - Y[60:]
    assert kept["rmse"] == pytest.approx(np.sqrt((error**2).mean(axis=0)).tolist())
    assert kept["bias"] == pytest.approx(error.mean(axis=0).tolist())
    by_target = federation.task.evaluate(angles, federation.test_batch)[1]
    assert by_target == pytest.approx((1 - (error**2).mean(axis=0) / Y[60:].var(axis=0)).tolist())


@pytest.mark.parametrize("where", ["y", "y_test"])
def test_a_target_that_does_not_vary_is_refused_before_training(tmp_path, where):
    arrays = {"x": X[:60], "y": Y[:60], "x_test": X[60:], "y_test": Y[60:]}
    arrays[where] = arrays[where].copy()
    arrays[where][:, 1] = 0.1
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(DataError, match=r"target 'y_1' is 0\.1 in every sample"):
        build(Settings.from_flat(FLAT | {"data.root": str(tmp_path)}))


def test_classes_of_a_built_in_data_set_are_no_targets():
    with pytest.raises(ConfigError, match=r"predicts numbers, and data\.name = .digits. has classes"):
        Settings.from_flat({"task": "regress", "model.name": "linear"})


def test_a_classifiers_model_predicts_no_numbers(tmp_path):
    with pytest.raises(ConfigError, match=r"'logistic' does not go with task = 'regress'; expected one of vqc, mlp"):
        Settings.from_flat(FLAT | {"model.name": "logistic"})


def test_a_circuit_predicts_on_a_device_what_it_predicts_exactly(tmp_path):
    flat = {"model.name": "vqc", "model.layers": 2, "model.qubits": 2, "clients.count": 2, "model.scale": 3.0}
    exact, device = (federation_of(tmp_path, **flat, engine=engine) for engine in ("exact", "pennylane"))
    angles = torch.from_numpy(exact.model.initial(1))
    batch = exact.samples.take(torch.arange(5)[None], torch.ones(1, 5).double())
    own = exact.task.metrics(angles[None], batch), device.task_of(0, 1).metrics(angles[None], batch)
    assert own[0]["r2"].item() == pytest.approx(own[1]["r2"].item(), abs=1e-9)
