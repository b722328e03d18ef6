"""What became of each client that was asked: accepted, rejected, missing or failed, and why.

Whatever goes wrong with a client becomes an error reply in its place, so that every asked client has exactly one
reply, Flower's strategies skip the bad ones, and the row of `clients.jsonl` is read off the reply.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flwr.app import Error, Message, RecordDict

from qfl.errors import Rejection
from qfl.federation.adapter import ErrorCode, error_instead

REJECTED, MISSING, REFUSED = 1001, 1002, 1003
WORDS = {
    ErrorCode.LOAD_CLIENT_APP_EXCEPTION: "client-app-not-loaded",
    ErrorCode.CLIENT_APP_RAISED_EXCEPTION: "client-error",
    ErrorCode.MESSAGE_UNAVAILABLE: "message-unavailable",
    ErrorCode.REPLY_MESSAGE_UNAVAILABLE: "reply-unavailable",
    ErrorCode.NODE_UNAVAILABLE: "node-unavailable",
    ErrorCode.CLIENT_APP_CRASHED: "client-crashed",
    ErrorCode.UNKNOWN: "unknown-error",
    REFUSED: "broadcast-refused",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one client in one round.

    Args:
        status: ``accepted``, ``rejected`` (its answer is refused, or its key does not count and it was not asked),
            ``missing`` (no answer in time), or ``failed`` (the client, or the way to it, reported an error).
        reason: One machine-readable word, or None when accepted.
        detail: One sentence for people, or None.
    """

    status: str
    reason: str | None = None
    detail: str | None = None


def checked(reply: Message, check: Callable[[RecordDict], object]) -> Message:
    """Return the reply if ``check`` lets its records pass, else the error reply that takes its place.

    A reply may come from anybody, so whatever a check raises is that reply's fault and never ends the run.
    """
    if reply.has_error():
        return reply
    try:
        check(reply.content)
    except Rejection as rejection:
        return error_instead(reply, Error(REJECTED, f"{rejection.reason}: {rejection.detail}"))
    except Exception as error:
        return error_instead(reply, Error(REJECTED, f"malformed: {type(error).__name__}: {error}"))
    return reply


def missing(message: Message, reason: str, detail: str) -> Message:
    """Return the error reply that takes the place of a reply that did not come."""
    return Message(Error(MISSING, f"{reason}: {detail}"), reply_to=message)


def dropped(reply: Message, reason: str, detail: str) -> Message:
    """Return the error reply that takes the place of a reply that came too late."""
    return error_instead(reply, Error(MISSING, f"{reason}: {detail}"))


def refused(message: Message, rejection: Rejection) -> Message:
    """Return the error reply of a client that does not accept the broadcast."""
    return Message(Error(REFUSED, f"{rejection.reason}: {rejection.detail}"), reply_to=message)


def shut_out(message: Message, rejection: Rejection) -> Message:
    """Return the error reply in place of a client whose key does not count: it was not asked at all."""
    return Message(Error(REJECTED, f"{rejection.reason}: {rejection.detail}"), reply_to=message)


def readdressed(message: Message, error: Error) -> Message:
    """Return an error that a client reported as the reply to ``message``; it cannot pose as the server's verdict."""
    code = ErrorCode.UNKNOWN if error.code in (REJECTED, MISSING) else error.code
    return Message(Error(code, error.reason), reply_to=message)


def failed(message: Message, detail: str) -> Message:
    """Return the error reply of a client whose training raised an exception."""
    return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, detail), reply_to=message)


def outcome(reply: Message) -> Outcome:
    """Return what a reply says became of its client."""
    if not reply.has_error():
        return Outcome("accepted")
    code, text = reply.error.code, reply.error.reason or ""
    if code in (REJECTED, MISSING):
        reason, _, detail = text.partition(": ")
        return Outcome("rejected" if code == REJECTED else "missing", reason, detail)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return Outcome("failed", WORDS.get(code, f"error-{code}"), lines[-1][:300] if lines else None)
