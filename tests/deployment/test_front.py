"""The front in front of a stand-in for the SuperLink: what passes, what does not, and what floods do to it."""

import asyncio
import http.client
import http.server
import os
import random
import resource
import socket
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64encode
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import qfl
from qfl.deployment import front
from qfl.deployment.create import Plan, create
from qfl.deployment.gate import PULL, Gate, Refused
from qfl.deployment.host import server_in
from qfl.deployment.slots import PER_ORIGIN

GARBAGE = 1000


class SuperLink(http.server.BaseHTTPRequestHandler):
    """Remembers what reaches it; has work at the third question."""

    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, bytes]] = []  # noqa: RUF012

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.seen.append((self.path, body))
        asked = sum(path == PULL for path, _ in self.seen)
        answer = b"" if self.path == PULL and asked % 3 else b"work"
        self.send_response(200)
        self.send_header("content-type", "application/x-protobuf")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def fleet(tmp_path_factory):
    folder = tmp_path_factory.mktemp("front") / "fleet"
    create(folder, Plan(2, port=0, algorithm="ML-DSA-44"))
    return folder


@pytest.fixture(scope="module")
def superlink(fleet):
    place, host = server_in(fleet)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", host.superlink_port), SuperLink)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "tls.crt", place / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SuperLink
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def process(fleet, superlink):
    place, _ = server_in(fleet)
    environment = os.environ | {"PYTHONPATH": str(Path(qfl.__file__).parent.parent)}
    words = [sys.executable, "-m", front.__name__, str(place)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(words, env=environment, **pipes) as running:
        assert running.stdout and front.READY in running.stdout.readline()
        threading.Thread(target=running.stdout.read, daemon=True).start()
        yield running
        running.terminate()
        running.wait(20)


def headers(fleet, client=0, late_s=0.0, key=None):
    """Sign as a SuperNode does."""
    private = key or serialization.load_ssh_private_key((fleet / "nodes" / str(client) / "node.key").read_bytes(), None)
    stamp = (datetime.now(UTC) - timedelta(seconds=late_s)).isoformat()
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return {
        "flwr-public-key": b64encode(private.public_key().public_bytes(*form)).decode(),
        "flwr-timestamp": stamp,
        "flwr-signature": b64encode(private.sign(stamp.encode(), ec.ECDSA(hashes.SHA256()))).decode(),
        "content-type": "application/x-protobuf",
    }


def context_of(fleet):
    return ssl.create_default_context(cafile=str(fleet / "server" / "ca.crt"))


def post(fleet, path, body=b"x", method="POST", **more):
    _, host = server_in(fleet)
    connection = http.client.HTTPSConnection("127.0.0.1", host.port, context=context_of(fleet), timeout=60)
    try:
        connection.request(method, path, body, {**headers(fleet), **more})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def memory_mb(process):
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.split("VmHWM:")[1].split()[0]) / 1000


def test_a_nodes_request_passes_and_its_body_arrives_whole(fleet, process, superlink):
    body = os.urandom(300_000)
    assert post(fleet, "/v1/fleet/push-object", body) == (200, b"work")
    assert superlink.seen[-1] == ("/v1/fleet/push-object", body)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/control/start-run",
        "/v1/runtime/acquire-task",
        "/health",
        "/",
        "/v1/fleet/../control/start-run",
        "/v1/fleet/register-node",
        "/v1/fleet/pull-messages?x=1",
        "https://127.0.0.1/v1/fleet/get-fab",
        "//v1/fleet/get-fab",
    ],
)
def test_nothing_but_the_fleets_paths_is_served(fleet, process, superlink, path):
    before = len(superlink.seen)
    assert post(fleet, path)[0] == 403 and len(superlink.seen) == before


def test_a_question_for_work_waits_until_there_is_some(fleet, process, superlink):
    start = time.monotonic()
    assert post(fleet, PULL) == (200, b"work")
    assert time.monotonic() - start >= front.ASK_S


