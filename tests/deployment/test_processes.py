"""Processes are known by id and by when they were started; what they started ends with them.

Also covers qfl/deployment/control.py, qfl/deployment/operator.py and qfl/deployment/locks.py.
"""

import json
import os
import signal
import socket
import time

import pytest

from qfl.deployment.control import down, up
from qfl.deployment.create import Plan, create
from qfl.deployment.host import server_in
from qfl.deployment.locks import alone
from qfl.deployment.processes import Piece, pid_of, require_free, start, started, stop, tail, wait_until_ready
from qfl.errors import ConfigError


@pytest.fixture
def piece(tmp_path):
    made = []

    def make(script, ready="", listens=None):
        made.append(Piece(f"piece-{len(made)}", tmp_path, ["bash", "-c", script], dict(os.environ), ready, listens))
        return made[-1]

    yield make
    stop(made)


def test_a_piece_is_started_once_and_again_after_a_crash(piece):
    sleeper = piece("echo up; sleep 600", "up")
    assert start(sleeper) and not start(sleeper)
    wait_until_ready(sleeper, 30)
    first = pid_of(sleeper)
    assert first
    os.kill(first, signal.SIGKILL)
    end = time.monotonic() + 30
    while pid_of(sleeper):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert start(sleeper) and pid_of(sleeper) != first
    assert sleeper.log.with_suffix(".log.1").read_text() == "up\n"


def test_what_a_killed_piece_left_behind_is_gone_when_it_is_started_again(piece, tmp_path):
    orphan = piece(f"(sleep 600 & echo $! > {tmp_path}/child); echo up; sleep 600", "up")
    start(orphan)
    wait_until_ready(orphan, 30)
    child, leader = int((tmp_path / "child").read_text()), pid_of(orphan)
    assert leader and started(child)
    os.kill(leader, signal.SIGKILL)
    end = time.monotonic() + 30
    while pid_of(orphan):
        assert time.monotonic() < end
        time.sleep(0.05)
    assert started(child) and start(orphan)
    time.sleep(0.2)
    assert started(child) == ""


def test_another_process_with_the_id_of_ours_is_not_ours(piece):
    sleeper = piece("sleep 600")
    sleeper.pid_file.parent.mkdir()
    sleeper.pid_file.write_text(json.dumps({"pid": os.getpid(), "started": "long ago"}))
    assert pid_of(sleeper) is None and stop([sleeper]) == []
    sleeper.pid_file.write_text("{")
    assert pid_of(sleeper) is None


def test_stopping_ends_the_whole_family_however_deaf(piece, tmp_path):
    script = f"trap '' TERM; (trap '' TERM; echo $BASHPID > {tmp_path}/child; exec sleep 600) & echo up; wait"
    deaf = piece(script, "up")
    start(deaf)
    wait_until_ready(deaf, 30)
    end = time.monotonic() + 30
    while not (tmp_path / "child").exists() or not (tmp_path / "child").read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.05)
    child = int((tmp_path / "child").read_text())
    from qfl.deployment import processes

    processes.STOP_S, kept = 0.5, processes.STOP_S
    try:
        assert stop([deaf]) == [deaf.name]
    finally:
        processes.STOP_S = kept
    time.sleep(0.2)
    assert started(child) == "" and pid_of(deaf) is None


def test_a_piece_that_ends_or_is_never_up_is_a_sentence_with_the_end_of_its_log(piece):
    broken, slow = piece("echo 'no such key' >&2; exit 3", "up"), piece("echo waiting; sleep 600", "up")
    start(broken)
    start(slow)
    with pytest.raises(ConfigError, match=r"piece-0 ended while starting; .* ends with: no such key"):
        wait_until_ready(broken, 30)
    with pytest.raises(ConfigError, match=r"piece-1 was not up within 1 s; .* ends with: waiting"):
        wait_until_ready(slow, 1)
    assert tail(slow) == "waiting"


def test_a_port_in_use_is_one_sentence_at_once_and_nothing_is_started(piece):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        late = piece("sleep 600", listens=("127.0.0.1", port))
        begin = time.monotonic()
        with pytest.raises(ConfigError, match=rf"piece-0 cannot listen on port {port} of 127.0.0.1 \(Address already"):
            require_free(late, patience_s=0.2)
        with pytest.raises(ConfigError, match=r"give another port in .*host\.json"):
            start(late)
        assert time.monotonic() - begin < 10 and pid_of(late) is None and not late.log.exists()
    assert start(late)


def test_an_address_of_another_machine_is_a_sentence(piece):
    with pytest.raises(ConfigError, match=r"cannot listen on port 9 of 192.0.2.7 \("):
        require_free(piece("true", listens=("192.0.2.7", 9)))


def test_a_port_that_a_process_finds_in_use_is_noticed_without_waiting_for_its_end(piece):
    stuck = piece("echo 'OSError: [Errno 98] Address already in use'; sleep 600", "up", ("127.0.0.1", 1))
    start_unchecked = Piece(stuck.name, stuck.folder, stuck.command, stuck.environment, stuck.ready)
    start(start_unchecked)
    begin = time.monotonic()
    with pytest.raises(ConfigError, match="piece-0 found port 1 in use"):
        wait_until_ready(stuck, 300)
    assert time.monotonic() - begin < 30


def test_a_fleet_is_brought_up_by_one_process_at_a_time(tmp_path):
    create(tmp_path / "fleet", Plan(2, port=0, algorithm="ML-DSA-44"))
    for part in ("server", "nodes/1"):
        with alone(tmp_path / "fleet" / part), pytest.raises(ConfigError, match="another `qfl deploy` is at work on"):
            up(tmp_path / "fleet")
    assert not list(tmp_path.rglob("*.log"))


@pytest.mark.parametrize("name", ["superlink", "front", "node-1"])
def test_a_fleet_one_of_whose_ports_is_taken_is_not_started_by_half(tmp_path, name):
    create(tmp_path / "fleet", Plan(2, port=0, algorithm="ML-DSA-44", node="flower"))  # whose nodes have ports
    _, host = server_in(tmp_path / "fleet")
    ports = {"superlink": host.superlink_port, "front": host.port}
    node = json.loads((tmp_path / "fleet" / "nodes" / "1" / "host.json").read_text())
    ports["node-1"] = node["runtime_port"]
    with socket.create_server(("127.0.0.1", ports[name])):
        try:
            with pytest.raises(ConfigError, match=f"{name} cannot listen on port {ports[name]}"):
                up(tmp_path / "fleet")
        finally:
            down(tmp_path / "fleet")  # where it was started all the same
    assert not list(tmp_path.rglob("*.log"))
