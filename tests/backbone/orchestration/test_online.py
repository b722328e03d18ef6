"""Jobs that arrive, QPUs that fail: nothing lost, nothing promised in vain, nothing known too early.

Also covers qfl/backbone/orchestration/remaining.py.
"""

from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_arrivals
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.online import Outage, lexicographic, run_online
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.orchestration.schedule import violations
from qfl.errors import ConfigError

GREEDY = partial(schedule, name="greedy", seed=1)
OURS = partial(schedule, name="ours", seed=1, steps=60)
ONE = Qpu("one", 8, 99, 1e-3)


def job(name, deadline_s, *shots, release_s=0.0, chain=False, weight=1.0):
    subs = [Subcircuit(4, 9, n, (k - 1,) if chain and k else ()) for k, n in enumerate(shots)]
    return Job(name, deadline_s, {"locc": subs}, release_s, weight)


def outage_faults(run, outages):
    """Return what ran on a QPU that did not work, and what ran twice at once, lost and wasted fragments included."""
    every = [*run.schedule.fragments, *run.lost, *run.wasted]
    dead = [
        (f, o)
        for o in outages
        for f in every
        if f.qpu == o.qpu and f.end_s > o.start_s + 1e-9 and f.start_s < o.end_s - 1e-9
    ]
    by_qpu = [sorted(f for f in every if f.qpu == m) for m in {f.qpu for f in every}]
    return dead + [(a, b) for of in by_qpu for a, b in pairwise(of) if a.end_s > b.start_s + 1e-9]


@pytest.mark.parametrize("plan", [GREEDY, OURS], ids=["greedy", "ours"])
@pytest.mark.parametrize("seed", range(4))
def test_what_is_run_could_be_run_whatever_arrives_and_fails(plan, seed):
    load, draw = draw_arrivals(WorkloadSettings(jobs=9), rate=0.5, seed=seed), np.random.default_rng(seed)
    starts = draw.uniform(0.5, 12, 3)
    outages = [
        Outage(int(m), float(a), float(a + draw.exponential(5)))
        for m, a in zip(draw.permutation(4), starts, strict=False)
    ]
    run = run_online(load, plan, outages)
    assert not violations(load, run.schedule) and not outage_faults(run, outages)
    assert run.plans <= 9 + 6 and run.schedule.cuts.keys() <= run.promised


@pytest.mark.parametrize("seed", range(2))
def test_without_failures_every_promise_to_equal_jobs_is_kept(seed):
    load = draw_arrivals(WorkloadSettings(jobs=10), rate=1.0, seed=seed)
    run = run_online(load, OURS)
    assert not run.broken and not run.lost and not run.wasted and run.schedule.cuts.keys() == run.promised


def test_a_job_is_not_known_before_it_arrives():
    long, late = job("long", 20.0, 1000), job("late", 1.6, 500, release_s=0.5)
    run = run_online(Workload((ONE,), (long, late)), GREEDY)
    assert sorted(run.schedule.cuts) == [0, 1] or 1 not in run.promised
    assert min(f.start_s for f in run.schedule.fragments if f.job == 0) == 0.0  # who knew would have waited


def test_a_fragment_on_a_qpu_that_fails_is_done_again_elsewhere_and_the_rest_is_not():
    two = (ONE, replace(ONE, name="two", shot_s=2e-3))
    load = Workload(two, (job("a", 60.0, 1000, 1000, chain=True),))
    run = run_online(load, partial(schedule, name="list", seed=1), [Outage(0, 1.5)])
    assert [(f.qpu, f.subcircuit, f.shots, f.end_s) for f in run.lost] == [(0, 1, 1000, 1.5)]
    kept = sorted(run.schedule.fragments)
    assert [(f.qpu, f.subcircuit, f.shots) for f in kept] == [(0, 0, 1000), (1, 1, 1000)]
    assert kept[1].start_s == 1.5 and kept[1].end_s == 3.5 and not violations(load, run.schedule)


def test_where_no_qpu_is_left_jobs_wait_until_one_is_back():
    run = run_online(Workload((ONE,), (job("a", 9.0, 1000),)), GREEDY, [Outage(0, 0.5, 2.0)])
    assert [(f.start_s, f.end_s) for f in run.schedule.fragments] == [(2.0, 3.0)]
    never = run_online(Workload((ONE,), (job("a", 9.0, 1000),)), GREEDY, [Outage(0, 0.5)])
    assert not never.schedule.cuts and never.broken == {0}


def test_control_pushes_learning_aside_and_learning_never_pushes_control():
    learning, soon = job("learning", 1.2, 900), job("soon", 2.1, 900)
    control = job("control", 2.1, 900, release_s=0.1)
    ranked = lexicographic([learning, soon, control], [0, 0, 1])
    assert [j.weight for j in ranked] == [1.0, 1.0, 4.0]
    run = run_online(Workload((replace(ONE, free_s=0.2),), ranked), OURS)  # two of the three fit
    assert len(run.schedule.cuts) == 2 and 2 in run.schedule.cuts and len(run.broken) == 1
    equal = run_online(Workload((replace(ONE, free_s=0.2),), (learning, soon, control)), OURS)
    assert sorted(equal.schedule.cuts) == [0, 1] and not equal.broken


def test_what_runs_is_not_interrupted():
    ranked = lexicographic([job("learning", 2.0, 900), job("control", 1.0, 900, release_s=0.1)], [0, 1])
    run = run_online(Workload((ONE,), ranked), OURS)
    assert sorted(run.schedule.cuts) == [0] and not run.wasted


def test_one_arrival_of_all_is_one_plan():
    load = draw_arrivals(WorkloadSettings(jobs=6), rate=1e9, seed=2)
    at_once = replace(load, jobs=tuple(replace(j, release_s=0.0) for j in load.jobs))
    run = run_online(at_once, OURS)
    assert run.plans == 1 and sorted(run.schedule.fragments) == sorted(OURS(at_once).fragments)


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate):
    with pytest.raises(ConfigError, match="jobs a second; give a finite number above 0"):
        draw_arrivals(WorkloadSettings(), rate, 1)


@pytest.mark.parametrize(
    "times", [(float("nan"),), (-1.0,), (2.0, 1.0), (1.0, 1.0), (1.0, float("nan")), (float("inf"),)]
)
def test_an_outage_that_cannot_be_is_refused(times):
    with pytest.raises(ConfigError, match="give a start from 0, and a later end"):
        Outage(0, *times)
