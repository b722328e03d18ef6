"""What travels over a UNIX socket between a ClientApp and its trainer: one CBOR map in a frame of bounded length."""

import socket
import struct
from typing import Any

import cbor2

from qfl.errors import Rejection
from qfl.security.cbor import decode

MOST_VALUES = 10_000
HEADER = struct.Struct(">Q")
LIMIT_BYTES = 256 * 1024 * 1024


class BrokenFrame(Exception):
    """What came is no frame of ours."""


def send_frame(connection: socket.socket, entries: dict[str, Any]) -> None:
    """Send one map."""
    body = cbor2.dumps(entries, canonical=True)
    connection.sendall(HEADER.pack(len(body)) + body)


def receive_frame(connection: socket.socket) -> dict[str, Any]:
    """Return one map.

    Raises:
        BrokenFrame: If the other end hung up, or sent something else.
        TimeoutError: If the connection has a timeout and nothing came within it.

    Example:
        >>> here, there = socket.socketpair()
        >>> with here, there:
        ...     send_frame(here, {"kind": "train"})
        ...     receive_frame(there)
        {'kind': 'train'}
    """
    (length,) = HEADER.unpack(_exactly(connection, HEADER.size))
    if length > LIMIT_BYTES:
        raise BrokenFrame(f"{length} bytes; at most {LIMIT_BYTES} are taken")
    body = _exactly(connection, length)
    try:
        entries = decode(body, "bad-claims", values=MOST_VALUES, levels=4)
    except Rejection as error:
        raise BrokenFrame(f"no CBOR: {error}") from None
    if not isinstance(entries, dict):
        raise BrokenFrame(f"a {type(entries).__name__} where a map is expected")
    return entries


def _exactly(connection: socket.socket, count: int) -> bytes:
    """Return so many bytes; memory grows with what comes, not with what is announced."""
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(min(count - len(parts), 1 << 20))
        if not part:
            raise BrokenFrame(f"the connection ended after {len(parts)} of {count} bytes")
        parts += part
    return bytes(parts)
