"""``qfl export``, ``predict``, ``evaluate`` and ``run --start-from``: from a run to labels.

Also covers qfl/cli/export.py, qfl/cli/predict.py, qfl/cli/evaluate.py and qfl/cli/trained_options.py.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from qfl.cli import main
from qfl.results import RunFolder


@pytest.fixture
def exported(small, capsys):
    """A run of the small file and its model file, and images."""
    assert main(["run", "small.toml", "--set", "run.folder=run", "--json"]) == 0
    assert main(["export", "run", "-o", "m.npz"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "m.npz"
    np.savez("images.npz", x=np.random.default_rng(1).random((3, 64)), y=np.array([1, 2, 3]))
    return RunFolder("run")


def printed(capsys, *words):
    assert main([*words]) == 0
    return capsys.readouterr().out


def test_predictions_are_one_row_per_sample_in_a_table_and_in_json(exported, capsys):
    assert printed(capsys, "predict", "m.npz", "images.npz", "-o", "out.csv") == "out.csv\n"
    rows = list(csv.DictReader(Path("out.csv").read_text().splitlines()))
    found = json.loads(printed(capsys, "predict", "m.npz", "images.npz", "--json"))
    assert [int(row["label"]) for row in rows] == found["labels"] and len(rows) == 3
    assert np.sum(found["probabilities"], axis=1) == pytest.approx(np.ones(3))
    assert printed(capsys, "predict", "m.npz", "images.npz") == Path("out.csv").read_text()
    assert printed(capsys, "predict", "m.npz", "--dataset", "small.toml").count("\n") == 361


def test_evaluation_is_that_of_the_run(exported, capsys):
    found = json.loads(printed(capsys, "evaluate", "m.npz", "--json"))
    assert found["accuracy"] == exported.header["final"]["accuracy"]
    assert json.loads(printed(capsys, "evaluate", "m.npz", "--dataset", "small.toml", "--json")) == found
    text = printed(capsys, "evaluate", "m.npz", "--signed-by", "run/keys")
    assert f"accuracy {found['accuracy']:.4f}" in text and "on 360 samples" in text
    assert json.loads(printed(capsys, "evaluate", "m.npz", "images.npz", "--json"))["samples"] == 3


def test_the_circuit_is_a_program_that_predicts_as_the_model_does(exported, capsys):
    assert printed(capsys, "export", "run", "--format", "pennylane", "-o", "m.py") == "m.py\n"
    found = json.loads(printed(capsys, "predict", "m.npz", "images.npz", "--json"))
    command = "import runpy, sys; sys.modules['qfl'] = None; sys.argv[1:] = ['images.npz']; "
    command += "runpy.run_path('m.py', {}, '__main__')"
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(label) for label in found["labels"]]
    assert printed(capsys, "export", "run", "--format", "qasm", "--sample", "3").endswith("run/circuit.qasm\n")
    assert "input" not in Path("run/circuit.qasm").read_text()


def test_a_run_starts_from_the_file(exported, capsys):
    words = ["run", "small.toml", "--start-from", "m.npz", "--set", "rounds=1", "--json"]
    run = RunFolder(json.loads(printed(capsys, *words))["run"])
    assert run.rounds()[0]["angles_sha256"] == exported.header["final"]["angles_sha256"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["predict", "m.npz"], "give samples"),
        (["predict", "m.npz", "odd.npz"], "the shape (2, 5), but the model takes features [sample 64]"),
        (["predict", "m.npz", "none.npz"], "holds y, but no x"),
        (["predict", "m.npz", "small.toml"], "write samples with numpy.savez"),
        (["predict", "m.npz", "images.npz", "--json", "-o", "x.csv"], "leave one of them out"),
        (["evaluate", "m.npz", "images.npz", "--dataset", "small.toml"], "leave one of them out"),
        (["evaluate", "m.npz", "--set", "seed=2"], "--dataset FILE.toml, which is not given"),
        (["evaluate", "m.npz", "--signed-by", "other"], "no key folder"),
        (["evaluate", "images.npz"], "is refused as a model file"),
        (["export", "nothing"], "is no run folder"),
        (["export", "run", "--sample", "0"], "--sample is of --format qasm"),
        (["export", "run", "--format", "pennylane", "--sample", "0"], "a PennyLane program takes any"),
        (["export", "run", "--format", "qasm"], "write that of one sample with --sample N"),
        (["export", "run", "--format", "qasm", "--sample", "360"], "the test set has 360 samples, counted from 0"),
        (["export", "run", "--format", "qiskit"], "invalid choice: 'qiskit'"),
        (["run", "--resume", "run", "--start-from", "m.npz"], "leave --start-from out"),
        (["run", "small.toml", "--start-from", "absent"], "no such model file"),
    ],
)
def test_a_mistake_is_one_sentence(exported, capsys, words, says):
    np.savez("odd.npz", x=np.ones((2, 5)))
    np.savez("none.npz", y=np.ones(2))
    assert main(words) == 2
    streams = capsys.readouterr()
    assert says in streams.err and streams.err.count("\n") == 1 and streams.out == ""
