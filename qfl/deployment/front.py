"""The fleet's front: TLS outside, the SuperLink behind, and only what `Gate` admits in between.

``python -m qfl.deployment.front SERVER_FOLDER`` serves until it is stopped. Every connection, head, body and total is
bounded, so that nobody can fill its memory: see the constants.

It also spares nodes Flower's own waiting. A SuperNode asks for work and, when there is none, sleeps for 3 s whatever
comes in the meantime. The front keeps such a question for up to 10 s and answers it as soon as there is work.
"""

import asyncio
import resource
import ssl
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import h11
import httpx

from qfl.deployment.gate import PULL, Gate, Refused
from qfl.deployment.host import ServerHost, server_in

READY = "the fleet's front listens on"
CONNECTIONS, PER_PEER = 2048, 1024  # a SuperNode keeps two to four; many may share an address
HEAD_BYTES = 16 * 1024
HANDSHAKE_S, HEAD_S, BODY_S, IDLE_S = 10.0, 10.0, 60.0, 65.0
BUFFERED_BYTES = 256 * 1024 * 1024  # of all bodies at one time
HOLD_S, ASK_S = 10.0, 0.4  # how long a question for work is kept, and how often the SuperLink is asked meanwhile
FORWARDED = ("content-type", "flwr-public-key", "flwr-signature", "flwr-timestamp")


