"""The fleet's front: TLS outside, the SuperLink behind, and only what `Gate` admits in between.

``python -m qfl.deployment.front SERVER_FOLDER`` serves until it is stopped. Every connection, head, body and total is
bounded in size and in time, for strangers and for nodes apart (`qfl.deployment.slots`, `qfl.deployment.turns`), so that
nobody can fill its memory or take the place of others: see the constants.

It also spares nodes Flower's own waiting. A SuperNode asks for work and, when there is none, sleeps for 3 s whatever
comes in the meantime. The front keeps such a question for up to 10 s and answers it as soon as there is work, of which
the run's server tells it (`qfl.federation.grids.notifications`); without being told it asks the SuperLink meanwhile.
"""

import asyncio
import gc
import socket
import ssl
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import h11
import httpx

from qfl.deployment.accept import accept_all, files_for, listening, reset, secured
from qfl.deployment.certificates import read_certificate, read_private_key, trusting
from qfl.deployment.gate import PULL, Gate, Refused
from qfl.deployment.host import ServerHost, server_in
from qfl.deployment.notifications import Notifier
from qfl.deployment.slots import Pace, Place, Slots
from qfl.deployment.turns import Question, Turns
from qfl.deployment.wire import first_line, new_wire, read_body, read_head, send_answer
from qfl.errors import UserError
from qfl.federation.grids.notifications import SELDOM_S as NOTIFIED_S
from qfl.federation.grids.notifications import SOCKET
from qfl.printable import printable

READY = "the fleet's front listens on"
ADMISSION_S = 15.0  # from being accepted to the last byte of the first signed head, TLS included
HANDSHAKES_PER_S, HANDSHAKES_AT_ONCE = 50.0, 128  # of one origin; each costs some 3 ms of processor time
BUFFERED_BYTES = 256 * 1024 * 1024  # of all bodies at one time
COLLECT_EVERY = 64  # connections: 256 kB of each are in reference cycles when it is over
HOLD_S = 10.0  # how long a question for work is kept
ASK_S, GROWTH, SELDOM_S = 0.1, 1.1, 0.8  # the SuperLink is asked meanwhile: soon, and then less and less often
PER_NODE_S = 0.02  # for each node there is; so all of them ask the SuperLink 50 times a second at most
FORWARDED = ("content-type", "flwr-public-key", "flwr-signature", "flwr-timestamp")


@dataclass(frozen=True)
class Caller:
    """Who is at the other end of a connection.

    Args:
        peer: Its address, for the log.
        place: Its place among the connections.
        patience: When the connection ends unless a node has signed a request on it.
    """

    peer: str
    place: Place
    patience: asyncio.Timeout


