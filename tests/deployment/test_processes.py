"""Processes are known by id and by when they were started; what they started ends with them."""

import json
import os
import signal
import time

import pytest

from qfl.deployment.processes import Piece, pid_of, start, started, stop, tail, wait_until_ready
from qfl.errors import ConfigError


@pytest.fixture
def piece(tmp_path):
    made = []

    def make(script, ready=""):
        made.append(Piece(f"piece-{len(made)}", tmp_path, ["bash", "-c", script], dict(os.environ), ready))
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
