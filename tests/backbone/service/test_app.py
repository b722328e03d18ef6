"""The control plane over HTTP. Also covers qfl/backbone/service/worker.py."""

import json

import pytest

from qfl.backbone.applications.autoencoder import learn as training
from qfl.backbone.applications.forecast import forecasters
from qfl.backbone.applications.posed import APPLICATIONS
from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.service.app import make_app
from qfl.backbone.service.worker import Worker
from tests.backbone.service.conftest import AppClient

POOL = Pool((Backend("host", "cpu", "exact"), Backend("q", "qpu", "qaoa", simulated=True, shot_s=1e-4)))
JOB = {"name": "a", "application": "qubo", "request": {"linear": {"x": -1.0, "y": 1.0}}, "deadline_s": 5}


@pytest.fixture
def client(tmp_path):
    with telemetry_in(tmp_path) as log:
        worker = Worker(Orchestrator(POOL, log, suite=2))
        with worker.running():
            yield AppClient(make_app(worker, "secret"))


def test_a_controller_asks_and_is_answered_and_need_not_know_by_whom(client):
    answer = client.post("/optimize", json=JOB).json()
    assert answer["state"] == "ended" and answer["in_time"]
    assert answer["outcome"]["answer"] == {"sample": {"x": 1, "y": 0}, "energy": -1.0}
    assert client.get("/jobs/a").json() == answer
    (decision,) = client.get("/decisions").json()
    assert decision["name"] == "a" and decision["reason"]
    assert [row["name"] for row in client.get("/pool").json()] == ["host", "q"]
    assert client.get("/health").json() == {"waiting": 0, "learned": 1}


def test_the_same_job_twice_is_one_job(client):
    first, second = client.post("/jobs", json=JOB), client.post("/jobs", json=JOB)
    assert first.status_code == second.status_code == 202 and first.json() == second.json()
    assert client.post("/optimize", json=JOB).json()["number"] == 1


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "the body is no JSON"),
        (b"[]", 400, "no JSON object"),
        (b'{"a": 1, "a": 2}', 400, "twice"),
        (b"[" * 5000, 400, "levels"),
        (b" " * (2**20 + 1), 413, "more than 1,048,576 bytes"),
        ({}, 422, "'name' is missing"),
        ({**JOB, "colour": 1}, 422, "unknown word 'colour'"),
        ({**JOB, "deadline_s": -1}, 422, "deadline_s is -1"),
        ({**JOB, "deadline_s": "soon"}, 422, "'deadline_s' is 'soon'; expected a number"),
        ({**JOB, "name": "a/b"}, 422, "without a slash"),
        ({**JOB, "name": ""}, 422, "1 to 200 characters"),
        ({**JOB, "application": "magic"}, 422, "is no application"),
        ({**JOB, "request": {"linear": {"x": "one"}}}, 422, "give a finite number"),
    ],
)
def test_a_mistake_is_a_sentence_with_a_status_and_nothing_is_admitted(client, body, status, said):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for path in ("/jobs", "/optimize"):
        answer = client.post(path, content=content)
        assert answer.status_code == status and said in answer.json()["error"], answer.text
    assert client.get("/health").json()["waiting"] == 0 and client.get("/decisions").json() == []


@pytest.mark.parametrize(
    ("path", "status"), [("/jobs/none", 404), ("/nothing", 404), ("/decisions?last=0", 422), ("/decisions?last=x", 422)]
)
def test_what_is_not_there_is_said(client, path, status):
    answer = client.get(path)
    assert answer.status_code == status and answer.json()["error"]


def test_a_name_of_another_content_is_a_conflict(client):
    client.post("/jobs", json=JOB)
    answer = client.post("/jobs", json={**JOB, "request": {"linear": {"x": 2.0}}})
    assert answer.status_code == 409 and "another content" in answer.json()["error"]


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer gehe\u00efm"}])
def test_nothing_is_said_without_the_token(client, given):
    client.headers = {}
    for path in ("/health", "/pool", "/openapi.json", "/jobs/a"):
        headers = {name: value.encode("latin-1") for name, value in given.items()}
        assert client.get(path, headers=headers).status_code == 401


def test_the_schema_says_what_a_job_is(client):
    schema = client.get("/openapi.json").json()
    body = schema["paths"]["/jobs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["application"]["enum"] == list(APPLICATIONS)


def test_a_code_is_learned_over_http(client, monkeypatch):
    monkeypatch.setattr(training, "STEPS", 3)
    answer = client.post("/learn", json={"snr_db": 4, "words": 1000}).json()["answer"]
    assert len(answer["symbols"]) == 16 and answer["interval"][0] <= answer["block_error"] <= answer["interval"][1]
    refused = client.post("/learn", json={"snr_db": 99})
    assert refused.status_code == 422 and "give Eb/N0 in dB" in refused.json()["error"]


def test_rows_are_scored_and_a_series_is_foretold_over_http(client, monkeypatch):
    monkeypatch.setattr(forecasters, "STEPS", 20)
    pytest.importorskip("sklearn")
    rows = [[float(k % 7), k % 3 + 9.0 * (k > 17)] for k in range(24)]
    body = {"train": rows, "labels": [0] * 18 + [1] * 6, "rows": [[3.0, 1.0], [3.0, 10.0]], "qubits": 2}
    low, high = client.post("/detect", json=body).json()["answer"]["scores"]
    assert low < high
    refused = client.post("/detect", json={**body, "labels": []})
    assert refused.status_code == 422 and "give a label" in refused.json()["error"]
    unknown = client.post("/detect", json={**body, "checkpoint": "north"})
    assert unknown.status_code == 422 and "is of no registry" in unknown.json()["error"]
    series = client.post("/predict", json={"series": [float(k % 96) for k in range(400)], "ahead": 1}).json()
    assert series["answer"]["value"] == pytest.approx(400 % 96, abs=3)
    assert client.post("/predict", json={"series": "x"}).status_code == 422
    assert client.post("/predict", content=b"{").status_code == 400
