"""What the front reads of Flower's requests to know who waits for what: numbers and texts by field, and no more.

Flower itself stays behind the front (import-linter keeps it out of this package), so protobuf's wire format is read
here: every field is a number and a value, varint, bytes, or fixed. A test compares with Flower's own classes.
"""

from collections.abc import Iterator

MOST_BYTES = 64 * 1024  # of a body that is read; ours are below a kilobyte
_FIXED = {1: 8, 5: 4}  # bytes by wire type


def asking_node(body: bytes) -> int | None:
    """Return the node that asks for work, from a ``PullMessagesRequest``; None where it names none."""
    found = (node for who in _inside(body, 1) for number, node in fields(who) if number == 1)
    return next((node for node in found if isinstance(node, int)), None)


def answered_messages(body: bytes) -> list[str]:
    """Return the messages that replies are to, from a ``PushMessagesRequest``."""
    heads = (head for message in _inside(body, 2) for head in _inside(message, 1))
    return [str(found, "ascii", "replace") for head in heads for found in _inside(head, 5)]


def wanted_objects(answer: bytes) -> int:
    """Return how many objects of replies are still to come, from a ``PushMessagesResponse``."""
    return sum(1 for _ in _inside(answer, 3))


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    r"""Give the fields of a protobuf message, by number; what is no message ends early.

    Example:
        >>> list(fields(b"\x08\x96\x01\x12\x02hi"))
        [(1, 150), (2, b'hi')]
    """
    at = 0
    while at < len(data) <= MOST_BYTES:
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind in _FIXED:
            size = _FIXED[kind]
        elif kind == 2:
            size, at = _varint(data, at)
        elif kind == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        else:
            return
        if at + size > len(data):
            return
        yield number, data[at : at + size]
        at += size


def _inside(data: bytes, wanted: int) -> Iterator[bytes]:
    return (value for number, value in fields(data) if number == wanted and isinstance(value, bytes))


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number and the place behind it; one that does not end is as long as the data."""
    value = shift = 0
    while at < len(data) and shift < 70:
        value, shift, byte = value | (data[at] & 0x7F) << shift, shift + 7, data[at]
        at += 1
        if byte < 0x80:
            return value, at
    return value, len(data)
