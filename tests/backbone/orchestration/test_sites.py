"""Sites that hand jobs over and fail: whoever bids the earliest end takes a job, none is lost, none is served twice.

Also covers qfl/backbone/orchestration/site_check.py and qfl/backbone/orchestration/site_instances.py.
Also covers qfl/backbone/orchestration/horizon.py and qfl/backbone/orchestration/hand_over.py.
"""

from dataclasses import replace
from functools import partial
from math import inf

import numpy as np
import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.hand_over import run_sites
from qfl.backbone.orchestration.instances import WorkloadSettings
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.online import Outage, run_online
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.orchestration.site_check import site_faults
from qfl.backbone.orchestration.site_instances import SitesSettings, draw_sites
from qfl.backbone.orchestration.sites import SiteFailure, Sites
from qfl.errors import ConfigError

GREEDY = partial(schedule, name="greedy", seed=1)
QPU = Qpu("q", 8, 99, 1e-3)


def job(deadline_s, shots=1000, release_s=0.0, weight=1.0):
    return Job("j", deadline_s, {"locc": [Subcircuit(4, 9, shots)]}, release_s, weight)


def sites_of(jobs, *, home=None, shot_s=(1e-3, 1e-3), transfer_s=0.1):
    """Sites of one QPU each."""
    qpus = tuple(replace(QPU, shot_s=s) for s in shot_s)
    return Sites(Workload(qpus, tuple(jobs)), tuple(range(len(qpus))), tuple(home or [0] * len(jobs)), transfer_s)


def drawn(seed, **changes):
    return draw_sites(replace(SitesSettings(rate=1.2, workload=WorkloadSettings(jobs=10, qpus=2)), **changes), seed)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("hand_over", [True, False])
def test_what_sites_run_could_be_run_whatever_fails(seed, hand_over):
    sites, draw = drawn(seed), np.random.default_rng(seed)
    start = draw.uniform(0.5, 6, 2).tolist()
    failures = [SiteFailure(0, start[0], start[0] + 3.0), SiteFailure(1, start[1], inf)]
    run = run_sites(sites, GREEDY, failures, hand_over=hand_over)
    assert site_faults(sites, run, failures) == []
    assert bool(run.handovers) <= hand_over
    assert run.schedule.cuts.keys() == run.served_at.keys()


def test_without_hand_over_each_site_is_a_pool_of_its_own():
    sites = drawn(3)
    failures = [SiteFailure(0, 2.0, 5.0)]
    run = run_sites(sites, GREEDY, failures, hand_over=False)
    for site, qpus in enumerate(sites.qpus):
        jobs = [j for j, home in enumerate(sites.home) if home == site]
        own = Workload(
            tuple(sites.workload.qpus[m] for m in qpus),
            tuple(sites.workload.jobs[j] for j in jobs),
            sites.workload.latency_s,
        )
        alone = run_online(own, GREEDY, [Outage(m, 2.0, 5.0) for m in range(len(qpus))] if site == 0 else [])
        assert {jobs[k] for k in alone.schedule.cuts} == {j for j, at in run.served_at.items() if at == site}


def test_handing_over_serves_more_than_isolated_sites_and_about_as_many_as_one_pool_of_all():
    busy = drawn(1, rate=3.0, shares=(0.8, 0.2), workload=WorkloadSettings(jobs=14, qpus=2))
    isolated, shared = (len(run_sites(busy, GREEDY, hand_over=on).served_at) for on in (False, True))
    assert isolated + 3 < shared and len(run_online(busy.workload, GREEDY).schedule.cuts) - 2 <= shared


@pytest.mark.parametrize(
    "shot_s, taker, ends", [((1e-3, 1.4e-3, 1.1e-3), 2, {1: 1.6, 2: 1.3}), ((1e-3, 3e-3), None, {})]
)
def test_the_earliest_end_takes_the_job_transfers_included(shot_s, taker, ends):
    sites = sites_of([job(1.9), job(1.9)], shot_s=shot_s)  # home has time for one of them
    run = run_sites(sites, GREEDY)
    assert run.served_at == ({0: 0, 1: taker} if taker else {0: 0})
    assert [h.bids_s for h in run.handovers] == ([pytest.approx(ends)] if taker else [])


def test_a_transfer_that_leaves_no_time_keeps_the_job_at_home():
    for transfer_s, served in ((0.44, 2), (0.46, 1)):
        assert len(run_sites(sites_of([job(1.9), job(1.9)], transfer_s=transfer_s), GREEDY).served_at) == served


def test_a_site_breaks_no_promise_for_a_job_of_another_however_heavy():
    heavy = job(1.9, weight=9.0, release_s=0.1)
    sites = sites_of([job(1.9), job(1.9), heavy], home=(0, 1, 0))
    run = run_sites(sites, GREEDY)
    assert 1 in run.served_at and not any(h.taker == 1 for h in run.handovers)


