"""Early choice by held-out samples, through a run, its interruption, its report and its model file."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from qfl.best_round import best_row, better, load, save
from qfl.cli import main
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.runtime.launch import run_app
from qfl.report.page import render
from qfl.report.record import read_record
from qfl.results import RunFolder
from qfl.tasks.build import build
from qfl.trained import load_model
from qfl.trained.export import export_run

ROOT = Path(__file__).parents[1]
SMALL = {
    "rounds": 8,
    "clients.count": 10,
    "model.name": "logistic",
    "data.validation": 0.2,
    "train.learning-rate": 8.0,  # so large that later rounds are not always better
    "data.partition": "iid",
}


def run(folder, **changes):
    flat = SMALL | {key.replace("__", "."): value for key, value in changes.items()}
    return run_app(Settings.from_flat(flat | {"run.folder": str(folder)}), ROOT)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return run(tmp_path_factory.mktemp("best") / "run")


def test_the_first_of_equal_rounds_is_best():
    best = None
    for number, score in enumerate([0.2, None, 0.6, 0.6, 0.5]):
        best = better(best, number, score, np.full(2, float(number)))
    assert (best.round, best.score) == (2, 0.6) and np.array_equal(best.angles, [2.0, 2.0])
    again = load(*save(best))
    assert (again.round, again.score) == (2, 0.6) and load(*save(None)) is None


def test_every_rounds_validation_is_the_tasks_on_the_held_out_samples(whole):
    federation = build(Settings.from_flat(whole.settings))
    number, arrays, _ = whole.load_checkpoint()
    vector = torch.from_numpy(arrays["angles"])
    right = federation.model.logits(vector, federation.validation.inputs).argmax(-1) == federation.validation.labels
    assert whole.rounds()[number]["validation_accuracy"] == pytest.approx(right.double().mean().item())
    assert all(row["validation_loss"] > 0 for row in whole.rounds())


def test_the_run_says_which_round_they_choose(whole):
    rows = whole.rounds()
    scores = [row["validation_accuracy"] for row in rows]
    chosen = scores.index(max(scores))
    best = whole.header["final"]["best"]
    assert best["round"] == chosen and best["accuracy"] == rows[chosen]["accuracy"]
    assert 0 < chosen < 8, "the run should be one where the last round is not the best"
    assert best_row(rows, "accuracy") is rows[chosen]


def test_the_best_rounds_model_is_exported(whole, tmp_path):
    best = whole.header["final"]["best"]
    model = load_model(export_run(whole.path, tmp_path / "best.npz", best=True))
    assert model.provenance["round"] == best["round"] and model.provenance["angles_sha256"] == best["angles_sha256"]
    assert main(["export", str(whole.path), "-o", str(tmp_path / "last.npz")]) == 0
    assert load_model(tmp_path / "last.npz").provenance["round"] == 8


def test_a_resumed_run_knows_the_best_round_before_it_was_interrupted(whole, tmp_path):
    run(tmp_path / "run", rounds=5)
    again = run(tmp_path / "run", run__resume=True)
    assert again.header["final"]["best"] == whole.header["final"]["best"]
    assert np.array_equal(again.load_checkpoint()[1]["best/angles"], whole.load_checkpoint()[1]["best/angles"])


def test_the_report_draws_both_curves_and_says_who_chose(whole):
    page = render(read_record(whole), "run")
    assert "ink-validation" in page and "The test set chose nothing." in page
    assert f"rates round {whole.header['final']['best']['round']} best" in page


def test_without_held_out_samples_there_is_nothing_to_choose_by(tmp_path, capsys):
    folder = run(tmp_path / "run", data__validation=0.0, rounds=1)
    assert "best" not in folder.header["final"] and "validation_loss" not in folder.rounds()[0]
    assert set(folder.load_checkpoint()[1]) == {"angles"}
    assert "The test set chose" not in render(read_record(folder), "run")
    with pytest.raises(ConfigError, match=r"data\.validation = 0\.1"):
        export_run(folder.path, best=True)
    assert main(["export", str(folder.path), "--best"]) == 2
    assert "held no samples out" in capsys.readouterr().err


def test_training_is_that_of_the_smaller_shares_alone(whole, tmp_path):
    """Held-out samples make a difference to nobody's angles but by not being there."""
    federation = build(Settings.from_flat(whole.settings))
    held = len(federation.validation.labels)
    assert held == whole.header["data"]["validation"] == 1437 - sum(map(len, federation.parts))
    assert json.loads((whole.path / "run.json").read_text())["data"]["validation"] == held
    assert RunFolder(whole.path).clients()[0]["num_examples"] == len(federation.parts[0])
