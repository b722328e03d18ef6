"""What became of each client that was asked: accepted, rejected, missing or failed, and why.

Whatever goes wrong with a client becomes an error reply in its place, so that every asked client has exactly one
reply, Flower's strategies skip the bad ones, and the row of `clients.jsonl` is read off the reply.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flwr.app import Error, Message, RecordDict

from qfl.errors import Rejection
from qfl.federation.adapter import STOPS, ErrorCode, error_for, error_instead
from qfl.printable import MOST, printable

REJECTED, MISSING, REFUSED, UNREADABLE = 1001, 1002, 1003, 1004
LONGEST_REPORT = 10_000  # characters at the end of a client's error text, among which its last line is looked for
WORDS = {
    ErrorCode.LOAD_CLIENT_APP_EXCEPTION: "client-app-not-loaded",
    ErrorCode.CLIENT_APP_RAISED_EXCEPTION: "client-error",
    ErrorCode.MESSAGE_UNAVAILABLE: "message-unavailable",
    ErrorCode.REPLY_MESSAGE_UNAVAILABLE: "reply-unavailable",
    ErrorCode.NODE_UNAVAILABLE: "node-unavailable",
    ErrorCode.CLIENT_APP_CRASHED: "client-crashed",
    ErrorCode.UNKNOWN: "unknown-error",
    REFUSED: "broadcast-refused",
    UNREADABLE: "reply-unreadable",
}
T = TypeVar("T")


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


def judged(work: Callable[[], T]) -> T | Rejection:
    """Return what becomes of something that a stranger sent, or why it is refused.

    Whatever the work raises is the stranger's fault and never ends the run, panics of a library in another language
    included (they are no `Exception`); only what says that the run itself is over passes.

    Example:
        >>> judged(lambda: 1), judged(lambda: int("x")).reason
        (1, 'malformed')
    """
    try:
        return work()
    except Rejection as refusal:
        return refusal
    except STOPS:
        raise
    except BaseException as error:
        return Rejection("malformed", f"{type(error).__name__}: {printable(error)}")


def checked(reply: Message, check: Callable[[RecordDict], object]) -> Message:
    """Return the reply if ``check`` lets its records pass, else the error reply that takes its place."""
    if reply.has_error():
        return reply
    found = judged(lambda: check(reply.content))
    return error_instead(reply, _verdict(found)) if isinstance(found, Rejection) else reply


def answered(reply: Message) -> str:
    """Return the id of the message that something claims to be the reply to; empty for what is no reply."""
    found = judged(lambda: reply.metadata.reply_to_message_id)
    return found if isinstance(found, str) else ""


def taken(message: Message, reply: Message, check: Callable[[RecordDict], object]) -> Message:
    """Return what came as the reply to ``message``, by its metadata, if it is one and ``check`` lets it pass."""

    def read() -> Message:
        if reply.has_error():
            return readdressed(message, reply.error)
        return checked(Message(reply.content, reply_to=message), check)

    found = judged(read)
    return Message(_verdict(found), reply_to=message) if isinstance(found, Rejection) else found


def unreadable(message_id: str, error: BaseException) -> Message:
    """Return the error reply in place of one that arrived and could not be read."""
    return error_for(message_id, Error(UNREADABLE, f"{type(error).__name__}: {printable(error)}"))


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
    return Message(Error(code, _last_line(error.reason or "")), reply_to=message)


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
        return Outcome("rejected" if code == REJECTED else "missing", printable(reason), printable(detail))
    return Outcome("failed", WORDS.get(code, f"error-{code}"), _last_line(text) or None)


def _verdict(refusal: Rejection) -> Error:
    return Error(REJECTED, f"{printable(refusal.reason)}: {printable(refusal.detail)}")


def _last_line(text: str) -> str:
    """Return what an exception's text ends with, printable; a client may send any text of any length."""
    lines = [line.strip() for line in text[-LONGEST_REPORT:].split("\n")]
    return printable(next((line for line in reversed(lines) if line), ""), MOST)
