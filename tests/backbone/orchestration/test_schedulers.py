"""Every scheduler: what the validator says, the bound, and all schedules of tiny workloads.

Also covers qfl/backbone/orchestration/annealing.py.
Also covers qfl/backbone/orchestration/paper_annealing.py.
Also covers qfl/backbone/orchestration/heuristics.py.
Also covers qfl/backbone/orchestration/moore_hodgson.py.
Also covers qfl/backbone/orchestration/registry.py.
Also covers qfl/backbone/orchestration/decoder.py.
"""

from dataclasses import replace
from itertools import combinations, permutations, product
from math import inf

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.decoder import Decoder, Placing
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.registry import SCHEDULERS, schedule
from qfl.backbone.orchestration.schedule import violations
from qfl.errors import ConfigError

FEW = {"steps": 60}


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_schedule_can_be_run_stays_below_the_bound_and_comes_again(name, seed):
    load = draw_workload(WorkloadSettings(jobs=7, qpus=3, coefficients=(1.2, 2.0, 4.0)), seed)
    found = schedule(load, name, seed=seed, **FEW)
    assert violations(load, found) == []
    assert found.value(load) <= bound(load, SCHEDULERS[name].cuts) + 1e-6
    assert schedule(load, name, seed=seed, **FEW) == found


@pytest.mark.parametrize("seed", range(6))
def test_ours_serves_as_many_as_any_order_on_any_qpus_of_a_tiny_workload(seed):
    load = draw_workload(WorkloadSettings(jobs=3, qpus=2, coefficients=(1.1, 1.6)), seed)
    decoder = Decoder(load)
    most = max(
        decoder.schedule([Placing(j, "locc", worth, allowed) for j, allowed in zip(order, masks, strict=True)]).value(
            load
        )
        for order in permutations(range(3))
        for masks in product((1, 2, 3), repeat=3)
        for worth in (0.0, inf)
    )
    assert most <= schedule(load, "ours", seed=1).value(load) <= bound(load) + 1e-6


def test_a_fluid_workload_is_one_machine_and_moore_hodgson_is_optimal():
    """QPUs that take all, no set-up, nothing waits: jobs are divisible, so the best subset is that of one machine."""
    qpus = (Qpu("a", 9, 9, 1e-4), Qpu("b", 9, 9, 2e-4))
    work = [(4000, 0.3), (2500, 0.35), (1500, 0.36), (5000, 0.8), (1800, 0.5), (900, 0.4)]
    jobs = tuple(Job(f"{s}", d, {"locc": [Subcircuit(4, 5, s)]}) for s, d in work)
    load = Workload(qpus, jobs)
    seconds = {s: s / (1e4 + 5e3) for s, _ in work}

    def fits(subset):
        now = 0.0
        for shots, deadline in sorted(subset, key=lambda job: job[1]):
            now += seconds[shots]
            if now > deadline:
                return False
        return True

    best = max(n for n in range(len(work) + 1) for subset in combinations(work, n) if fits(subset))
    assert schedule(load, "moore_hodgson", seed=1).value(load) == best == pytest.approx(bound(load))


@pytest.mark.parametrize("name", ["ours", "sa_paper", "greedy", "moore_hodgson"])
@pytest.mark.parametrize("seed", range(4))
def test_a_job_alone_with_just_enough_time_is_served(name, seed):
    load = draw_workload(WorkloadSettings(jobs=1, coefficients=(1.0001,)), seed)
    assert schedule(load, name, seed=1).served(load) == 1.0


def test_what_takes_twice_as_long_with_twice_the_time_is_the_same_schedule():
    load = draw_workload(WorkloadSettings(jobs=6), seed=3)
    qpus = tuple(replace(q, shot_s=2 * q.shot_s, layer_s=2 * q.layer_s, setup_s=2 * q.setup_s) for q in load.qpus)
    slow = replace(
        load,
        qpus=qpus,
        jobs=tuple(replace(j, deadline_s=2 * j.deadline_s) for j in load.jobs),
        latency_s=2 * load.latency_s,
    )
    once, twice = (schedule(w, "ours", seed=2, **FEW) for w in (load, slow))
    assert once.cuts == twice.cuts
    assert [f.end_s * 2 for f in once.fragments] == pytest.approx([f.end_s for f in twice.fragments])


def test_ours_is_never_below_moore_hodgson_and_more_cuts_never_below_fewer_at_the_start():
    for seed in range(5):
        load = draw_workload(WorkloadSettings(jobs=9), seed)
        least = schedule(load, "moore_hodgson", seed=1).value(load)
        assert schedule(load, "ours", seed=1, steps=0).value(load) >= least
        assert schedule(load, "ours_any_cut", seed=1, steps=0).value(load) >= least


def test_without_admission_late_jobs_take_time_from_those_that_could_be_served():
    loads = [draw_workload(WorkloadSettings(jobs=10), seed) for seed in range(4)]
    kept, late = (sum(schedule(w, name, seed=1).value(w) for w in loads) for name in ("greedy", "greedy_late"))
    assert late < kept


def test_a_job_that_fits_no_qpu_is_dropped_and_the_others_are_served(small):
    wide = Job("wide", 5.0, {"locc": [Subcircuit(30, 9, 10)]})
    load = replace(small, jobs=(*small.jobs, wide))
    for name in ("ours", "sa_paper", "sa_order", "greedy", "list", "random", "moore_hodgson"):
        found = schedule(load, name, seed=1, **FEW)
        assert 2 not in found.cuts and violations(load, found) == []
    assert bound(load) == pytest.approx(2.0)


def test_no_jobs_make_an_empty_schedule():
    load = draw_workload(WorkloadSettings(jobs=0), seed=1)
    for name in SCHEDULERS:
        assert schedule(load, name, seed=1).fragments == ()


def test_weights_decide_who_is_dropped():
    one = {"locc": [Subcircuit(4, 5, 800)]}
    load = Workload((Qpu("a", 9, 9, 1e-3),), (Job("light", 1.0, one), Job("heavy", 1.0, one, weight=3.0)))
    assert schedule(load, "ours", seed=1).cuts == {1: "locc"}
    assert bound(load) == pytest.approx(3.0)


def test_an_unknown_scheduler_is_refused_with_the_names():
    with pytest.raises(ConfigError, match="'our' is not a scheduler; give one of ours, "):
        schedule(draw_workload(WorkloadSettings(jobs=1), 1), "our", seed=1)
