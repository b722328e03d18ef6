"""Sockets of the front: accept, count, and only then begin TLS."""

import asyncio
import errno
import resource
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress

from qfl.deployment.slots import PER_NODE, STRANGERS

BACKLOG = 256
OTHER_FILES = 512  # connections to the SuperLink, those that are being closed, logs, keys
SHUTDOWN_S = 5.0
READ_BYTES = 65536


def files_for(nodes: int) -> int:
    """Allow this process the open files that so many nodes need, and return how many connections each may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OTHER_FILES + STRANGERS + PER_NODE * nodes
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, limit), hard))
    return max(4, min(PER_NODE, (limit - OTHER_FILES - STRANGERS) // nodes))


def listening(address: str, port: int) -> list[socket.socket]:
    """Return sockets that listen on every address of a name (``localhost`` has two).

    Raises:
        OSError: If an address is in use, or there is none.
    """
    found = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets = []
    for family, _, _, _, place in dict.fromkeys(found):
        try:
            sockets.append(socket.create_server(place[:2], family=family, backlog=BACKLOG))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                raise
    if not sockets:
        raise OSError(errno.EADDRNOTAVAIL, f"{address} is no address of this machine")
    return sockets


async def accept_all(listener: socket.socket, take: Callable[[socket.socket, str], None]) -> None:
    """Hand over every connection with its peer's address, until cancelled."""
    loop = asyncio.get_running_loop()
    listener.setblocking(False)
    while True:
        try:
            connection, peer = await loop.sock_accept(listener)
        except OSError:  # no file is left, or the peer is gone already
            await asyncio.sleep(0.1)
            continue
        take(connection, str(peer[0]))
        await asyncio.sleep(0)  # those that are served already come first, however many wait to be accepted


@asynccontextmanager
async def secured(
    connection: socket.socket, context: ssl.SSLContext, pause: Callable[[], float], limit_s: float
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Do the server's part of a TLS handshake and give both directions, which are closed at the end.

    Args:
        connection: Accepted. What TLS takes of memory is not taken before its peer has said something.
        context: TLS, as a server.
        pause: Returns for how many seconds to wait before the handshake.
        limit_s: For the handshake.
    """
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(READ_BYTES, loop)
    protocol = _UnderTls(reader, loop=loop)
    with _reset_unless_finished(connection), ExitStack() as ends:
        await _readable(connection)
        await asyncio.sleep(pause())
        # In two steps: asyncio's one step leaves its transport open when it is cancelled before the handshake.
        plain, _ = await loop.connect_accepted_socket(lambda: protocol, connection)
        ends.callback(plain.abort)
        transport = await loop.start_tls(
            plain,
            protocol,
            context,
            server_side=True,
            ssl_handshake_timeout=limit_s,
            ssl_shutdown_timeout=SHUTDOWN_S,
        )
        assert transport is not None
        ends.callback(transport.abort)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        yield reader, writer
        writer.close()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), SHUTDOWN_S)


@contextmanager
def _reset_unless_finished(connection: socket.socket) -> Iterator[None]:
    try:
        yield
    except BaseException:
        reset(connection)
        raise


def reset(connection: socket.socket) -> None:
    """Let the peer of a connection see a reset once it is closed, after which a SuperNode tries again.

    It gives up, and ends, after an error that has TLS in its name, as the end of the file within a handshake has.
    """
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


class _UnderTls(asyncio.StreamReaderProtocol):
    """TLS has no half-closed connections; asyncio warns in the log of whoever says that it keeps one open."""

    def eof_received(self) -> bool:
        super().eof_received()
        return False


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    spoken = asyncio.Event()
    loop.add_reader(connection, spoken.set)
    try:
        await spoken.wait()
    finally:
        loop.remove_reader(connection)