class Front:
    """Pass requests of the fleet on to the SuperLink.

    Args:
        gate: Decides which.
        superlink: Client whose base address is the SuperLink's.
        context: TLS, as a server.
        nodes: How many nodes there are; the more, the less often the SuperLink is asked for each.
    """

    def __init__(self, gate: Gate, superlink: httpx.AsyncClient, context: ssl.SSLContext, nodes: int = 1):
        self._gate, self._superlink, self._context = gate, superlink, context
        self._ask_s = max(ASK_S, nodes * PER_NODE_S)
        self._slots = Slots(files_for(nodes))
        self._handshakes = Pace(HANDSHAKES_PER_S, HANDSHAKES_AT_ONCE)
        self._turns, self.notifier = Turns(), Notifier()
        self._buffered = self._gone = 0
        self._told: dict[tuple[str, str], float] = {}
        self._tasks: set[asyncio.Task] = set()

    def accept(self, connection: socket.socket, peer: str) -> None:
        """Give a new connection a place and serve it; close it at once if there is none."""
        place = self._slots.enter(peer, lambda: task.cancel())
        if place is None:
            reset(connection)
            connection.close()
            return self._tell(peer, "too many connections")
        task = asyncio.create_task(self._connect(connection, peer, place))
        self._tasks.add(task)
        task.add_done_callback(partial(self._end, connection, place))

    def _end(self, connection: socket.socket, place: Place, task: asyncio.Task) -> None:
        """Give back what a connection has taken, even if it was cut before its task began."""
        connection.close()
        self._tasks.discard(task)
        self._slots.leave(place)
        self._gone += 1
        if self._gone % COLLECT_EVERY == 0:
            gc.collect()

    async def _connect(self, connection: socket.socket, peer: str, place: Place) -> None:
        """Serve one connection to its end."""
        try:
            async with asyncio.timeout(ADMISSION_S) as patience:
                pause = partial(self._handshakes.wait_s, place.origin)
                async with secured(connection, self._context, pause, ADMISSION_S) as (reader, writer):
                    await self._serve(reader, writer, Caller(peer, place, patience))
        except TimeoutError:
            self._tell(peer, "too slow")
        except Exception as error:  # whatever comes in, it ends its own connection and nothing else
            self._tell(peer, f"connection dropped: {type(error).__name__} {error}")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, caller: Caller) -> None:
        wire = new_wire()
        while isinstance(event := await read_head(wire, reader), h11.Request):
            try:
                status, kind, body = await self._answer(wire, reader, event, caller)
            except Refused as refused:
                self._tell(caller.peer, f"{refused.status} {first_line(event)}: {refused.reason}")
                await send_answer(wire, writer, refused.status, b"text/plain", refused.reason.encode(), last=True)
                return
            await send_answer(wire, writer, status, kind, body, last=wire.their_state is not h11.DONE)
            if wire.their_state is not h11.DONE or wire.our_state is not h11.DONE:
                return
            wire.start_next_cycle()

    async def _answer(
        self, wire: h11.Connection, reader: asyncio.StreamReader, request: h11.Request, caller: Caller
    ) -> tuple[int, bytes, bytes]:
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        path = request.target.decode("latin-1")
        client, length = self._gate.admit(request.method.decode(), path, headers)
        self._slots.recognise(caller.place, client)
        caller.patience.reschedule(None)
        async with self._turns.request(client):
            if self._buffered + length > BUFFERED_BYTES:
                raise Refused(503, "too many bodies at one time; try again")
            self._buffered += length
            try:
                body = await read_body(wire, reader)
                kept = {name: headers[name] for name in FORWARDED if name in headers}
                if path == PULL:
                    with self._turns.question(client) as question, self.notifier.question(body, question.news):
                        return await self._hold(path, kept, body, reader, question)
                status, kind, content = await self._relay(path, kept, body)
                if status == 200:
                    self.notifier.relayed(client, path, body, content)
                return status, kind, content
            finally:
                self._buffered -= length

    async def _relay(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes, bytes]:
        """Return the SuperLink's answer."""
        try:
            found = await self._superlink.post(path, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise Refused(503, f"the SuperLink does not answer ({type(error).__name__})") from None
        return found.status_code, found.headers.get("content-type", "").encode(), found.content

    async def _hold(
        self, path: str, headers: dict[str, str], body: bytes, reader: asyncio.StreamReader, question: Question
    ) -> tuple[int, bytes, bytes]:
        """Return the SuperLink's answer to a question for work, once there is some or the question's time is over."""
        end, pause_s = time.monotonic() + HOLD_S, self._ask_s
        while True:
            status, kind, content = await self._relay(path, headers, body)
            work = status != 200 or content  # an empty protobuf message is no bytes
            if work or question.over or time.monotonic() > end or reader.at_eof():
                return status, kind, content
            with suppress(TimeoutError):
                await asyncio.wait_for(question.news.wait(), NOTIFIED_S if self.notifier.connected else pause_s)
            if question.over:
                return status, kind, content
            question.news.clear()
            if reader.at_eof():  # the node is gone: what comes now is for its successor
                raise Refused(503, "the node hung up")
            pause_s = max(pause_s, min(pause_s * GROWTH, SELDOM_S))

    def _tell(self, peer: str, what: str) -> None:
        """Log once a minute per peer and event, so that nobody can fill the disk."""
        now = time.monotonic()
        if len(self._told) > 1000:
            self._told = {key: when for key, when in self._told.items() if now - when < 60}
        if len(self._told) <= 1000 and now - self._told.get((peer, what), -60.0) >= 60:
            self._told[peer, what] = now
            print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {peer} {printable(what)}", flush=True)


async def serve(folder: Path, host: ServerHost) -> None:
    """Serve the fleet until cancelled."""
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    outside.minimum_version = ssl.TLSVersion.TLSv1_3
    read_certificate(folder / "tls.crt")  # before OpenSSL reads it, which would wait for a pipe
    read_private_key(folder / "tls.key")
    outside.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    inside = trusting(folder / "ca.crt")
    gate = Gate(folder / "nodes", int(host.max_request_mb * 1e6))
    superlink = httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{host.superlink_port}",
        verify=inside,
        timeout=30.0,
        limits=httpx.Limits(max_connections=64),
        trust_env=False,
    )
    front = Front(gate, superlink, outside, host.clients)
    listeners = listening(host.listen, host.port)
    gc.collect()
    gc.freeze()  # later collections look at connections only
    print(f"{READY} {host.listen}:{host.port}", flush=True)
    notifications = await front.notifier.listen(folder / SOCKET)
    async with superlink, notifications, asyncio.TaskGroup() as group:
        for listener in listeners:
            group.create_task(accept_all(listener, front.accept))


def main(arguments: list[str]) -> None:
    """Serve as the folder's host.json says; end with code 2 and a sentence where a file there is not what it is for."""
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(*server_in(arguments[0])))
    except UserError as fault:
        print(f"qfl: {printable(fault)}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
