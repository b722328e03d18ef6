"""Jobs: each is done once, in processes of one thread; the first failure ends the others."""

import os
import time

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
