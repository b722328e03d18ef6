"""Read the one encoding of CBOR that is signed here, and nothing else of CBOR (RFC 8949, section 4.2).

A general decoder builds dates, fractions, patterns and numbers of any length out of tags, which may cost whoever reads
a stranger's kilobyte a second. This one knows integers of 64 bits, floats, byte strings, text, lists, maps, booleans
and null; no tags, no indefinite lengths. Lengths are the shortest; the keys of a map are integers or text, in order and
all different. How many values there may be at which depth is said beforehand, so the cost is bounded by that.
"""

import struct
from typing import Any

from qfl.security.reasons import rejection

MOST_VALUES, MOST_LEVELS = 64, 4
_SIMPLE = {20: False, 21: True, 22: None}
_FLOATS = {25: struct.Struct(">e"), 26: struct.Struct(">f"), 27: struct.Struct(">d")}


def decode(
    data: bytes,
    reason: str,
    *,
    values: int = MOST_VALUES,
    levels: int = MOST_LEVELS,
    start: int = 0,
    prefix: bool = False,
) -> Any:
    """Return the value that the bytes encode.

    Args:
        data: One value, and nothing after it.
        reason: The reason of `qfl.security.reasons.REASONS` for which other bytes are refused.
        values: Values there may be, entries of lists and maps included.
        levels: Lists and maps there may be within one another.
        start: Where in the bytes the value begins.
        prefix: True if the caller itself makes sure that nothing comes after the value.

    Raises:
        Rejection: ``reason``, or ``not-canonical`` if it is CBOR, but not the one encoding of its content.

    Example:
        >>> decode(bytes.fromhex("a2011903e8044161"), "bad-claims")
        {1: 1000, 4: b'a'}
        >>> decode(bytes.fromhex("d8236128"), "bad-claims")
        Traceback (most recent call last):
        qfl.errors.Rejection: bad-claims: the claims lack an entry, ... (byte 0: a tag)
    """
    reader = _Reader(data, reason, values, start)
    value = reader.value(levels)
    if reader.offset != len(data) and not prefix:
        raise rejection("not-canonical", f"{len(data) - reader.offset} bytes after the end")
    return value


class _Reader:
    """Where in the bytes we are, and how many values may still come."""

    def __init__(self, data: bytes, reason: str, values: int, start: int):
        self.data, self.reason, self.left, self.offset = data, reason, values, start

    def value(self, levels: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise self.fault("too many values")
        kind, count = self.head()
        if kind == 0:
            return count
        if kind == 1:
            return -1 - count
        if kind == 2:
            return self.take(count)
        if kind == 3:
            return self.text(count)
        if kind == 7:
            return count
        if levels == 0:
            raise self.fault("too many levels")
        if count > self.left:
            raise self.fault("too many values")
        return [self.value(levels - 1) for _ in range(count)] if kind == 4 else self.map(count, levels - 1)

    def map(self, count: int, levels: int) -> dict[int | str, Any]:
        entries: dict[int | str, Any] = {}
        before = b""
        for _ in range(count):
            start = self.offset
            key = self.value(0)
            if isinstance(key, bool | float):
                raise rejection("not-canonical", f"byte {start}: a key that is but equal to an integer")
            if not isinstance(key, int | str):
                raise self.fault("a key that is neither integer nor text")
            encoded = self.data[start : self.offset]
            if entries and (len(encoded), encoded) <= (len(before), before):
                raise rejection("not-canonical", f"byte {start}: a key twice or out of order")
            entries[key], before = self.value(levels), encoded
        return entries

    def head(self) -> tuple[int, Any]:
        """Return the major type and its count; of type 7 the value itself."""
        kind, low = divmod(self.take(1)[0], 32)
        if kind == 6:
            raise self.fault("a tag", 1)
        if kind == 7:
            return kind, self.simple(low)
        if low < 24:
            return kind, low
        if low > 27:
            raise self.fault("a length that is indefinite or reserved", 1)
        size = 1 << low - 24
        count = int.from_bytes(self.take(size), "big")
        if count < (24, 1 << 8, 1 << 16, 1 << 32)[low - 24]:
            raise rejection("not-canonical", f"byte {self.offset - size - 1}: a longer head than needed")
        return kind, count

    def simple(self, low: int) -> bool | float | None:
        if low in _FLOATS:
            return _FLOATS[low].unpack(self.take(_FLOATS[low].size))[0]
        if low not in _SIMPLE:
            raise self.fault("a value that is neither true, false, null nor a float", 1)
        return _SIMPLE[low]

    def text(self, count: int) -> str:
        try:
            return self.take(count).decode()
        except UnicodeDecodeError:
            raise self.fault("text that is not UTF-8", count) from None

    def take(self, count: int) -> bytes:
        end = self.offset + count
        if end > len(self.data):
            raise self.fault(f"{count} bytes where {len(self.data) - self.offset} are left")
        taken = self.data[self.offset : end]
        self.offset = end
        return taken

    def fault(self, what: str, back: int = 0) -> Exception:
        return rejection(self.reason, f"byte {self.offset - back}: {what}")
