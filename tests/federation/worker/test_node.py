"""Our own node: what its trainer says is what the server hears, and what ends a trainer ends nothing else."""

import os
import time

import pytest
from flwr.app import ConfigRecord, RecordDict

from qfl.federation.adapter import ErrorCode, RunNotRunningException
from qfl.federation.worker import resident
from qfl.federation.worker.node import Node
from tests.federation.worker.conftest import NODE


@pytest.fixture
def node(superlink, tmp_path):
    """Give a node whose SuperLink is in memory; its trainers end with the test."""
    (tmp_path / "state").mkdir()
    yield Node(superlink.fleet(), {"partition-id": 3, "num-partitions": 4, "home": str(tmp_path)})
    for trainer in resident._started:
        trainer.kill()
        trainer.wait()


def asked(superlink, node, what):
    message_id = superlink.ask(RecordDict({"asked": ConfigRecord({"what": what})}))
    assert node.step()
    reply = superlink.reply()
    assert reply.metadata.reply_to_message_id == message_id
    return reply


def test_a_message_is_answered_by_the_runs_own_app_in_one_process_that_stays(superlink, node):
    first, second = (dict(asked(superlink, node, what).content["said"]) for what in ("one", "two"))
    assert first["pid"] == second["pid"] != os.getpid()
    assert (first["what"], second["what"]) == ("one", "two")
    assert (first["client"], first["node"], first["rounds"], first["name"]) == (3, NODE, 5, "by default")


@pytest.mark.parametrize("what", ["die", "exit"])
def test_a_trainer_that_ends_is_an_error_at_once_and_the_next_message_has_another(superlink, node, what):
    before = asked(superlink, node, "before").content["said"]["pid"]
    began = time.monotonic()
    reply = asked(superlink, node, what)
    assert reply.error.code == ErrorCode.CLIENT_APP_CRASHED and "ended in the middle of a message" in reply.error.reason
    assert time.monotonic() - began < 5
    assert asked(superlink, node, "after").content["said"]["pid"] != before


def test_an_exception_of_the_app_is_an_error_in_its_words(superlink, node):
    reply = asked(superlink, node, "raise")
    assert reply.error.code == ErrorCode.CLIENT_APP_RAISED_EXCEPTION
    assert reply.error.reason == "ZeroDivisionError: as it was asked to"


def test_a_bundle_that_is_not_the_runs_is_an_error_and_starts_nothing(superlink, node, tmp_path):
    superlink.bundle += b"\0"
    assert "not the one that the run names" in asked(superlink, node, "one").error.reason
    assert not (tmp_path / "logs" / "trainer.log").exists()


def test_a_run_that_is_over_costs_the_node_nothing(superlink, node, capsys):
    def over(run_id, name):
        raise RunNotRunningException

    superlink.ask(RecordDict({"asked": ConfigRecord({"what": "one"})}))
    superlink.pull, honest = over, superlink.pull
    object.__setattr__(node.fleet, "pull", over)
    assert node.step() and not superlink.replies and "dropped: the run is over" in capsys.readouterr().out
    object.__setattr__(node.fleet, "pull", honest)
    assert asked(superlink, node, "two").content["said"]["what"] == "two"


def test_a_message_that_cannot_be_read_is_told_and_the_node_goes_on(superlink, node, capsys):
    superlink.ask(RecordDict({"asked": ConfigRecord({"what": "one"})}))
    superlink.objects.clear()
    assert node.step() and not superlink.replies and "not answered: KeyError" in capsys.readouterr().out
    assert asked(superlink, node, "two").content["said"]["what"] == "two"


def test_without_a_message_there_is_nothing_to_do(superlink, node):
    assert not node.step() and not superlink.replies
