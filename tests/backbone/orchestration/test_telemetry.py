"""The log: a job is admitted once and ends once, whenever the orchestrator is killed."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from qfl.backbone.orchestration.telemetry import FILE, telemetry_in
from qfl.errors import ConfigError, UserError

ORCHESTRATOR = """
import sys, time
from pathlib import Path
from qfl.backbone.orchestration.telemetry import telemetry_in

with telemetry_in(Path(sys.argv[1])) as log:
    count = 0
    print("ready", flush=True)
    while True:
        for n in range(3):
            now = time.monotonic()
            log.admit(f"job{sys.argv[2]}-{count}", {"n": count}, now_s=now, deadline_s=now + 9)
            print("admitted", f"job{sys.argv[2]}-{count}", flush=True)
            count += 1
        for job in log.waiting()[:2]:
            log.end(job.number, {"twice": 2 * job.payload["n"]}, {"asked": []}, now_s=time.monotonic())
            print("ended", job.name, flush=True)
"""


@pytest.fixture
def log(tmp_path):
    with telemetry_in(tmp_path) as opened:
        yield opened


def test_the_same_name_is_the_same_job_and_another_content_is_refused(log):
    first = log.admit("a", {"x": 1, "y": 2}, now_s=0.0, deadline_s=5.0)
    assert log.admit("a", {"y": 2, "x": 1}, now_s=1.0, deadline_s=9.0) == first
    with pytest.raises(ConfigError, match="'a' was admitted with another content"):
        log.admit("a", {"x": 3}, now_s=1.0, deadline_s=9.0)
    assert [job.deadline_s for job in log.waiting()] == [5.0]


def test_jobs_wait_in_the_order_of_their_deadlines_and_end_once(log):
    numbers = [log.admit(name, {}, now_s=0.0, deadline_s=limit) for name, limit in (("a", 5.0), ("b", 2.0), ("c", 9.0))]
    assert [job.name for job in log.waiting()] == ["b", "a", "c"]
    assert log.end(numbers[1], {"energy": -1}, {"asked": ["qpu"]}, now_s=3.0)
    assert not log.end(numbers[1], {"energy": -9}, {}, now_s=3.5)
    (row,) = log.outcomes()
    assert (row["name"], row["in_time"], row["outcome"], row["decision"]) == (
        "b",
        False,
        {"energy": -1},
        {"asked": ["qpu"]},
    )
    assert [job.name for job in log.waiting()] == ["a", "c"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda log: log.admit("a", {}, now_s=3.0, deadline_s=2.0), "still to come"),
        (lambda log: log.admit("a", {}, now_s=0.0, deadline_s=-1.0), "deadline -1 s"),
        (lambda log: log.admit("a", {}, now_s=0.0, deadline_s=float("nan")), "give a name and a finite"),
        (lambda log: log.admit("", {}, now_s=0.0, deadline_s=1.0), "give a name"),
        (lambda log: log.admit("a", {"x": float("inf")}, now_s=0.0, deadline_s=1.0), "no plain value"),
        (lambda log: log.admit("a", {"x": object()}, now_s=0.0, deadline_s=1.0), "no plain value"),
        (lambda log: log.end(7, {}, {}, now_s=0.0), "job 7 was never admitted"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(log, call, words):
    with pytest.raises(ConfigError, match=words):
        call(log)
    assert log.waiting() == [] and list(log.outcomes()) == []


def test_rows_are_not_changed_or_removed_by_anybody(tmp_path):
    with telemetry_in(tmp_path) as log:
        log.admit("a", {}, now_s=0.0, deadline_s=1.0)
    with sqlite3.connect(tmp_path / FILE) as connection:
        for statement in ("UPDATE jobs SET name = 'b'", "DELETE FROM jobs"):
            with pytest.raises(sqlite3.IntegrityError, match="rows are not"):
                connection.execute(statement)


def test_two_orchestrators_do_not_share_a_log(tmp_path):
    with telemetry_in(tmp_path), pytest.raises(UserError), telemetry_in(tmp_path):
        pass


def test_a_file_that_is_no_log_is_refused_in_a_sentence(tmp_path):
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(UserError, match="cannot be used"), telemetry_in(tmp_path):
        pass


def test_ten_kills_under_load_lose_no_job_and_end_none_twice(tmp_path):
    """What was said to be admitted is there, what was said to have ended has ended, once."""
    draw, admitted, ended = random.Random(5), set(), []
    for turn in range(10):
        process = subprocess.Popen(
            [sys.executable, "-c", ORCHESTRATOR, str(tmp_path), str(turn)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        time.sleep(draw.uniform(0.0, 0.15))
        os.kill(process.pid, signal.SIGKILL)
        said = [line.split() for line in process.communicate()[0].splitlines() if line.count(" ") == 1]
        admitted |= {name for word, name in said if word == "admitted"}
        ended += [name for word, name in said if word == "ended"]
    with telemetry_in(tmp_path) as log:
        for job in log.waiting():
            assert log.end(job.number, {"twice": 2 * job.payload["n"]}, {"asked": []}, now_s=0.0)
        rows = list(log.outcomes())
    names = [row["name"] for row in rows]
    assert len(names) == len(set(names)) >= len(admitted) > 10
    assert admitted <= set(names) and len(ended) == len(set(ended))
    assert all(row["outcome"]["twice"] == 2 * int(row["name"].split("-")[1]) for row in rows)