@pytest.mark.parametrize(("method", "status"), [("GET", 405), ("HEAD", 405), ("OPTIONS", 405), ("BREW", 405)])
def test_every_other_method_is_refused_and_the_front_goes_on(fleet, process, superlink, method, status):
    try:
        found = post(fleet, PULL, None, method)[0]
    except (http.client.HTTPException, OSError):
        found = 405  # hung up on: HTTP has no body for the reason there
    assert found == status and post(fleet, "/v1/fleet/push-object") == (200, b"work")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"flwr-signature": "AAAA"}, 401),
        ({"flwr-public-key": "AAAA"}, 401),
        ({"flwr-timestamp": "yesterday"}, 401),
        ({"content-length": "99999999999"}, 413),
        ({"transfer-encoding": "chunked"}, 411),
        ({"content-length": "-1"}, 400),
    ],
)
def test_bad_heads_are_refused_before_the_body(fleet, process, superlink, change, status):
    before = len(superlink.seen)
    try:
        found = post(fleet, "/v1/fleet/push-object", None, **change)[0]
    except (http.client.HTTPException, OSError):
        found = 400  # hung up on
    assert found == status and len(superlink.seen) == before


def test_the_clock_and_the_key_of_a_node_are_checked(fleet):
    gate = Gate(fleet / "server" / "nodes", 1000)
    for late_s, says in ((400, "client 0 is 400 s slow"), (-60, "client 0 is 60 s fast")):
        with pytest.raises(Refused, match=says):
            gate.admit("POST", PULL, {**headers(fleet, late_s=late_s), "content-length": "1"})
    stranger = headers(fleet, key=ec.generate_private_key(ec.SECP384R1()))
    with pytest.raises(Refused, match="not registered"):
        gate.admit("POST", PULL, {**stranger, "content-length": "1"})
    mixed = {**headers(fleet), "flwr-public-key": headers(fleet, client=1)["flwr-public-key"], "content-length": "1"}
    with pytest.raises(Refused, match="is not client 1's"):
        gate.admit("POST", PULL, mixed)
    assert gate.admit("POST", PULL, {**headers(fleet, client=1), "content-length": "1"}) == ("1", 1)


def test_a_node_that_sends_too_much_in_a_minute_is_refused_until_the_next():
    now = [1e9]
    gate = Gate(Path("nowhere"), 100, now=lambda: now[0])
    for _ in range(16):
        gate._spend("0", 100)
    with pytest.raises(Refused, match="within a minute"):
        gate._spend("0", 1)
    gate._spend("1", 100)
    now[0] += 61
    gate._spend("0", 100)


def garbage(rng):
    kinds = [
        rng.randbytes(rng.randrange(1, 2000)),
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /v1/fleet/pull-messages HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
        b"POST /v1/control/start-run HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000000\r\n\r\n",
        b"POST /v1/fleet/" + b"a" * 20000,
        b"POST /v1/fleet/get-fab HTTP/1.1\r\nX: " + b"b" * 20000 + b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"",
    ]
    return rng.choice(kinds)


async def throw(port, context, rng, count):
    for _ in range(count):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
            writer.write(garbage(rng))
            await writer.drain()
            writer.close()
            await asyncio.wait_for(writer.wait_closed(), 30)
        except OSError:
            continue


@pytest.mark.deployment
def test_a_thousand_garbage_requests_change_nothing(fleet, process, superlink):
    _, host = server_in(fleet)
    before, reached = memory_mb(process), len(superlink.seen)
    rng, context = random.Random(1), context_of(fleet)

    async def storm():
        await asyncio.gather(*(throw(host.port, context, rng, GARBAGE // 10) for _ in range(10)))

    asyncio.run(storm())
    for _ in range(50):  # and some that do not even speak TLS
        with socket.create_connection(("127.0.0.1", host.port)) as plain:
            plain.sendall(rng.randbytes(200))
    assert process.poll() is None and len(superlink.seen) == reached
    assert memory_mb(process) - before < 60
    assert post(fleet, "/v1/fleet/push-object") == (200, b"work")


@pytest.mark.deployment
def test_thousands_that_never_start_tls_cost_little_and_keep_nobody_out(fleet, process, superlink):
    _, host = server_in(fleet)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 6000), hard))
    before = memory_mb(process)
    try:
        with ExitStack() as stack:
            for k in range(min(hard, 6000) - 500):
                source = (f"127.0.0.{2 + k % 2}", 0)
                with suppress(ConnectionResetError):  # one too many, refused before its connect has returned
                    stack.enter_context(socket.create_connection(("127.0.0.1", host.port), 10, source))
            start = time.monotonic()
            assert post(fleet, "/v1/fleet/push-object") == (200, b"work")
            assert time.monotonic() - start < 10
            assert len(list(Path(f"/proc/{process.pid}/fd").iterdir())) < 2 * PER_ORIGIN + 50
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert memory_mb(process) - before < 60
