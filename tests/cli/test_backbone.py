"""``qfl backbone``. Also covers qfl/cli/backbone_commands.py."""

import json

import pytest

from qfl.backbone.infrastructure.pool import read_pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.service.app import make_app
from qfl.backbone.service.worker import Worker
from qfl.cli import main
from tests.backbone.service.conftest import AppClient

POOL = '[[backend]]\nname = "host"\nkind = "cpu"\nsolver = "exact"\n'
JOB = {"name": "a", "application": "qubo", "request": {"linear": {"x": -1.0}}, "deadline_s": 5}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder whose service answers within this process."""
    import httpx

    (tmp_path / "pool.toml").write_text(POOL)
    (tmp_path / "job.json").write_text(json.dumps(JOB))
    (tmp_path / "token").write_text("secret\n")
    with telemetry_in(tmp_path / "log") as log:
        worker = Worker(Orchestrator(read_pool(tmp_path / "pool.toml"), log))
        with worker.running():
            client = AppClient(make_app(worker, "secret"), token=None)

            def request(method, url, json=None, headers=None, **ignored):
                return client.request(method, url.removeprefix("http://127.0.0.1:8750"), json=json, headers=headers)

            monkeypatch.setattr(httpx, "request", request)
            yield tmp_path


def test_a_job_is_sent_and_its_answer_printed(folder, capsys):
    assert main(["backbone", "submit", str(folder / "job.json"), "--folder", str(folder), "--wait"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"]["answer"] == {"sample": {"x": 1}, "energy": -1.0}
    assert main(["backbone", "status", "a", "--folder", str(folder)]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "ended"
    assert main(["backbone", "status", "--folder", str(folder)]) == 0
    assert capsys.readouterr().out.startswith("a ")


def test_a_pool_is_shown(folder, capsys):
    assert main(["backbone", "pool", str(folder / "pool.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["name"] == "host"
    assert main(["backbone", "pool", str(folder / "pool.toml")]) == 0
    assert "timed as it runs" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["pool", "absent.toml"], "cannot read"),
        (["serve", "pool.toml", "--folder", "f", "--host", "0.0.0.0"], "can be reached by others"),
        (["serve", "pool.toml", "--folder", "f", "--port", "0"], "give a port from 1"),
        (["submit", "absent.json", "--folder", "."], "give a JSON file with a job"),
        (["submit", "job.json", "--folder", "nowhere"], "name the service's folder"),
        (["status", "zzz", "--folder", "."], "there is no job 'zzz'"),
        (["status", "--folder", ".", "--authority", "absent.pem"], "give the authority's PEM file"),
    ],
)
def test_a_mistake_is_one_sentence(folder, monkeypatch, capsys, words, said):
    monkeypatch.chdir(folder)
    assert main(["backbone", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_service_that_does_not_answer_is_a_sentence(tmp_path, capsys):
    (tmp_path / "token").write_text("secret\n")
    assert main(["backbone", "status", "--folder", str(tmp_path), "--url", "http://127.0.0.1:9"]) == 2
    assert "does not answer" in capsys.readouterr().err
