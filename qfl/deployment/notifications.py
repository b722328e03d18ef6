"""The front's end of the socket on which it and the server tell each other what the SuperLink would be asked for.

See `qfl.federation.grids.notifications`. The front knows which node asks for work, from its question, and when all of a
reply is stored, by counting its parts. It listens in the server's folder, which is its owner's alone.
"""

import asyncio
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qfl.deployment.wire_fields import answered_messages, asking_node, wanted_objects
from qfl.federation.runtime.unix_socket import socket_address

ANSWER, PART = "/v1/fleet/push-messages", "/v1/fleet/push-object"
BACKLOG_BYTES = 1024 * 1024  # that a server may leave unread before it is let go
MOST_ANSWERED = 8  # messages of one request


class Notifier:
    """Wakes the questions for which there is work, and tells servers which messages are answered."""

    def __init__(self) -> None:
        self._questions: defaultdict[int, set[asyncio.Event]] = defaultdict(set)
        self._servers: set[asyncio.StreamWriter] = set()
        self._unfinished: dict[str, tuple[list[str], int]] = {}

    @property
    def connected(self) -> bool:
        """Whether a server is there to tell what there is."""
        return bool(self._servers)

    async def listen(self, path: Path) -> asyncio.Server:
        """Listen for servers of this machine's own account."""
        path.unlink(missing_ok=True)
        with socket_address(path) as address:
            server = await asyncio.start_unix_server(self.serve, address)
        os.chmod(path, 0o600)
        return server

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hear a server until it goes."""
        self._servers.add(writer)
        try:
            while line := await reader.readline():
                self._wake(line)
        except (OSError, ValueError):  # gone, or it sends no lines
            pass
        finally:
            self._servers.discard(writer)
            writer.close()

    @contextmanager
    def question(self, body: bytes, news: asyncio.Event) -> Iterator[None]:
        """Set an event whenever there is work for the node whose question this is."""
        node = asking_node(body)
        if node is None:
            yield
            return
        self._questions[node].add(news)
        try:
            yield
        finally:
            self._questions[node].discard(news)
            if not self._questions[node]:
                del self._questions[node]

    def relayed(self, client: str, path: str, body: bytes, answer: bytes) -> None:
        """Note what a client has sent, once the SuperLink has taken it; tell the servers when a reply is whole.

        Args:
            client: Who sent it.
            path: The request's.
            body: The request's.
            answer: The SuperLink's.
        """
        if path == ANSWER:
            self._unfinished[client] = answered_messages(body)[:MOST_ANSWERED], wanted_objects(answer)
        elif path == PART and client in self._unfinished:
            messages, parts = self._unfinished[client]
            self._unfinished[client] = messages, parts - 1
        else:
            return
        messages, parts = self._unfinished[client]
        if parts <= 0:
            del self._unfinished[client]
            self._tell(messages)

    def _tell(self, messages: list[str]) -> None:
        for server in list(self._servers):
            server.writelines(f"{message}\n".encode() for message in messages if message.isalnum())
            if server.transport.get_write_buffer_size() > BACKLOG_BYTES:
                server.transport.abort()

    def _wake(self, line: bytes) -> None:
        if line.strip().isdigit() and len(line) < 32:
            for news in self._questions.get(int(line), ()):
                news.set()
