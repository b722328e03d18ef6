"""What became of each client that was asked: accepted, rejected, missing or failed, and why.

Whatever goes wrong with a client becomes the status of its reply, so that every asked client has exactly one. Flower's
strategies get an error in its place and skip it; the row of `clients.jsonl` is read off the status.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from flwr.app import Error, Message

from qfl.errors import Rejection
from qfl.federation.adapter import STOPS, ErrorCode, error_for
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
class ReplyStatus:
    """What became of one client in one round.

    Args:
        status: ``accepted``, ``rejected`` (its answer is refused, or its key does not count and it was not asked),
            ``missing`` (no answer in time), or ``failed`` (the client, or the way to it, reported an error).
        reason: One machine-readable word, or None when accepted.
        detail: One sentence for people, or None.
        code: Of the error that a strategy gets to see in the reply's place.
    """

    status: str
    reason: str | None = None
    detail: str | None = None
    code: int = field(default=ErrorCode.UNKNOWN, compare=False)

    def error(self) -> Error:
        """Return the error that a strategy gets to see in the reply's place."""
        text = self.detail or "" if self.status == "failed" else f"{self.reason}: {self.detail}"
        return Error(self.code, text)


ACCEPTED = ReplyStatus("accepted")


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


def answered(reply: Message) -> str:
    """Return the id of the message that something claims to be the reply to; empty for what is no reply."""
    found = judged(lambda: reply.metadata.reply_to_message_id)
    return found if isinstance(found, str) else ""


def unreadable(message_id: str, error: BaseException) -> Message:
    """Return the error reply in place of one that arrived and could not be read."""
    return error_for(message_id, Error(UNREADABLE, f"{type(error).__name__}: {printable(error)}"))


def refused(message: Message, rejection: Rejection) -> Message:
    """Return the error reply of a client that does not accept the broadcast."""
    return Message(Error(REFUSED, f"{rejection.reason}: {rejection.detail}"), reply_to=message)


def failed(message: Message, detail: str) -> Message:
    """Return the error reply of a client whose training raised an exception."""
    return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, detail), reply_to=message)


def rejected(refusal: Rejection) -> ReplyStatus:
    """Return the status of a client whose answer, or whose key, is refused."""
    return ReplyStatus("rejected", printable(refusal.reason), printable(refusal.detail), REJECTED)


def missing(reason: str, detail: str) -> ReplyStatus:
    """Return the status of a client whose reply did not come, or too late."""
    return ReplyStatus("missing", reason, detail, MISSING)


def status_of(reply: Message) -> ReplyStatus:
    """Return what a reply says, as it arrived, of its client; nobody can pose as the server's verdict."""
    if not reply.has_error():
        return ACCEPTED
    code = ErrorCode.UNKNOWN if reply.error.code in (REJECTED, MISSING) else reply.error.code
    return ReplyStatus("failed", WORDS.get(code, f"error-{code}"), _last_line(reply.error.reason or "") or None, code)


def _last_line(text: str) -> str:
    """Return what an exception's text ends with, printable; a client may send any text of any length."""
    lines = [line.strip() for line in text[-LONGEST_REPORT:].split("\n")]
    return printable(next((line for line in reversed(lines) if line), ""), MOST)
