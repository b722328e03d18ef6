"""A trained regression predicts in the targets' own units, from its file alone, as well as its run reports."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import r2_score

from qfl.cli import main
from qfl.config import Settings
from qfl.data.load import read_test
from qfl.errors import DataError, InputError
from qfl.report import write_report
from qfl.seeds import stream
from qfl.trained.export import export_run
from qfl.trained.held_out import evaluate_on
from qfl.trained.model import load_model
from tests.trained.conftest import SMALL, trained

DRAW = stream(1, "test", "regressor")
X = DRAW.normal(size=(90, 5))
Y = X @ DRAW.normal(size=(5, 2)) * [20.0, 0.1] + [300.0, 7.0]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("regressor")
    lines = [",".join(f"{value:.6f}" for value in (*x, *y)) for x, y in zip(X, Y, strict=True)]
    (folder / "a.csv").write_text("\n".join(["a,b,c,d,e,gain_db,delay_ns", *lines]))
    data = {"data.name": "a.csv", "data.root": str(folder), "data.target": "gain_db, delay_ns", "data.pca": 4}
    data |= {"data.partition": "dirichlet", "clients.count": 4, "data.validation": 0.2, "rounds": 4}
    training = {"task": "regress", "model.name": "linear", "train.local-steps": 5, "train.learning-rate": 0.2}
    return trained(folder / "run", SMALL | data | training)


@pytest.fixture(scope="module")
def model(run):
    return load_model(export_run(run.path))


def settings_of(run):
    return Settings.from_flat(run.header["settings"])


def test_predictions_are_in_the_targets_own_units_and_as_good_as_the_report_says(run, model):
    test = read_test(settings_of(run).data, 1, "targets")
    final, predicted = run.header["final"], model.predict(test.inputs)
    assert model.targets == ("gain_db", "delay_ns") and model.classes == ()
    assert predicted.shape == (18, 2) and abs(predicted[:, 0].mean() - 300) < 20
    assert r2_score(test.labels, predicted) == pytest.approx(final["r2"], abs=1e-6)
    found = model.evaluate(test.inputs, test.labels)
    assert found["r2"] == pytest.approx(final["r2"], abs=1e-6)
    assert list(found["per_target"]) == ["gain_db", "delay_ns"] and found["samples"] == 18
    assert evaluate_on(model)["loss"] == pytest.approx(final["loss"], rel=1e-5)
    assert run.rounds()[-1]["per_class"] == pytest.approx(list(found["per_target"].values()), abs=1e-6)


def test_the_run_keeps_predictions_for_its_report(run, model):
    test, kept = read_test(settings_of(run).data, 1, "targets"), run.header["predictions"]
    np.testing.assert_allclose(kept["true"], test.labels, rtol=1e-5)
    np.testing.assert_allclose(kept["predicted"], model.predict(test.inputs), rtol=1e-5)
    assert "gain_db: predicted against true" in write_report(run).read_text()


def test_the_run_learnt_and_validation_has_its_own_r2(run):
    rows = run.rounds()
    assert rows[-1]["r2"] > rows[0]["r2"] and rows[-1]["r2"] > 0.6
    assert all(isinstance(row["validation_r2"], float) for row in rows)


def test_commands_print_targets_and_r2(run, tmp_path, capsys):
    path = str(export_run(run.path))
    np.savez(tmp_path / "new.npz", x=X[:3], y=Y[:3])
    assert main(["predict", path, str(tmp_path / "new.npz")]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[0] == "sample,gain_db,delay_ns" and len(table) == 4
    assert main(["predict", path, str(tmp_path / "new.npz"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"] == ["gain_db", "delay_ns"]
    assert main(["evaluate", path]) == 0
    assert capsys.readouterr().out.startswith("r2 ")


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        (X[:4, :3], Y[:4], r"the shape \(4, 3\), but the model takes features \[sample 5\]"),
        (X[:4], Y[:3], "x has 4 samples but y has 3 rows"),
        (X[:4], Y[:4, 0], r"y holds no targets; give numbers, \[sample 2\] \(gain_db, delay_ns\)"),
        (X[:4], None, "y holds no targets"),
        (X[:4], [["a", "b"]] * 4, "y holds no targets"),
        (X[:4], np.where(Y[:4] > 7, Y[:4], np.inf), "targets that are not finite"),
        (X[:4], np.ones((4, 2)), "target 'gain_db' is 1 in every sample"),
    ],
)
def test_what_has_no_r2_is_refused(model, x, y, said):
    with pytest.raises(DataError, match=said):
        model.evaluate(x, y)


def test_there_are_no_probabilities(model):
    with pytest.raises(InputError, match="a regression has no classes"):
        model.probabilities(X)


def test_a_model_of_other_targets_is_scored_on_their_own_data(run, model):
    """Another split of the same table."""
    other = replace(settings_of(run), seed=2)
    assert evaluate_on(model, other)["r2"] != evaluate_on(model)["r2"]
