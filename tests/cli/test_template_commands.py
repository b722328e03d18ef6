"""``qfl backbone register`` and ``qfl backbone templates``."""

import json

import pytest

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.cli import main
from qfl.security.keystore import new
from tests.backbone.runtime.templates.test_learn import surface


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("registry")
    new(path / "keys", "ML-DSA-44")
    new(path / "other", "ML-DSA-44")
    (path / "pool.toml").write_text('[[backend]]\nname = "host"\nkind = "cpu"\nsolver = "exact"\n')
    rows = [[float(k % 7), k % 3 + 9.0 * (k > 17)] for k in range(24)]
    request = {"train": rows, "labels": [0] * 18 + [1] * 6, "rows": rows[:2], "qubits": 2}
    (path / "detect.json").write_text(json.dumps(request))
    (path / "empty.json").write_text("{}")
    with telemetry_in(path / "log") as log:
        orchestrator = Orchestrator(Pool((Backend("host", "cpu", "exact"),)), log, clock=lambda: 0.0)
        for seed in range(8):
            orchestrator.submit(f"{seed}", "ris", surface(seed, 5)["request"], 9.0)
        orchestrator.drain()
    assert main(["backbone", "register", f"{path / 'log'}", *at(path), "--keys", f"{path / 'keys'}"]) == 0
    return path


def at(path):
    return ["--templates", f"{path / 'templates'}"]


def test_ended_jobs_become_signed_templates_that_are_listed(folder, capsys):
    words = ["backbone", "templates", f"{folder / 'templates'}", "--signed-by", f"{folder / 'keys'}"]
    assert main([*words, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert sorted(row["kind"] for row in rows) == ["angles", "qubo"] and all(row["version"] == 1 for row in rows)
    assert main(words) == 0 and "qaoa.ris.degree4.layers3@1: angles" in capsys.readouterr().out


def test_the_same_jobs_again_are_nothing_new(folder, capsys):
    words = ["backbone", "register", f"{folder / 'log'}", *at(folder), "--keys", f"{folder / 'keys'}"]
    assert main([*words, "--json"]) == 0
    assert {row["version"] for row in json.loads(capsys.readouterr().out)} == {1}
    assert main(words) == 0 and "version 1: jobs 8" in capsys.readouterr().out


def test_templates_of_another_key_are_told_with_exit_code_1(folder, capsys):
    words = ["backbone", "templates", f"{folder / 'templates'}", "--signed-by", f"{folder / 'other'}"]
    assert main(words) == 1 and "is not signed as it should be" in capsys.readouterr().out
    assert main([*words, "--json"]) == 1


def test_a_request_becomes_a_checkpoint(folder, capsys):
    pytest.importorskip("sklearn")
    words = ["--templates", f"{folder / 'checkpoints'}", "--keys", f"{folder / 'keys'}", "--json"]
    assert main(["backbone", "register", f"{folder / 'detect.json'}", "--name", "north", *words]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["version"]) == ("north", 1) and {"svm_rbf", "svm_fidelity"} < row.keys()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["templates", "absent"], "is no folder of templates"),
        (["templates", "templates", "--signed-by", "absent"], "is no key folder"),
        (["register", "absent", "--keys", "keys"], "has no telemetry.sqlite"),
        (["register", "log", "--keys", "absent"], "is no key folder"),
        (["register", "log", "--keys", "keys", "--name", "north"], "--name is of a checkpoint"),
        (["register", "detect.json", "--keys", "keys"], "is a request; give --name"),
        (["register", "pool.toml", "--keys", "keys", "--name", "north"], "give a JSON file with a request"),
        (["register", "empty.json", "--keys", "keys", "--name", "north"], "has neither train nor series"),
        (["register", "detect.json", "--keys", "keys", "--name", "No/th"], "is no name of a template"),
        (["register", "log", "--keys", "other", "--templates", "templates"], "is refused as a template"),
        (["serve", "pool.toml", "--templates", "templates"], "go together: whose templates may decide"),
        (["serve", "pool.toml", "--signed-by", "keys"], "go together: whose templates may decide"),
        (["serve", "pool.toml", "--templates", "templates", "--signed-by", "other"], "is refused as a template"),
    ],
)
def test_a_mistake_is_one_sentence(folder, capsys, monkeypatch, words, said):
    monkeypatch.chdir(folder)
    assert main(["backbone", *words]) == 2
    assert said in capsys.readouterr().err
