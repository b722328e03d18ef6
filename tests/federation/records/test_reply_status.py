import pytest
from flwr.app import Error, Message, MessageType, RecordDict

from qfl.errors import Rejection
from qfl.federation.adapter import ErrorCode, become_server
from qfl.federation.records.reply_status import (
    MISSING,
    REJECTED,
    Outcome,
    checked,
    failed,
    missing,
    outcome,
    readdressed,
    refused,
)


@pytest.fixture
def message():
    become_server(1)
    return Message(RecordDict(), 1007, MessageType.TRAIN)


def refuse(content):
    raise Rejection("wrong-shape", "expected (4,): got (5,)")


def stumble(content):
    raise KeyError("arrays")


def test_status_reason_and_detail_come_back_out_of_an_error_reply(message):
    reply = Message(RecordDict(), reply_to=message)
    assert outcome(checked(reply, refuse)) == Outcome("rejected", "wrong-shape", "expected (4,): got (5,)")
    assert outcome(checked(reply, stumble)) == Outcome("rejected", "malformed", "KeyError: 'arrays'")
    assert outcome(missing(message, "deadline", "late")) == Outcome("missing", "deadline", "late")
    assert outcome(failed(message, "boom")) == Outcome("failed", "client-error", "boom")
    assert outcome(refused(message, Rejection("wrong-task", "x"))) == Outcome(
        "failed", "broadcast-refused", "wrong-task: x"
    )
    assert outcome(checked(reply, lambda content: None)) == Outcome("accepted")


def test_a_traceback_is_shortened_to_its_last_line(message):
    reply = Message(
        Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, "Traceback:\n  File\nValueError: boom\n"), reply_to=message
    )
    assert outcome(reply).detail == "ValueError: boom"


@pytest.mark.parametrize("code", [REJECTED, MISSING])
def test_a_client_cannot_pose_as_the_servers_verdict(code, message):
    assert outcome(readdressed(message, Error(code, "deadline: no"))).status == "failed"


def test_a_check_is_not_asked_about_an_error(message):
    error = failed(message, "boom")
    assert checked(error, refuse) is error
