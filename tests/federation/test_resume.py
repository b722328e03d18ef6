"""A run that is interrupted at any moment, and resumed, ends bit-equal to one that was not.

Also covers qfl/federation/beginning.py, qfl/federation/state.py.
"""

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
from flwr.serverapp.strategy import FedMedian

from qfl.config import Settings
from qfl.errors import ConfigError, RunFolderError
from qfl.federation.client import train
from qfl.federation.records.messages import to_record
from qfl.federation.records.reply_status import failed
from qfl.federation.runtime.launch import run_app
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.report import write_report
from qfl.results import RunFolder
from qfl.tasks.build import build
from qfl.tasks.local import train_clients

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
from qfl.federation.runtime.launch import run_app
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


class Momentum(FedMedian):
    """A user's median with momentum, whose velocity comes to be in the first round."""

    def __init__(self, momentum):
        super().__init__(**ANY_FLEET)
        self.momentum = momentum

    def configure_train(self, server_round, arrays, config, grid):
        self.broadcast = arrays["angles"].numpy()
        return super().configure_train(server_round, arrays, config, grid)

    def aggregate_train(self, server_round, replies):
        arrays, metrics = super().aggregate_train(server_round, replies)
        assert arrays is not None
        move = arrays["angles"].numpy() - self.broadcast
        self.velocity = self.momentum * getattr(self, "velocity", 0.0) + move
        return to_record(self.broadcast + self.velocity), metrics


def test_a_users_strategy_keeps_its_state_through_rounds_failures_and_a_kill(small, federate):
    """Against the formula, on the clients' updates; the round that fails leaves no trace in the velocity."""
    settings, setup = small("whole", rounds=4), build(small())

    def second_fails(messages, contexts):
        number = messages[0].content["config"]["server-round"]
        return [failed(m, "ill") for m in messages] if number == 2 else train(messages, contexts)

    def dies_in_the_third(messages, contexts):
        if messages[0].content["config"]["server-round"] == 3:
            raise Killed
        return second_fails(messages, contexts)

    ends = {}
    for momentum in (0.0, 0.9):
        angles, velocity = setup.model.initial(settings.seed), 0.0
        for number in (1, 3, 4):
            moves = [update.angles - angles for update in train_clients(setup, angles, number, list(range(6)))]
            velocity = momentum * velocity + np.median(moves, axis=0)
            angles = angles + velocity
        whole = federate(small(f"whole{momentum}", rounds=4), second_fails, lambda *_, m=momentum: Momentum(m))
        np.testing.assert_allclose(whole.header["final"]["angles"], angles, atol=1e-12)
        cut = small(f"cut{momentum}", rounds=4)
        with pytest.raises(Killed):
            federate(cut, dies_in_the_third, lambda *_, m=momentum: Momentum(m))
        assert_same_run(federate(resumed(cut), second_fails, lambda *_, m=momentum: Momentum(m)), whole)
        ends[momentum] = whole.header["final"]["angles_sha256"]
    assert len(set(ends.values())) == 2


def test_a_strategy_that_cannot_be_resumed_is_refused_before_anything_is_trained(small, federate, tmp_path):
    def counting(settings, layout):
        strategy = Momentum(0.5)
        strategy.numbers = iter([1, 2])  # pyright: ignore[reportAttributeAccessIssue]
        return strategy

    def never(messages, contexts):
        raise AssertionError("trained")

    with pytest.raises(ConfigError, match=r"the strategy Momentum keeps 'numbers' \(a list_iterator\)"):
        federate(small(), never, counting)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("table", ["rounds", "clients"])
def test_rows_that_are_missing_are_said_on_resume_and_in_the_report(table, small, federate):
    cut = small("cut", rounds=4)
    with pytest.raises(Killed):
        federate(cut, killed_in(4))
    path = Path(cut.run.folder) / f"{table}.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    with pytest.warns(UserWarning, match=rf"{table}\.jsonl lacks .*rounds 1 to 3.*its report has a hole there"):
        folder = federate(resumed(cut))
    assert folder.header["status"] == "completed"
    page = write_report(folder).read_text()
    assert f"Missing in the run folder: {table}.jsonl lacks" in page and "rounds 1 to 3" in page


def test_clients_of_different_depth_resumed_after_a_kill_are_the_same_run(small, federate):
    flat = {"rounds": 3, "model--layers": 3, "clients--layers": "1,2,3", "strategy--name": "heterofl"}
    whole, one_by_one = federate(small("whole", **flat)), federate(small("one", backend="sequential", **flat))
    cut = small("cut", **flat)
    with pytest.raises(Killed):
        federate(cut, killed_in(2))
    assert_same_run(federate(resumed(cut)), whole)
    ends = [folder.header["final"]["angles"] for folder in (whole, one_by_one)]
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-12)
    assert {row["diagnostics"]["fewest_movers"] for row in whole.rounds()[1:]} == {2.0}