def test_the_jobs_of_a_site_that_fails_in_mid_job_begin_anew_elsewhere_and_what_had_ended_is_not_counted_twice():
    chain = Job("c", 9.0, {"locc": [Subcircuit(4, 9, 1000), Subcircuit(4, 9, 1000, (0,))]})
    failures = [SiteFailure(0, 1.5)]
    sites = sites_of([chain])
    run = run_sites(sites, GREEDY, failures)
    assert run.served_at == {0: 1} and site_faults(sites, run, failures) == []
    assert [(f.qpu, f.start_s, f.end_s) for f in run.lost] == [(0, 1.0, 1.5)]
    assert [(f.qpu, f.start_s) for f in run.wasted] == [(0, 0.0)]
    assert [f.start_s for f in sorted(run.schedule.fragments)] == pytest.approx([1.6, 2.6])


def test_where_nobody_can_take_it_a_job_waits_and_goes_on_where_it_was_when_its_site_is_back():
    chain = Job("c", 9.0, {"locc": [Subcircuit(4, 9, 1000), Subcircuit(4, 9, 1000, (0,))]})
    failures = [SiteFailure(0, 1.5, 3.0)]
    sites = sites_of([chain], shot_s=(1e-3, 9e-3))
    run = run_sites(sites, GREEDY, failures)
    assert not run.handovers and not run.wasted and site_faults(sites, run, failures) == []
    assert [f.start_s for f in sorted(run.schedule.fragments)] == [0.0, 3.0]


def test_a_job_that_arrives_at_a_site_that_has_failed_is_taken_by_another():
    sites = sites_of([job(5.0, release_s=1.0)])
    assert run_sites(sites, GREEDY, [SiteFailure(0, 0.5)]).served_at == {0: 1}
    assert not run_sites(sites, GREEDY, [SiteFailure(0, 0.5), SiteFailure(1, 0.5)]).served_at


def test_the_check_finds_what_must_not_be():
    failures = [SiteFailure(0, 0.5)]
    sites = sites_of([job(9.0), job(1.95)], home=(0, 1))
    run = run_sites(sites, GREEDY, failures)
    first, second = sorted(run.schedule.fragments)
    assert site_faults(sites, run, failures) == [] and (second.job, second.qpu) == (0, 1)

    def faults(**changes):
        return " / ".join(site_faults(sites, replace(run, **changes), failures))

    fragments = run.schedule.fragments
    assert "served at 0" in faults(served_at={0: 0, 1: 1})
    assert "is busy until" in faults(wasted=(*run.wasted, replace(first, job=0)))
    assert "had failed at 0.5 s" in faults(wasted=(replace(second, qpu=0),))
    assert "2000 of 1000 shots" in faults(schedule=replace(run.schedule, fragments=(*fragments, second)))
    early = replace(first, start_s=0.0, end_s=1.0, job=0, qpu=1)
    assert "is ready" in faults(schedule=replace(run.schedule, cuts={0: "locc"}, fragments=(early,)))


def test_the_same_seed_draws_the_same_sites_and_runs_the_same():
    runs = [run_sites(drawn(5), GREEDY) for _ in range(2)]
    assert runs[0] == runs[1]


@pytest.mark.parametrize(
    "site, home, transfer_s, words",
    [
        ((0,), (0, 0), 0.1, "1 sites are given for 2 QPUs"),
        ((0, 1), (0,), 0.1, "1 for 2 jobs; give each one"),
        ((0, 2), (0, 0), 0.1, "number the sites from 0 on"),
        ((0, 0), (0, 1), 0.1, "number the sites from 0 on"),
        ((0, 1), (0, 1), -0.1, "transfer_s is -0.1"),
        ((0, 1), (0, 1), float("nan"), "transfer_s is nan"),
    ],
)
def test_sites_that_are_none_are_refused(site, home, transfer_s, words):
    with pytest.raises(ConfigError, match=words):
        Sites(Workload((QPU, QPU), (job(2.0), job(2.0))), site, home, transfer_s)


@pytest.mark.parametrize(
    "changes", [{"shares": ()}, {"shares": (0.5, 0.6)}, {"shares": (1.0, 0.0)}, {"rate": 0.0}, {"rate": inf}]
)
def test_settings_that_draw_none_are_refused(changes):
    with pytest.raises(ConfigError, match="give "):
        SitesSettings(**changes)


@pytest.mark.parametrize(
    "start_s, end_s", [(-1.0, 2.0), (2.0, 2.0), (3.0, 2.0), (inf, inf), (float("nan"), 2.0), (1.0, float("nan"))]
)
def test_failures_that_are_none_are_refused(start_s, end_s):
    with pytest.raises(ConfigError, match="give a finite begin of 0 or more and a later end"):
        SiteFailure(0, start_s, end_s)


@pytest.mark.parametrize("site", [-1, 2])
def test_a_failure_of_an_unknown_site_is_refused(site):
    with pytest.raises(ConfigError, match="fails and is none; give one of 0 to 1"):
        run_sites(sites_of([job(5.0)]), GREEDY, [SiteFailure(site, 1.0)])
