import pytest
from flwr.app import Error, Message, MessageType, RecordDict

from qfl.errors import Rejection
from qfl.federation.adapter import ErrorCode, become_server
from qfl.federation.records.reply_status import (
    ACCEPTED,
    MISSING,
    REJECTED,
    ReplyStatus,
    failed,
    missing,
    refused,
    rejected,
    status_of,
)


@pytest.fixture
def message():
    become_server(1)
    return Message(RecordDict(), 1007, MessageType.TRAIN)


def test_status_reason_and_detail_come_out_of_a_clients_error_and_go_into_the_strategys(message):
    words = [
        (failed(message, "boom"), ReplyStatus("failed", "client-error", "boom"), "boom"),
        (
            refused(message, Rejection("wrong-task", "x")),
            ReplyStatus("failed", "broadcast-refused", "wrong-task: x"),
            "wrong-task: x",
        ),
        (Message(Error(77), reply_to=message), ReplyStatus("failed", "error-77"), ""),
    ]
    for reply, status, text in words:
        assert status_of(reply) == status
        assert (status_of(reply).error().code, status_of(reply).error().reason) == (reply.error.code, text)
    assert status_of(Message(RecordDict(), reply_to=message)) == ACCEPTED


def test_a_verdict_of_the_servers_is_an_error_with_the_reason_first():
    late, wrong = missing("deadline", "late"), rejected(Rejection("wrong-shape", "expected (4,): got (5,)"))
    assert (late.error().code, late.error().reason) == (MISSING, "deadline: late")
    assert (wrong.error().code, wrong.error().reason) == (REJECTED, "wrong-shape: expected (4,): got (5,)")
    assert (wrong.status, wrong.reason, wrong.detail) == ("rejected", "wrong-shape", "expected (4,): got (5,)")


def test_a_traceback_is_shortened_to_its_last_line(message):
    reply = Message(
        Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, "Traceback:\n  File\nValueError: boom\n"), reply_to=message
    )
    assert status_of(reply).detail == status_of(reply).error().reason == "ValueError: boom"


@pytest.mark.parametrize("code", [REJECTED, MISSING])
def test_a_client_cannot_pose_as_the_servers_verdict(code, message):
    found = status_of(Message(Error(code, "deadline: no"), reply_to=message))
    assert (found.status, found.error().code) == ("failed", ErrorCode.UNKNOWN)
