"""A model of the user's own in a model file: it predicts as it was trained where its file is, and nowhere else."""

import sys
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
import torch

from qfl.api.outcome import outcome
from qfl.config import Settings
from qfl.data.load import read_test
from qfl.errors import DataError
from qfl.report.headline import headline
from qfl.report.record import read_record
from qfl.security.signing import Signer
from qfl.tasks.build import build
from qfl.trained.container import ModelFile, read_model, write_model
from qfl.trained.export import export_run, server_key, settings_of
from qfl.trained.held_out import evaluate_on
from qfl.trained.model import load_model
from qfl.trained.own_files import require_same_files
from tests.trained.conftest import SMALL, trained

NETS = """
    from subprocess import run as imported

    import torch
    from qfl.models.circuit_layer import CircuitLayer
    from qfl.quantum.ansatze import classifier

    class Hybrid(torch.nn.Module):
        def __init__(self, num_features, num_labels, qubits: int = 3):
            super().__init__()
            self.down, self.up = torch.nn.Linear(num_features, qubits), torch.nn.Linear(qubits, num_labels)
            self.circuit = CircuitLayer(classifier("angle", "real_ring", qubits, 2, qubits, qubits))

        def forward(self, inputs):
            return self.up(self.circuit(torch.tanh(self.down(inputs))))
"""
OWN = SMALL | {"model.name": "nets.py:Hybrid", "train.learning-rate": 0.2, "model.my.qubits": 4}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with nets.py, and a run that trained a network of it."""
    app = tmp_path_factory.mktemp("app")
    (app / "nets.py").write_text(dedent(NETS))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(app)
        patch.setattr(sys, "path", [str(app), *sys.path])
        folder = trained(app / "run", OWN)
        export_run(folder.path, app / "model.npz")
    return app, folder


@pytest.fixture
def app(made, monkeypatch):
    monkeypatch.chdir(made[0])
    monkeypatch.setattr(sys, "path", [str(made[0]), *sys.path])
    return made[0]


def test_it_predicts_as_the_trained_network_does(made, app):
    model, test = load_model(app / "model.npz"), read_test(Settings.from_flat(OWN).data, 1)
    network: Any = build(Settings.from_flat(OWN)).model
    angles = torch.tensor(made[1].header["final"]["angles"], dtype=torch.float32)
    logits = network.logits(angles, torch.from_numpy(test.inputs).float())
    assert (model.predict(test.inputs) == logits.argmax(-1).numpy()).all()
    assert evaluate_on(model)["accuracy"] == pytest.approx(made[1].header["final"]["accuracy"])


def test_a_run_starts_from_it_and_may_have_other_qubits(made, app):
    start = {"run.start-from": str(app / "model.npz"), "rounds": 1}
    same = trained(app / "again", OWN | start).header["started_from"]
    assert (same["taken"], same["anew"]) == (64 * 4 + 4 + 8 + 4 * 10 + 10, 0)
    other = trained(app / "wider", OWN | start | {"model.my.qubits": 5}).header["started_from"]
    assert other["taken"] and other["anew"]


def test_run_json_the_json_object_and_the_report_count_its_quantum_numbers(made, app):
    folder = made[1]
    model = folder.header["model"]
    assert (model["quantum"], model["parameters"], model["qubits"], model["depth"]) == (8, 318, 4, None)
    assert outcome(folder, folder.path / "report.html")["model"]["quantum"] == 8
    assert "8 of them angles" in repr(headline(read_record(folder)))


@pytest.mark.parametrize(
    "change, word",
    [
        (lambda path: path.unlink(), "there is no nets.py here"),
        (lambda path: path.write_text(dedent(NETS) + "\n# mended\n"), "nets.py is not as it was in training"),
    ],
)
def test_without_its_file_as_it_was_it_is_refused(app, change, word):
    try:
        change(app / "nets.py")
        with pytest.raises(DataError, match=word):
            load_model(app / "model.npz")
        with pytest.raises(DataError, match=word):
            export_run(app / "run", app / "other.npz")
    finally:
        (app / "nets.py").write_text(dedent(NETS))


@pytest.mark.parametrize(
    "reference, word",
    [
        ("os:system", "os is none of your files"),
        ("os.py:system", "os.py is none of your files"),
        ("torch.nn:Linear", "there is no torch.nn here"),
        ("qfl.config:Settings", "there is no qfl.config here"),
        ("nets.py:imported", "nets.py does not define it"),
        ("nets.py:torch.nn.Linear", "nets.py does not define it"),
    ],
)
@pytest.mark.parametrize("key", ["model.name", "model.ansatz"])
def test_a_forged_file_calls_nothing_that_is_not_the_users(made, app, reference, word, key):
    """A stranger signs a file whose model is a command: it is refused before anything is called."""
    content, folder = read_model(app / "model.npz")[0], made[1]
    settings = content.header["settings"] | {"model.name": "vqc", key: reference, "model.my": '{"command": "touch x"}'}
    signer: Signer = server_key(folder, settings_of(folder))
    provenance = content.header["provenance"]
    digests = {key: provenance["own"]["model.name"]} if reference.startswith("nets.py") else {key: ""}
    header = {**content.header, "settings": settings, "provenance": provenance | {"own": digests}}
    write_model(app / "forged.npz", ModelFile(header, content.angles, content.arrays), signer)
    with pytest.raises(DataError, match=word):
        load_model(app / "forged.npz")
    assert not (app / "x").exists()


def test_data_of_the_users_own_are_looked_at_before_they_are_read(app):
    settings = Settings.from_flat({"data.name": "os.py:system", "data.my.command": "touch x"})
    require_same_files(settings, {}, "it")  # a model without its data
    with pytest.raises(DataError, match=r"it needs your own data.name = 'os.py:system', but os.py is none"):
        require_same_files(settings, {}, "it", ("data.",))


def test_a_model_that_was_handed_over_in_python_is_not_exported_but_data_may_be():
    settings = Settings.from_flat({"model.name": "qfl.given:Net", "data.name": "qfl.given:load"})
    require_same_files(settings, {}, "it", ("data.",))
    with pytest.raises(DataError, match="an object that was handed over in Python; put it into a file"):
        require_same_files(settings, {}, "it")


def test_angles_of_another_precision_are_the_models_too(app):
    model = load_model(app / "model.npz")
    assert model.angles.dtype == np.float32 and len(model.names) == 318
