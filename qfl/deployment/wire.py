"""HTTP/1.1 at the front: heads and bodies within their limits of size and time, and answers."""

import asyncio
from collections.abc import Iterable
from typing import Any

import h11

HEAD_BYTES = 8 * 1024  # a head is not read further once so much of it has not ended it; a SuperNode's takes 700
HEAD_S, BODY_S, IDLE_S = 10.0, 60.0, 65.0  # a head or body as a whole, however slowly it comes; between requests
READ_BYTES = 65536


def new_wire() -> h11.Connection:
    """Return the server's end of a connection."""
    return h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)


async def read_head(wire: h11.Connection, reader: asyncio.StreamReader) -> Any:
    """Return the next request's head, or what came instead; once it has begun, it has `HEAD_S` to be whole."""
    loop, begun = asyncio.get_running_loop(), False
    async with asyncio.timeout(IDLE_S) as limit:
        while (event := wire.next_event()) is h11.NEED_DATA:
            wire.receive_data(await reader.read(HEAD_BYTES))
            if not begun:
                limit.reschedule(loop.time() + HEAD_S)
                begun = True
    return event


async def read_body(wire: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    """Return a request's body; h11 holds the sender to the stated length.

    Raises:
        EOFError: If it ends early.
        TimeoutError: If it is not whole within `BODY_S`.
    """
    parts = bytearray()
    async with asyncio.timeout(BODY_S):
        while not isinstance(event := wire.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                wire.receive_data(await reader.read(READ_BYTES))
            elif isinstance(event, h11.Data):
                parts += event.data
            else:
                raise EOFError("within a body")
    return bytes(parts)


async def send_answer(
    wire: h11.Connection, writer: asyncio.StreamWriter, status: int, kind: bytes, body: bytes, *, last: bool
) -> None:
    """Send an answer; after the last, nothing more is taken on the connection.

    Args:
        wire: The connection's state.
        writer: The socket.
        status: HTTP's status code, 200 to 599.
        kind: The body's content type.
        body: The whole body.
        last: Whether the connection ends with this answer.

    Reference:
        RFC 9112, sections 6.3 (content length) and 9.6 (closing).
    """
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if last:
        headers.append((b"connection", b"close"))
    events: Iterable[Any] = (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(wire.send(event) or b"" for event in events))
    await asyncio.wait_for(writer.drain(), BODY_S)


def first_line(request: h11.Request) -> str:
    """Return what a request asks for, short enough for a log."""
    return f"{request.method[:10].decode('latin-1')} {request.target[:80].decode('latin-1')}"
