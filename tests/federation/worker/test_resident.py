"""The trainer that stays: it answers its own user's requests, survives bad ones, and ends with its SuperNode.

Also covers qfl/federation/worker/protocol.py, qfl/federation/worker/trainer.py.
"""

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

import cbor2
import pytest
from flwr.app import Context, Message, MessageType, RecordDict

import qfl
from qfl.federation.adapter import become, pack
from qfl.federation.runtime.unix_socket import socket_address
from qfl.federation.worker.protocol import HEADER, BrokenFrame, receive_frame, send_frame
from qfl.federation.worker.resident import ask, is_deployed, socket_path

ROOT = Path(qfl.__file__).parent.parent


@pytest.fixture
def home(tmp_path):
    """A client's folder; deep, so that its socket's path is longer than a socket's address may be."""
    home = tmp_path / ("deep" * 20) / "node"
    (home / "state").mkdir(parents=True)
    return home


@pytest.fixture
def node():
    """Stands for the process that started the ClientApp."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture
def trainer(home, node):
    socket_file = socket_path(home, os.getppid())  # where this process, as a ClientApp, would look for it
    words = [sys.executable, "-m", "qfl.federation.worker.trainer", str(socket_file), str(node.pid)]
    with subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=home) as process:
        until(lambda: socket_file.exists() and answers(home))
        yield process
        process.kill()


def until(what, limit_s=60.0):
    end = time.monotonic() + limit_s
    while not what():
        assert time.monotonic() < end
        time.sleep(0.05)


def answers(home):
    try:
        connect(home).close()
    except ConnectionRefusedError:  # bound, and not listening yet
        return False
    return True


def connect(home, watched=None):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(60)
    try:
        with socket_address(socket_path(home, watched or os.getppid())) as address:
            connection.connect(address)
    except OSError:
        connection.close()
        raise
    return connection


def roll_call(home, client=3):
    become(1, 42)
    context = Context(1, 42, {"partition-id": client, "home": str(home)}, RecordDict(), {})
    return ask(Message(RecordDict(), 42, MessageType.QUERY), context)


def test_it_answers_what_a_client_app_would_answer(home, trainer):
    assert roll_call(home).content["qfl.identity"]["client"] == 3
    assert (home / "logs" / "messages.jsonl").read_text().count("\n") == 1


def test_an_exception_in_there_is_an_error_reply_here(home, trainer):
    become(1, 42)
    context = Context(1, 42, {"home": str(home)}, RecordDict(), {})
    reply = ask(Message(RecordDict(), 42, MessageType.QUERY), context)
    assert reply.has_error() and "KeyError: 'partition-id'" in (reply.error.reason or "")


BAD = [
    b"",
    b"hello",
    HEADER.pack(2**62),
    HEADER.pack(5) + b"\xff\xff\xff\xff\xff",
    HEADER.pack(3) + cbor2.dumps([1, 2])[:3],
    HEADER.pack(len(cbor2.dumps({"kind": "query"}))) + cbor2.dumps({"kind": "query"}),
    HEADER.pack(len(cbor2.dumps({"kind": 7}))) + cbor2.dumps({"kind": 7}),
]


def test_bad_requests_do_not_end_it(home, trainer):
    for data in BAD:
        with connect(home) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            assert connection.recv(100) == b""
    with connect(home) as connection:  # records that are no protobuf
        request = {"kind": "query", "content": b"\xff\xff", "run_id": 1, "node_id": 2}
        send_frame(connection, request | {"run_config": {}, "node_config": {}})
        assert connection.recv(100) == b""
    assert trainer.poll() is None and not roll_call(home).has_error()


def test_nobody_else_may_connect(home, trainer):
    assert socket_path(home, os.getppid()).stat().st_mode & 0o777 == 0o600


def test_it_ends_when_its_node_is_killed(home, node, trainer):
    node.send_signal(signal.SIGKILL)
    assert trainer.wait(30) == 0 and not socket_path(home, os.getppid()).exists()


def test_it_watches_every_process_it_is_told_to(home, node):
    socket_file = socket_path(home, os.getpid())
    words = [sys.executable, "-m", "qfl.federation.worker.trainer", str(socket_file), str(os.getpid()), str(node.pid)]
    with subprocess.Popen(words, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=home) as process:
        until(socket_file.exists)
        node.send_signal(signal.SIGKILL)
        assert process.wait(30) == 0


def test_the_first_message_starts_it_and_the_second_finds_it(home):
    script = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from flwr.app import Context, Message, MessageType, RecordDict
from qfl.federation.adapter import become
from qfl.federation.worker.resident import ask
become(1, 42)
context = Context(1, 42, {{"partition-id": 3, "home": {str(home)!r}}}, RecordDict(), {{}})
for _ in range(2):
    assert ask(Message(RecordDict(), 42, MessageType.QUERY), context).content["qfl.identity"]["client"] == 3
print(os.getppid())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with connect(
        home, os.getpid()
    ) as connection:  # it has outlived the process that started it; its credentials name it
        pid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    os.kill(pid, signal.SIGKILL)
    rows = (home / "logs" / "messages.jsonl").read_text().splitlines()
    assert len(rows) == 2


def test_a_client_without_a_folder_of_its_own_has_no_trainer():
    assert not is_deployed(Context(1, 42, {"partition-id": 3}, RecordDict(), {}))


def test_a_frame_of_the_wrong_length_is_no_frame():
    here, there = socket.socketpair()
    with here, there:
        here.sendall(HEADER.pack(10) + b"12345")
        here.shutdown(socket.SHUT_WR)
        with pytest.raises(BrokenFrame, match="5 of 10 bytes"):
            receive_frame(there)
    assert pack(RecordDict()) == b""
