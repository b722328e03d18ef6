"""A run that is interrupted at any moment, and resumed, ends bit-equal to one that was not."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flwr.app import Message

from qfl.config import Settings
from qfl.errors import RunFolderError
from qfl.federation.client import train
from qfl.federation.launch import run_app
from qfl.results import RunFolder

ROOT = Path(__file__).resolve().parents[2]
STATEFUL = ("fedavgm", "fedadam", "circular")
PLAIN = ("accuracy", "loss", "angles_sha256", "train_loss", "train_accuracy", "asked", "accepted", "diagnostics")


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def killed_in(round_number):
    def batch(messages, contexts):
        if messages[0].content["config"]["server-round"] == round_number:
            raise Killed
        return train(messages, contexts)

    return batch


def resumed(settings):
    return replace(settings, run=replace(settings.run, resume=True))


def assert_same_run(one, other):
    assert one.header["final"]["angles_sha256"] == other.header["final"]["angles_sha256"]
    for a, b in zip(one.rounds(), other.rounds(), strict=True):
        assert {key: a[key] for key in PLAIN} == {key: b[key] for key in PLAIN}
    assert [(r["round"], r["client"], r["drift"]) for r in one.clients()] == [
        (r["round"], r["client"], r["drift"]) for r in other.clients()
    ]
    for name, array in one.load_checkpoint()[1].items():
        np.testing.assert_array_equal(array, other.load_checkpoint()[1][name])


@pytest.mark.parametrize("strategy", STATEFUL)
def test_resumed_after_a_kill_in_any_round_it_is_the_same_run(strategy, small, federate):
    flat = {"rounds": 4, "strategy--name": strategy, "clients--per-round": 4, "precision": "single"}
    whole = federate(small("whole", **flat))
    for round_number in (1, 2, 4):
        cut = small(f"cut{round_number}", **flat)
        with pytest.raises(Killed):
            federate(cut, killed_in(round_number))
        assert RunFolder(cut.run.folder).header["status"] == "running"
        assert_same_run(federate(resumed(cut)), whole)


def test_rows_later_than_the_checkpoint_are_run_again(small, federate):
    flat = {"rounds": 5, "round--checkpoint-every": 3}
    whole, cut = federate(small("whole", **flat)), small("cut", **flat)
    with pytest.raises(Killed):
        federate(cut, killed_in(3))
    assert len(RunFolder(cut.run.folder).rounds()) == 3 and RunFolder(cut.run.folder).load_checkpoint()[0] == 0
    assert_same_run(federate(resumed(cut)), whole)


def test_a_kill_between_the_rows_and_the_checkpoint_does_no_harm(small, federate, monkeypatch):
    """The rows are written first; here the process dies before the checkpoint of round 2 is."""
    whole, cut, save = federate(small("whole")), small("cut"), RunFolder.save_checkpoint

    def die(self, number, *rest):
        if number == 2:
            raise Killed
        save(self, number, *rest)

    monkeypatch.setattr(RunFolder, "save_checkpoint", die)
    with pytest.raises(Killed):
        federate(cut)
    monkeypatch.undo()
    assert len(RunFolder(cut.run.folder).rounds()) == 3
    assert_same_run(federate(resumed(cut)), whole)


def test_a_completed_run_can_be_given_more_rounds(small, federate):
    longer = federate(small("longer", rounds=3))
    shorter = small("shorter", rounds=2)
    federate(shorter)
    assert_same_run(federate(replace(resumed(shorter), rounds=3)), longer)


def test_old_signed_replies_do_not_count_in_the_resumed_run(small, federate):
    """The nonce of every broadcast is fresh, so a reply kept from before the kill answers another question."""
    cut, kept = small("cut", rounds=2), []

    def keep_then_die(messages, contexts):
        replies = train(messages, contexts)
        if messages[0].content["config"]["server-round"] == 2:
            kept.extend(reply.content for reply in replies)
            raise Killed
        return replies

    with pytest.raises(Killed):
        federate(cut, keep_then_die)

    def replay(messages, contexts):
        replies = train(messages, contexts)
        return [Message(kept[0], reply_to=messages[0]), *replies[1:]]

    rows = federate(resumed(cut), replay).clients()
    assert [row["reason"] for row in rows if row["round"] == 2] == ["wrong-nonce", None, None, None, None, None]


def test_what_is_no_run_cannot_be_resumed(small, federate):
    with pytest.raises(RunFolderError, match="is no run folder"):
        federate(resumed(small()))


FLAT = {
    "rounds": 40,
    "clients.count": 4,
    "model.layers": 1,
    "train.local-steps": 1,
    "strategy.name": "fedadam",
    "security.algorithm": "ML-DSA-44",
}
SCRIPT = """
import json, sys
from qfl.config import Settings
from qfl.federation.launch import run_app
run_app(Settings.from_flat(json.loads(sys.argv[1])), sys.argv[2])
"""


def test_kill_nine_of_the_process_and_resume_it_is_the_same_run(tmp_path):
    cut, whole = tmp_path / "cut", tmp_path / "whole"
    command = [sys.executable, "-c", SCRIPT, json.dumps({**FLAT, "run.folder": str(cut)}), str(ROOT)]
    process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
    rows, end = cut / "rounds.jsonl", time.monotonic() + 180
    while not (rows.is_file() and rows.read_bytes().count(b"\n") > 5) and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 5 < len(RunFolder(cut).rounds()) < 41
    run_app(Settings.from_flat({**FLAT, "run.folder": str(cut), "run.resume": True}), ROOT)
    run_app(Settings.from_flat({**FLAT, "run.folder": str(whole)}), ROOT)
    assert_same_run(RunFolder(cut), RunFolder(whole))
