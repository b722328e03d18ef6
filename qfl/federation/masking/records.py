"""The records of a masked round's messages, in and out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flwr.app import ConfigRecord, RecordDict

from qfl.errors import Rejection

MASKING, BOXES = "qfl.masking", "qfl.boxes"
SESSION = "masking"  # in a broadcast's settings, signed: the nonce of the masked round that the update belongs to
ADVERTISE, SHARE, TRAIN, AGREE, UNMASK = "advertise", "share", "train", "agree", "unmask"


@dataclass(frozen=True)
class Request:
    """What the server asks of a client in one step.

    Args:
        step: Which.
        run_id: The run's 16 random bytes.
        statements: Signed, by whomever; a client believes none before it has verified it.
    """

    step: str
    run_id: bytes
    statements: tuple[bytes, ...]

    def content(self) -> RecordDict:
        """Return the records."""
        values = {"step": self.step, "run-id": self.run_id, "statements": list(self.statements)}
        return RecordDict({MASKING: ConfigRecord(values)})


def request_in(content: RecordDict) -> Request | None:
    """Return what a message asks for; None for one that is no step of a masked round.

    Raises:
        Rejection: ``malformed`` if it is half of one.
    """
    record = content.get(MASKING)
    if not isinstance(record, ConfigRecord):
        return None
    match dict(record):
        case {"step": str(step), "run-id": bytes(run_id), "statements": list(statements)} if len(run_id) == 16:
            return Request(step, run_id, tuple(each for each in statements if isinstance(each, bytes)))
        case _:
            raise Rejection("malformed", "expected step, run-id and statements under 'qfl.masking'")


def answer_content(statement: bytes) -> RecordDict:
    """Return the records of a client's answer."""
    return RecordDict({MASKING: ConfigRecord({"statement": statement})})


def statement_in(content: RecordDict) -> bytes:
    """Return the statement of a client's answer.

    Raises:
        Rejection: ``unsigned`` if there is none.
    """
    record = content.get(MASKING)
    found = record.get("statement") if isinstance(record, ConfigRecord) else None
    if set(content) != {MASKING} or not isinstance(found, bytes):
        raise Rejection("unsigned", "expected one statement under 'qfl.masking'")
    return found


def boxes_record(boxes: Mapping[int, tuple[bytes, bytes]]) -> ConfigRecord:
    """Return the record of the boxes that neighbours sent to a client."""
    shares, pairs = [box for box, _ in boxes.values()], [pair for _, pair in boxes.values()]
    return ConfigRecord({"senders": list(boxes), "shares": shares, "pairs": pairs})


def boxes_in(content: RecordDict) -> dict[int, tuple[bytes, bytes]]:
    """Return the boxes of `boxes_record`.

    Raises:
        Rejection: ``wrong-mode`` if there are none: what asks for a plain update, where updates are masked.
    """
    record = content.get(BOXES)
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"senders": list(senders), "shares": list(shares), "pairs": list(pairs)}:
            return _paired(senders, shares, pairs)
        case _:
            raise Rejection("wrong-mode", "the broadcast asks for a plain update, and this run's are masked")


def _paired(senders: Sequence, shares: Sequence, pairs: Sequence) -> dict[int, tuple[bytes, bytes]]:
    if not len(senders) == len(shares) == len(pairs):
        raise Rejection("malformed", "boxes that are not two for each sender")
    return {sender: (share, pair) for sender, share, pair in zip(senders, shares, pairs, strict=True)}