class Front:
    """Pass requests of the fleet on to the SuperLink.

    Args:
        gate: Decides which.
        superlink: Client whose base address is the SuperLink's.
        nodes: How many nodes there are; the more, the less often the SuperLink is asked for each.
    """

    def __init__(self, gate: Gate, superlink: httpx.AsyncClient, nodes: int = 1):
        self._gate, self._superlink = gate, superlink
        self._ask_s = max(ASK_S, nodes * ASK_S / 20)
        self._connections: dict[str, int] = {}
        self._buffered = 0
        self._told: dict[tuple[str, str], float] = {}

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection to its end."""
        peer = str((writer.get_extra_info("peername") or ("?",))[0])
        mine = self._connections.get(peer, 0)
        if mine < PER_PEER and sum(self._connections.values()) < CONNECTIONS:
            self._connections[peer] = mine + 1
            try:
                await self._serve(reader, writer, peer)
            except Exception as error:  # whatever comes in, it ends its own connection and nothing else
                self._tell(peer, f"connection dropped: {type(error).__name__} {error}")
            finally:
                self._connections[peer] -= 1
                if not self._connections[peer]:
                    del self._connections[peer]
        else:
            self._tell(peer, "too many connections")
        writer.close()
        with suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), HANDSHAKE_S)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> None:
        wire = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES)
        wait_s = HEAD_S
        while True:
            event = await _event(wire, reader, wait_s)
            if not isinstance(event, h11.Request):
                return
            try:
                status, kind, body = await self._answer(wire, reader, event)
            except Refused as refused:
                self._tell(peer, f"{refused.status} {_short(event)}: {refused.reason}")
                status, kind, body = refused.status, b"text/plain", refused.reason.encode()
            await _send(wire, writer, status, kind, body)
            if wire.their_state is not h11.DONE or wire.our_state is not h11.DONE:
                return
            wire.start_next_cycle()
            wait_s = IDLE_S

    async def _answer(
        self, wire: h11.Connection, reader: asyncio.StreamReader, request: h11.Request
    ) -> tuple[int, bytes, bytes]:
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        path = request.target.decode("latin-1")
        _, length = self._gate.admit(request.method.decode(), path, headers)
        if self._buffered + length > BUFFERED_BYTES:
            raise Refused(503, "too many bodies at one time; try again")
        self._buffered += length
        try:
            async with asyncio.timeout(BODY_S):
                body = await _body(wire, reader)
            kept = {name: headers[name] for name in FORWARDED if name in headers}
            return await self._relay(path, kept, body, reader)
        finally:
            self._buffered -= length

    async def _relay(
        self, path: str, headers: dict[str, str], body: bytes, reader: asyncio.StreamReader
    ) -> tuple[int, bytes, bytes]:
        """Return the SuperLink's answer; to a question for work, when there is some or the time is over."""
        end = time.monotonic() + HOLD_S
        while True:
            try:
                found = await self._superlink.post(path, content=body, headers=headers)
            except httpx.HTTPError as error:
                raise Refused(503, f"the SuperLink does not answer ({type(error).__name__})") from None
            work = found.status_code != 200 or found.content  # an empty protobuf message is no bytes
            if path != PULL or work or time.monotonic() > end or reader.at_eof():
                return found.status_code, found.headers.get("content-type", "").encode(), found.content
            await asyncio.sleep(self._ask_s)
            if reader.at_eof():  # the node is gone: what comes now is for its successor
                raise Refused(503, "the node hung up")

    def _tell(self, peer: str, what: str) -> None:
        """Log once a minute per peer and event, so that nobody can fill the disk."""
        now = time.monotonic()
        if len(self._told) > 1000:
            self._told = {key: when for key, when in self._told.items() if now - when < 60}
        if len(self._told) <= 1000 and now - self._told.get((peer, what), -60.0) >= 60:
            self._told[peer, what] = now
            print(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {peer} {what}", flush=True)


async def _event(wire: h11.Connection, reader: asyncio.StreamReader, limit_s: float) -> Any:
    while (event := wire.next_event()) is h11.NEED_DATA:
        wire.receive_data(await asyncio.wait_for(reader.read(65536), limit_s))
    return event


async def _body(wire: h11.Connection, reader: asyncio.StreamReader) -> bytes:
    parts = bytearray()  # h11 holds the sender to the stated length
    while not isinstance(event := await _event(wire, reader, BODY_S), h11.EndOfMessage):
        if not isinstance(event, h11.Data):
            raise EOFError("within a body")
        parts += event.data
    return bytes(parts)


async def _send(wire: h11.Connection, writer: asyncio.StreamWriter, status: int, kind: bytes, body: bytes) -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    if wire.their_state is not h11.DONE:  # the body was not read: nothing more is taken on this connection
        headers.append((b"connection", b"close"))
    events: Iterable[Any] = (h11.Response(status_code=status, headers=headers), h11.Data(data=body), h11.EndOfMessage())
    writer.write(b"".join(wire.send(event) or b"" for event in events))
    await asyncio.wait_for(writer.drain(), BODY_S)


def _short(request: h11.Request) -> str:
    return f"{request.method[:10].decode('latin-1')} {request.target[:80].decode('latin-1')}"


async def serve(folder: Path, host: ServerHost) -> None:
    """Serve the fleet until cancelled."""
    outside = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    outside.minimum_version = ssl.TLSVersion.TLSv1_3
    outside.load_cert_chain(folder / "tls.crt", folder / "tls.key")
    inside = ssl.create_default_context(cafile=str(folder / "ca.crt"))
    gate = Gate(folder / "nodes", int(host.max_request_mb * 1e6))
    superlink = httpx.AsyncClient(
        base_url=f"https://127.0.0.1:{host.superlink_port}",
        verify=inside,
        timeout=30.0,
        limits=httpx.Limits(max_connections=64),
        trust_env=False,
    )
    front = Front(gate, superlink, host.clients)
    server = await asyncio.start_server(
        front.connect, host.listen, host.port, ssl=outside, ssl_handshake_timeout=HANDSHAKE_S, backlog=256
    )
    print(f"{READY} {host.listen}:{host.port}", flush=True)
    async with superlink, server:
        await server.serve_forever()


def main(arguments: list[str]) -> None:
    """Serve as the folder's host.json says."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * CONNECTIONS if hard == resource.RLIM_INFINITY else min(hard, 4 * CONNECTIONS)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(*server_in(arguments[0])))


if __name__ == "__main__":
    main(sys.argv[1:])
