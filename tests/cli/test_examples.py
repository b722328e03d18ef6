"""``qfl run --example``: what there is, what it is called, and what is said of a name that is none."""

import json

import pytest

from qfl.cli import main
from qfl.cli.examples import about, example, run_files
from qfl.config import read_run_file


def test_there_are_run_files_and_no_studies_among_them():
    files = run_files()
    assert {"quickstart", "edge_federation", "mnist_one_label/mnist", "cell_free/federated"} <= files.keys()
    assert not {"sqm_gnn/table1", "q_backbone/pool", "qfl_6g/fig4b", "own_app/own"} & files.keys()
    assert all(read_run_file(path) and about(path) for path in files.values())


def test_without_a_name_they_are_listed(capsys):
    assert main(["run", "--example"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(run_files())
    assert ["quickstart", "200 clients, one digit each, learn handwritten digits together"] in [
        line.split(maxsplit=1) for line in lines
    ]


def test_an_example_runs_where_there_is_no_folder(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    small = ["--set", "rounds=1", "--set", "clients.count=4", "--set", "clients.per-round=0", "--set", "model.layers=1"]
    assert main(["run", "--example", "quickstart", *small, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["run"].startswith(f"{tmp_path}/runs/quickstart-")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--example", "quikstart"], "--example quikstart: there is no such example; did you mean 'quickstart'?"),
        (["--example", "zzz"], "--example zzz: there is no such example; there are cell_free/federated, "),
        (["a.toml", "--example", "quickstart"], "a.toml and --example quickstart are both given; leave one of them"),
    ],
)
def test_a_name_that_is_none_and_two_files_are_refused(capsys, words, said):
    assert main(["run", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_name_is_the_folder_s_and_the_file_s_where_that_is_another():
    assert example("quickstart").parent.name == "quickstart"
    assert example("mnist_one_label/central").name == "central.toml"
