"""What strangers, and one node gone bad, can take of the front: little, and nothing of what other nodes need.

The front runs in this process with short deadlines; addresses 127.0.0.x stand for different hosts.

Also covers qfl/deployment/accept.py.
"""

import asyncio
import ssl
import time
from collections.abc import Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import httpx
import pytest

from qfl.deployment import front, slots, wire
from qfl.deployment.accept import accept_all, listening
from qfl.deployment.create import Plan, create
from qfl.deployment.gate import PULL, Gate
from qfl.deployment.slots import GRACE_S, PER_NODE, PER_ORIGIN
from qfl.deployment.turns import QUESTIONS
from tests.deployment.test_front import headers

HEARTBEAT = "/v1/fleet/send-node-heartbeat"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("limits") / "fleet"
    create(folder, Plan(2, port=0, algorithm="ML-DSA-44"))
    return folder


@pytest.fixture
def brief(monkeypatch):
    """Shorten every deadline."""
    monkeypatch.setattr(front, "ADMISSION_S", 0.6)
    monkeypatch.setattr(wire, "HEAD_S", 0.4)
    monkeypatch.setattr(wire, "BODY_S", 0.4)


@asynccontextmanager
async def served(fleet, address="127.0.0.1"):
    """Serve with a SuperLink that has no work, and give what is needed to connect."""
    place, asked = fleet / "server", []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "tls.crt", place / "tls.key")

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(200, content=b"" if request.url.path == PULL else b"work")

    async with httpx.AsyncClient(base_url="https://superlink", transport=httpx.MockTransport(answer)) as superlink:
        serving = front.Front(Gate(place / "nodes", 10_000), superlink, context, 2)
        (listener,) = listening(address, 0)
        task = asyncio.create_task(accept_all(listener, serving.accept))
        trust = ssl.create_default_context(cafile=str(place / "ca.crt"))
        there = SimpleNamespace(trust=trust, asked=asked, front=serving, address=address, fleet=fleet, writers=[])
        there.port = listener.getsockname()[1]
        yield there
        for writer in there.writers:
            writer.transport.abort()
        task.cancel()
        for each in list(serving._tasks):
            each.cancel()
        await asyncio.gather(task, *serving._tasks, return_exceptions=True)
        listener.close()
        await asyncio.sleep(0.05)


async def connect(there, source=None, tls=True):
    context = there.trust if tls else None
    ends = await asyncio.open_connection(
        there.address, there.port, ssl=context, local_addr=(source, 0) if source else None
    )
    there.writers.append(ends[1])
    return ends


def request(there, path=HEARTBEAT, client=0, body=b"x", **more) -> bytes:
    fields = {"host": "front", "content-length": str(len(body)), **headers(there.fleet, client), **more}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + body


