"""A model file is all that is left of a run, and predicts as the run did.

Also covers qfl/trained/model.py, qfl/trained/classifier.py, qfl/trained/network.py, qfl/trained/kinds.py and
qfl/trained/held_out.py.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import qfl
from qfl.config import DataSettings, Settings
from qfl.data.load import load, read_test
from qfl.errors import ConfigError, DataError, RunFolderError
from qfl.results import RunFolder
from qfl.security import keystore
from qfl.tasks.build import build
from qfl.tasks.classify import ClassifyTask
from qfl.trained.classifier import Classifier
from qfl.trained.export import export_run
from qfl.trained.held_out import evaluate_on, images_of
from qfl.trained.model import load_model
from tests.trained.conftest import ROOT, SMALL, trained

SCORE = """
import json, sys
from qfl.cli import main
sys.exit(main(["evaluate", sys.argv[1], sys.argv[2], "--json"]))
"""


def test_the_moved_file_gives_the_reports_accuracy_in_a_process_that_never_sees_the_run(digits, tmp_path):
    gone = tmp_path / "run"
    shutil.copytree(digits.path, gone)
    path = export_run(gone)
    moved = Path(shutil.move(path, tmp_path / "elsewhere.npz"))
    shutil.rmtree(gone)
    test = read_test(DataSettings(), 1)
    np.savez(tmp_path / "images.npz", x=test.inputs, y=test.labels)
    command = [sys.executable, "-c", SCORE, str(moved), str(tmp_path / "images.npz")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    found, final = json.loads(done.stdout), digits.header["final"]
    assert found["accuracy"] == final["accuracy"] and found["loss"] == pytest.approx(final["loss"], rel=1e-6)
    assert found["samples"] == 360 and found["signed_by"]


def test_predictions_are_the_models_own_logits_of_the_same_samples(digits, tmp_path):
    model, test = load_model(export_run(digits.path, tmp_path / "m.npz")), read_test(DataSettings(), 1)
    federation = build(Settings.from_flat(SMALL))
    angles = torch.tensor(digits.header["final"]["angles"], dtype=torch.float32)
    with torch.no_grad():
        assert isinstance(federation.task, ClassifyTask)
        logits = federation.task.model.logits(angles, torch.from_numpy(test.inputs).float())
    assert (model.predict(test.inputs) == logits.argmax(-1).numpy()).all()
    assert model.probabilities(test.inputs) == pytest.approx(logits.softmax(-1).numpy(), abs=1e-6)
    assert (model.predict(test.inputs.reshape(-1, 8, 8)) == model.predict(test.inputs)).all()
    assert model.classes == tuple("0123456789") and "[sample 64]" in repr(model)


@pytest.mark.parametrize("data", [{"data.pca": 12}, {"data.side": 4}])
def test_preprocessing_that_was_fitted_in_training_travels_in_the_file(data, tmp_path, monkeypatch):
    run = trained(tmp_path / "run", SMALL | data)
    model = load_model(export_run(run.path))
    raw = read_test(DataSettings(), 1)
    monkeypatch.setattr("qfl.data.load.read", lambda *_: pytest.fail("the training data were read"))
    found = model.evaluate(raw.inputs, raw.labels)
    assert found["accuracy"] == run.header["final"]["accuracy"]
    monkeypatch.undo()
    seen = load(run_settings(run).data, 10, 1).test.inputs
    assert isinstance(model.predictor, Classifier)
    assert np.array_equal(model.predictor.network.preprocessing.apply(raw.inputs), seen)


def run_settings(run: RunFolder) -> Settings:
    return Settings.from_flat(run.header["settings"])


def test_without_data_the_test_set_of_its_run_is_taken(digits, tmp_path):
    model = load_model(export_run(digits.path, tmp_path / "m.npz"))
    assert evaluate_on(model)["accuracy"] == digits.header["final"]["accuracy"]
    other = Settings.from_flat(SMALL | {"seed": 2})
    assert not np.array_equal(images_of(model, other).inputs, images_of(model).inputs)
    with pytest.raises(ConfigError, match="of task = 'd2d', but the model was trained for 'classify'"):
        evaluate_on(model, Settings.from_flat({"task": "d2d", "model.name": "gcn"}))


def test_the_wrong_data_are_refused_with_both_shapes(digits, tmp_path):
    model = load_model(export_run(digits.path, tmp_path / "m.npz"))
    with pytest.raises(DataError, match=r"the shape \(3, 784\), but the model takes features \[sample 64\]"):
        model.predict(np.ones((3, 784)))
    with pytest.raises(DataError, match="the sample at index 1 is not finite"):
        model.predict(np.array([np.ones(64), np.full(64, np.nan)]))
    with pytest.raises(DataError, match=r"index 0 .*is blank"):
        model.predict(np.zeros((1, 64)))
    with pytest.raises(DataError, match="x has 2 samples but y has 3 labels"):
        model.evaluate(np.ones((2, 64)), [0, 1, 2])
    with pytest.raises(DataError, match="y holds no labels"):
        model.evaluate(np.ones((2, 64)))
    with pytest.raises(DataError, match="has label 11, expected 0 to 9"):
        model.evaluate(np.ones((2, 64)), [0, 11])


def test_provenance_names_the_run_and_its_figures(digits, tmp_path):
    provenance = load_model(export_run(digits.path, tmp_path / "m.npz")).provenance
    final = digits.header["final"]
    assert provenance["run_id"] == digits.header["run_id"] and provenance["angles_sha256"] == final["angles_sha256"]
    assert provenance["figures"]["accuracy"] == final["accuracy"] and provenance["versions"]["torch"]


def test_the_servers_key_signs_and_another_key_is_refused(digits, tmp_path):
    path = export_run(digits.path, tmp_path / "m.npz")
    server = keystore.load_roster(digits.path / "keys").server
    assert load_model(path, signed_by=server).signed_by == server.thumbprint.hex()
    other = keystore.new(tmp_path / "keys", "ML-DSA-44", 1).server
    with pytest.raises(DataError, match="not signed as it should be, unknown-key"):
        load_model(path, signed_by=other)


def test_a_run_without_a_checkpoint_is_refused(digits, tmp_path):
    shutil.copytree(digits.path, tmp_path / "run")
    (tmp_path / "run" / "checkpoint.npz").unlink()
    with pytest.raises(RunFolderError, match="has no checkpoint, so nothing was trained"):
        export_run(tmp_path / "run")


def test_the_public_face_loads_models(digits, tmp_path):
    assert isinstance(qfl.load_model(export_run(digits.path, tmp_path / "m.npz")), qfl.TrainedModel)
