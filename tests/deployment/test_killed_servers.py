"""The server's process is killed, as `kill -9` does it, in every step of a round whose updates it sees as a sum alone.

One run of as many rounds as there are steps is killed in another step of each, when all before it have been answered,
and once between the sum and the checkpoint; a new process takes it up each time, and it ends where a run ends that
nobody touched. (Killed between the last answers and the sum on the disk, a masked round is lost, and says so: clients
give their shares once. `tests/federation/masking/test_grid.py` has that.)
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import qfl

pytestmark = pytest.mark.deployment
CHECKOUT = Path(qfl.__file__).parent.parent
KILLED = """
import os, signal, sys

from qfl.federation.masking import grid, steps

step, number = os.environ["KILLED_IN"], int(os.environ["KILLED_AT"])


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def ask(self, name, *given, **more):
    if (name, self.start.round) == (step, number):
        die()
    return honest_ask(self, name, *given, **more)


def train(self, work):
    if (step, self.start.round) == ("train", number):
        die()
    return honest_train(self, work)


def save_sum(path, at, found):
    honest_save(path, at, found)
    if (step, at) == ("kept", number):
        die()


honest_ask, honest_train, honest_save = steps.Steps.ask, steps.Steps.train, grid.save_sum
steps.Steps.ask, steps.Steps.train, grid.save_sum = ask, train, save_sum
"""
MAIN = "import sys; from qfl.cli import main; sys.exit(main())"
STEPS = {
    "masked": ("advertise", "share", "train", "agree", "unmask", "kept"),
    "ckks": ("key", "train", "open", "kept"),
}


def command(words, code=MAIN, **variables):
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)} | variables
    done = subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("aggregation", STEPS)
def test_a_server_killed_in_every_step_ends_where_it_would_have(tmp_path, aggregation):
    if aggregation == "ckks":
        pytest.importorskip("tenseal", reason="TenSEAL is not installed")
    steps = STEPS[aggregation]
    flat = {
        "rounds": len(steps),
        "precision": "double",
        "clients.count": 4,
        "model.layers": 1,
        "train.local-steps": 1,
        "security.algorithm": "ML-DSA-44",
        "security.aggregation": aggregation,
    }
    file = tmp_path / "run.toml"
    file.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in flat.items()))
    code, whole, errors = command(["run", str(file), "--set", f"run.folder={tmp_path / 'whole'}", "--json"])
    assert code == 0, errors
    words = ["run", str(file), "--set", f"run.folder={tmp_path / 'cut'}", "--json"]
    for number, step in enumerate(steps, start=1):
        code, _, errors = command(words, KILLED + MAIN, KILLED_IN=step, KILLED_AT=str(number))
        assert code == -signal.SIGKILL, errors
        words = ["run", "--resume", str(tmp_path / "cut"), "--json"]
    code, cut, errors = command(words)
    assert code == 0, errors
    assert json.loads(cut)["angles_sha256"] == json.loads(whole)["angles_sha256"]
    rows = [json.loads(line) for line in (tmp_path / "cut" / "rounds.jsonl").read_text().splitlines()]
    assert [row["failure"] for row in rows[1:]] == [None] * len(steps)
