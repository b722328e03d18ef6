"""Jobs: each is done once, in processes of one thread; the first failure ends the others."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qfl.studies.jobs import run_jobs


def threads(number):
    return number, os.environ.get("OMP_NUM_THREADS"), os.getpid()


def fail_or_wait(seconds):
    if not seconds:
        raise ArithmeticError("no step")
    time.sleep(seconds)


@pytest.mark.parametrize("processes", [1, 2])
def test_each_job_is_done_once(processes):
    jobs = [(threads, (number,)) for number in range(5)]
    assert sorted(number for number, *_ in run_jobs(jobs, processes)) == list(range(5))
    assert list(run_jobs([], processes)) == []


def test_processes_have_one_thread_each_and_the_caller_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    done = list(run_jobs([(threads, (number,)) for number in range(4)], 2))
    assert {own for _, own, _ in done} == {"1"} and os.getpid() not in {process for *_, process in done}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    ((_, own, process),) = run_jobs([(threads, (1,))], 2)  # one job needs no other process
    assert own == "7" and process == os.getpid()


def test_a_job_that_fails_ends_those_that_would_take_long():
    began = time.monotonic()
    with pytest.raises(ArithmeticError, match="no step"):
        list(run_jobs([(fail_or_wait, (600.0,)), (fail_or_wait, (0,))], 2))
    assert time.monotonic() - began < 120


SCRIPT = """
import os, sys
sys.path.insert(0, {root!r})
print("script", flush=True)
from qfl.studies.jobs import run_jobs
from tests.studies.test_jobs import tell_and_wait
list(run_jobs([(tell_and_wait, ({folder!r}, name)) for name in "ab"], 2))
"""


def tell_and_wait(folder, name):
    Path(folder, name).write_text(str(os.getpid()))
    time.sleep(600)


def test_a_script_is_not_run_again_and_its_processes_end_with_it(tmp_path):
    script = tmp_path / "script.py"
    root = str(Path(__file__).resolve().parents[2])
    script.write_text(SCRIPT.format(root=root, folder=str(tmp_path)))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as child:
        until(lambda: all((tmp_path / name).is_file() and (tmp_path / name).read_text() for name in "ab"))
        child.send_signal(signal.SIGKILL)
        children = [int((tmp_path / name).read_text()) for name in "ab"]
        until(lambda: not any(map(alive, children)))
        assert child.stdout.read() == "script\n"


def until(done, seconds=60):
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(pid):
    """Return whether a process is still at work; one that nobody has waited for yet is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
