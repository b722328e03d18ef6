"""A reply is decoded once, says what became of it, and is never changed."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp.strategy import FedMedian

from qfl.errors import Rejection
from qfl.federation.adapter import become_server
from qfl.federation.records import messages
from qfl.federation.records.messages import ARRAYS, METRICS, UPDATE, reply_content, to_record
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import missing
from qfl.federation.records.rows import client_rows

SENT = np.zeros(3)
METRIC = {
    "num-examples": 4,
    "train_loss": 0.5,
    "loss": 0.25,
    "accuracy": 0.75,
    "noise": 0.0,
    "shots": 0,
    "extra-shots": 0,
}


@pytest.fixture
def reply():
    become_server(1)
    asked = Asked(7, Message(RecordDict({"arrays": to_record(SENT)}), 1007, "train"))
    return Reply(asked, content=reply_content(np.array([1.0, 2.0, 3.0]), METRIC, b"cose", "source"))


def refuse(reply):
    raise Rejection("wrong-shape", "expected (4,): got (5,)")


def stumble(reply):
    raise KeyError("arrays")


def test_a_step_that_refuses_or_stumbles_is_the_replys_status(reply):
    for step, reason, detail in (
        (refuse, "wrong-shape", "expected (4,): got (5,)"),
        (stumble, "malformed", "KeyError: 'arrays'"),
    ):
        found = reply.passed(step).status
        assert (found.status, found.reason, found.detail) == ("rejected", reason, detail)
    assert reply.passed(lambda same: same) is reply


def test_no_step_is_asked_about_a_reply_that_is_dropped(reply):
    dropped = replace(reply, status=missing("deadline", "late"))
    assert dropped.passed(refuse) is dropped
    assert Exchange((dropped,)).verified(stumble).replies == (dropped,)


def test_nothing_of_a_reply_can_be_written_to(reply):
    decoded = reply.decoded(SENT)
    with pytest.raises(FrozenInstanceError):
        decoded.seconds = 1.0
    with pytest.raises(ValueError, match="read-only"):
        decoded.angles[0] = 9.0


def test_what_is_not_the_broadcasts_form_is_refused_when_it_is_decoded(reply):
    for sent, reason in ((np.zeros(4), "wrong-shape"), (np.zeros(3, np.float32), "wrong-dtype")):
        assert reply.passed(lambda own, sent=sent: own.decoded(sent)).status.reason == reason
    bare = replace(reply, content=RecordDict({**reply.content, METRICS: ConfigRecord()}))
    assert bare.passed(lambda own: own.decoded(SENT)).status.reason == "wrong-metrics"


def test_a_strategy_gets_the_records_with_the_decoded_vector_or_the_error(reply):
    lying = ArrayRecord({"angles": Array("object", (10**9,), "pickle", reply.content[ARRAYS]["angles"].data)})
    message = replace(reply, content=RecordDict({**reply.content, ARRAYS: lying})).decoded(SENT).to_message()
    assert list(message.content) == [ARRAYS, METRICS, UPDATE] and message.metadata.src_node_id == 1007
    assert message.content[ARRAYS]["angles"].numpy().tolist() == [1.0, 2.0, 3.0]
    assert message.content[METRICS] == MetricRecord(METRIC)
    error = replace(reply, status=missing("deadline", "late")).to_message()
    assert (error.error.code, error.error.reason, error.metadata.src_node_id) == (1002, "deadline: late", 1007)


def test_a_strategy_that_empties_its_messages_takes_nothing_from_the_rows(reply):
    """Flower's median does."""
    decoded = reply.decoded(SENT)
    before = client_rows(1, [decoded], "accuracy")
    FedMedian().aggregate_train(1, [decoded.to_message()])
    assert client_rows(1, [decoded], "accuracy") == before and before[0]["loss"] == 0.25


def test_every_message_of_a_round_is_decoded_once(small, federate, monkeypatch):
    """The six clients of one process read the broadcast that they share, and the server reads each of six replies."""
    read, once = [], messages.read_array
    monkeypatch.setattr(messages, "read_array", lambda array, *form: read.append(array) or once(array, *form))
    assert federate(small(rounds=1)).rounds()[1]["accepted"] == 6
    assert len(read) == 1 + 6