async def answered(reader) -> int:
    """Read one answer; return its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(head.split()[1])


async def honest(there, source=None, client=0) -> tuple[int, float]:
    """Connect and send one request as a node does, again when hung up on; return status and seconds."""
    start = time.monotonic()
    while True:
        try:
            reader, writer = await connect(there, source)
            writer.write(request(there, client=client))
            status = await answered(reader)
        except (OSError, asyncio.IncompleteReadError):
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return status, time.monotonic() - start


async def gone_after(reader, writer, drip: bytes = b"", every_s: float = 0.05) -> float:
    """Send a little again and again until hung up on; return for how long that went on."""
    start = time.monotonic()
    while time.monotonic() - start < 20:
        try:
            if drip:
                writer.write(drip)
                await writer.drain()
            if await asyncio.wait_for(reader.read(1000), every_s) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - start


def run(fleet, attack: Callable, address="127.0.0.1"):
    async def scene():
        async with asyncio.timeout(120), served(fleet, address) as there:
            return await attack(there)

    return asyncio.run(scene())


@pytest.mark.parametrize(
    ("start", "drip"),
    [(b"", b""), (b"POST ", b"a"), (b"POST / HTTP/1.1\r\nx: y", b"a"), (b"POST / HTTP/1.1\r\n", b"x: y\r\n")],
)
def test_a_stranger_who_never_ends_a_head_is_gone_at_the_deadline(fleet, brief, start, drip):
    async def attack(there):
        reader, writer = await connect(there)
        writer.write(start)
        return await gone_after(reader, writer, drip), there.front._slots.strangers

    seconds, left = run(fleet, attack)
    assert 0.3 < seconds < 5 and left == 0


@pytest.mark.parametrize("said", [b"", b"\x16", b"\x16\x03\x01\x02\x00\x01", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_stranger_who_never_starts_or_ends_tls_is_gone_at_the_deadline(fleet, brief, said):
    async def attack(there):
        reader, writer = await connect(there, tls=False)
        writer.write(said)
        seconds = await gone_after(reader, writer)
        await asyncio.sleep(0.05)
        return seconds, there.front._slots.strangers

    seconds, left = run(fleet, attack)
    assert seconds < 5 and left == 0


def test_two_addresses_full_of_slow_strangers_keep_no_node_out(fleet):
    async def attack(there):
        async def slow(source):
            while True:
                try:
                    reader, writer = await connect(there, source, tls=False)
                    await reader.read(1)
                    writer.close()
                except OSError:
                    pass
                await asyncio.sleep(0.5)

        node_reader, node_writer = await connect(there, "127.0.0.2")
        node_writer.write(request(there, client=1))
        assert await answered(node_reader) == 200
        tasks = [asyncio.create_task(slow(f"127.0.0.{2 + k % 2}")) for k in range(300)]
        await asyncio.sleep(GRACE_S + 0.2)
        strangers = there.front._slots.strangers
        elsewhere, same = await honest(there), await honest(there, "127.0.0.2")
        node_writer.write(request(there, client=1))  # a connection from before, of the crowded address
        kept = await answered(node_reader)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return strangers, elsewhere, same, kept

    strangers, elsewhere, same, kept = run(fleet, attack)
    assert strangers <= 2 * PER_ORIGIN and kept == 200
    assert elsewhere[0] == same[0] == 200 and elsewhere[1] < 10 and same[1] < 30


@pytest.mark.parametrize(
    "sent", [b"POST " + HEARTBEAT.encode(), b"POST / HTTP/1.1\r\nx: "], ids=["line without end", "header without end"]
)
def test_a_node_has_a_deadline_for_every_later_head(fleet, brief, sent):
    async def attack(there):
        reader, writer = await connect(there)
        writer.write(request(there))
        assert await answered(reader) == 200
        await asyncio.sleep(0.8)  # between requests there is time
        writer.write(request(there))
        assert await answered(reader) == 200
        writer.write(sent)
        return await gone_after(reader, writer, b"a")

    assert 0.2 < run(fleet, attack) < 5


@pytest.mark.parametrize("drip", [b"", b"b"], ids=["no body", "slow body"])
def test_a_body_that_does_not_come_costs_its_sender_the_connection(fleet, brief, drip):
    async def attack(there):
        reader, writer = await connect(there)
        writer.write(request(there, body=b"x" * 5000)[:-4999])
        return await gone_after(reader, writer, drip), there.front._buffered, (await honest(there))[0]

    seconds, buffered, status = run(fleet, attack)
    assert 0.2 < seconds < 5 and (buffered, status) == (0, 200)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"x": "y" * 20_000}, None),
        ({f"x{k}": "y" * 100 for k in range(300)}, None),
        ({"transfer-encoding": "chunked"}, 411),
        ({"content-length": "20000"}, 413),
    ],
    ids=["long header", "many headers", "chunked", "long body"],
)
def test_what_is_refused_also_ends_the_connection(fleet, change, status):
    async def attack(there):
        reader, writer = await connect(there)
        writer.write(request(there, **change))
        try:
            found = await answered(reader)
        except (asyncio.IncompleteReadError, OSError):
            found = None
        return found, await gone_after(reader, writer)

    found, seconds = run(fleet, attack)
    assert found == status and seconds < 5


def test_requests_in_one_piece_are_answered_one_by_one(fleet):
    async def attack(there):
        reader, writer = await connect(there)
        writer.write(request(there) * 5)
        return [await answered(reader) for _ in range(5)], there.asked

    statuses, asked = run(fleet, attack)
    assert statuses == [200] * 5 and asked == [HEARTBEAT] * 5


def test_whoever_closes_its_half_is_not_waited_for(fleet):
    async def attack(there):
        _, writer = await connect(there)
        writer.write(request(there, PULL))
        await asyncio.sleep(0.2)
        writer.transport.abort()
        end = time.monotonic() + 5
        while there.front._tasks and time.monotonic() < end:
            await asyncio.sleep(0.05)
        return len(there.front._tasks)

    assert run(fleet, attack) == 0


def test_of_many_questions_of_one_node_the_newest_are_open_and_others_are_served(fleet):
    async def attack(there):
        async def ask():
            while True:
                try:
                    reader, writer = await connect(there)
                    while True:
                        writer.write(request(there, PULL, client=1))
                        await answered(reader)
                        await asyncio.sleep(3.0)  # as a SuperNode does
                except (OSError, asyncio.IncompleteReadError):
                    await asyncio.sleep(2.0)

        tasks = [asyncio.create_task(ask()) for _ in range(30)]
        most = [0, 0]
        for _ in range(20):
            await asyncio.sleep(0.05)
            now = [len(there.front._slots._nodes.get("1", ())), len(there.front._turns._questions.get("1", ()))]
            most = list(map(max, most, now))
        status, _ = await honest(there)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return most, status

    (connections, questions), status = run(fleet, attack)
    assert 0 < connections <= PER_NODE and 0 < questions <= QUESTIONS and status == 200


def test_the_front_serves_ipv6_and_counts_its_networks(fleet):
    try:
        listening("::1", 0)[0].close()
    except OSError:
        pytest.skip("this machine has no IPv6")

    async def attack(there):
        return (await honest(there))[0]

    assert run(fleet, attack, "::1") == 200


def test_a_port_in_use_and_an_address_elsewhere_are_errors(fleet):
    (one,) = listening("127.0.0.1", 0)
    with one, pytest.raises(OSError, match="in use"):
        listening("127.0.0.1", one.getsockname()[1])
    with pytest.raises(OSError, match="no address of this machine"):
        listening("192.0.2.7", 9)


def test_whoever_is_refused_or_cut_sees_a_reset_after_which_flower_tries_again(fleet, monkeypatch):
    """Flower's nodes give up after an error that has TLS in its name (`flwr.supercore.retry.http_retry`)."""
    monkeypatch.setattr(slots, "PER_ORIGIN", 1)
    monkeypatch.setattr(slots, "GRACE_S", 0.5)

    async def attack(there):
        seen = []

        async def wait_for_the_end(reader):
            try:
                seen.append(repr(await reader.read(1)))
            except OSError as error:
                seen.append(repr(error))

        reader, writer = await connect(there)
        writer.write(b"POST /")
        await asyncio.sleep(0)
        for _ in range(3):
            try:
                await connect(there)
                seen.append("let in")
            except OSError as error:
                seen.append(repr(error))
        await asyncio.sleep(0.6)
        await asyncio.gather(wait_for_the_end(reader), connect(there))
        silent, _ = await connect(there, "127.0.0.2", tls=False)
        await asyncio.sleep(0.6)
        await asyncio.gather(wait_for_the_end(silent), connect(there, "127.0.0.2"))
        return seen

    seen = run(fleet, attack)
    assert len(seen) == 5 and all("ConnectionResetError" in each and "ssl" not in each.lower() for each in seen), seen


def test_connections_cut_at_any_moment_leave_nothing_behind(fleet, capsys):
    """A file's number is given away again at once: a transport that outlives its connection would be in its way."""

    async def attack(there):
        async def come_and_go(k):
            try:
                _, writer = await asyncio.wait_for(connect(there), 0.001 * (k % 40))
            except (OSError, TimeoutError):
                return
            writer.transport.abort()

        for _ in range(4):
            tasks = [asyncio.create_task(come_and_go(k)) for k in range(60)]
            await asyncio.sleep(0.02)
            for task in list(there.front._tasks)[::2]:
                task.cancel()
            await asyncio.gather(*tasks)
        end = time.monotonic() + 10
        while there.front._tasks and time.monotonic() < end:
            await asyncio.sleep(0.05)
        status, _ = await honest(there)
        return len(there.front._tasks), there.front._slots.strangers, status

    tasks, strangers, status = run(fleet, attack)
    assert tasks <= 1 and strangers == 0 and status == 200
    assert "RuntimeError" not in capsys.readouterr().out
