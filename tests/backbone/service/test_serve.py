"""Serving a folder: the token, who may listen where, and kill -9 under load."""

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.service.serve import require_private, token_of
from qfl.errors import ConfigError
from qfl.seeds import stream

POOL = """
[[backend]]
name = "host"
kind = "cpu"
solver = "annealing"
[[backend]]
name = "q"
kind = "qpu"
solver = "qaoa"
simulated = true
shot-s = 1e-4
"""
KILLS = 10


def test_a_token_is_made_once_and_is_its_owners_alone(tmp_path):
    token = token_of(tmp_path)
    assert len(token) > 30 and token_of(tmp_path) == token
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "backbone.example"])
def test_an_address_that_others_can_reach_needs_a_certificate(host):
    with pytest.raises(ConfigError, match="can be reached by others"):
        require_private(host, None, None)


def test_loopback_needs_none_and_half_of_a_pair_is_refused(tmp_path):
    for host in ("127.0.0.1", "::1", "localhost"):
        require_private(host, None, None)
    with pytest.raises(ConfigError, match="go together"):
        require_private("127.0.0.1", tmp_path / "c.pem", None)
    with pytest.raises(ConfigError, match="cannot be used"):
        require_private("127.0.0.1", tmp_path / "c.pem", tmp_path / "k.pem")


class Served:
    """A service in a process of its own, which a test kills and starts again."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        (folder / "pool.toml").write_text(POOL)
        token = token_of(folder)
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {token}"}, timeout=20
        )

    def start(self) -> None:
        command = [sys.executable, "-m", "qfl", "backbone", "serve", str(self.folder / "pool.toml")]
        options = ["--folder", str(self.folder), "--port", str(self.port), "--suite", "5"]
        self.process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE)
        for _ in range(600):
            try:
                self.client.get("/health")
                return
            except httpx.TransportError:
                assert self.process.poll() is None, self.process.stderr and self.process.stderr.read()
                time.sleep(0.1)
        raise AssertionError("the service did not answer within a minute")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def problem(number: int) -> dict:
    draw = stream(number, "test", "served")
    names = [f"v{k}" for k in range(9)]
    couplings = [[names[i], names[j], float(draw.normal())] for i in range(9) for j in range(i)]
    return {"linear": {name: float(draw.normal()) for name in names}, "quadratic": couplings}


def submit_until(served: Served, stop: float, admitted: list[str]) -> None:
    """Admit jobs until a moment; what was answered counts as admitted."""
    while time.monotonic() < stop:
        name = f"job{len(admitted)}"
        job = {"name": name, "application": "qubo", "request": problem(len(admitted)), "deadline_s": 600}
        answer = served.client.post("/jobs", content=json.dumps(job))
        assert answer.status_code == 202, answer.text
        admitted.append(name)


@pytest.mark.deployment
def test_every_admitted_job_ends_exactly_once_whenever_the_orchestrator_is_killed(tmp_path):
    served, admitted, draw = Served(tmp_path), [], stream(1, "test", "kills")
    for _ in range(KILLS):
        served.start()
        submit_until(served, time.monotonic() + float(draw.uniform(0.05, 0.8)), admitted)
        served.kill()
    served.start()
    for _ in range(1200):
        if not served.client.get("/health").json()["waiting"]:
            break
        time.sleep(0.1)
    served.client.close()
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=30) in (0, 130)
    if served.process.stderr:
        served.process.stderr.close()
    with telemetry_in(tmp_path) as log:
        ended = [row["name"] for row in log.outcomes()]
        assert log.waiting() == [] and sorted(ended) == sorted(admitted) and len(set(ended)) == len(ended)
    assert len(admitted) > KILLS
