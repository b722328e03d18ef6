"""Qurator's rule: its score by hand, quality while queues are short, the wait when they are long."""

from dataclasses import replace
from math import log

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.qurator import qurator
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.orchestration.schedule import violations
from qfl.errors import ConfigError

GOOD, POOR = Qpu("good", 8, 100, 1e-3), Qpu("poor", 8, 20, 1e-3)


def pool(*jobs, qpus=(GOOD, POOR)):
    return Workload(qpus, tuple(Job(f"{k}", 10.0, {"locc": subs}) for k, subs in enumerate(jobs)))


def success(load, found, target=0.9):
    """The mean estimated success of what is run, weighed by shots."""
    depth = {f: load.jobs[f.job].cuts["locc"][f.subcircuit].depth for f in found.fragments}
    shots = sum(f.shots for f in found.fragments)
    return sum(f.shots * target ** (depth[f] / load.qpus[f.qpu].depth) for f in found.fragments) / shots


def test_an_empty_pool_takes_the_device_of_the_better_result_even_where_another_is_faster():
    fast = replace(POOR, shot_s=1e-4)
    assert [f.qpu for f in qurator(pool([Subcircuit(4, 20, 100)], qpus=(fast, GOOD))).fragments] == [1]


@pytest.mark.parametrize("good_s, poor_s", [(0.0, 0.0), (2.0, 1.9), (2.0, 0.001), (5.0, 4.0), (0.01, 0.0)])
def test_the_choice_is_that_of_the_score_by_hand(good_s, poor_s):
    load = pool([Subcircuit(4, 15, 10)], qpus=(replace(GOOD, free_s=good_s), replace(POOR, free_s=poor_s)))
    share = min(1.0, max(0.0, ((good_s + poor_s) / 2 - 10 / 60) / (10 - 10 / 60)))

    def score(depth, wait_s):
        on_their_clock_ms = 1000 * 3600 * wait_s / 10.0
        waits = min(1.0, log(1 + on_their_clock_ms) / log(1 + 3_600_000))
        return (0.8 - 0.55 * share) * 0.9 ** (15 / depth) - (0.15 + 0.45 * share) * waits

    better = 0 if score(100, good_s) >= score(20, poor_s) else 1
    assert [f.qpu for f in qurator(load).fragments] == [better]


def test_tasks_are_whole_and_in_the_order_in_which_they_came():
    load = draw_workload(WorkloadSettings(jobs=6), seed=2)
    found = qurator(load)
    assert len(found.fragments) == sum(len(load.jobs[j].cuts["locc"]) for j in found.cuts)
    for m in range(4):
        queue = [f.job for f in sorted(f for f in found.fragments if f.qpu == m)]
        assert queue == sorted(queue)


def test_it_gives_up_jobs_for_results_of_better_quality():
    loads = [draw_workload(WorkloadSettings(jobs=4), seed) for seed in range(12)]
    own, rival = ([schedule(load, name, seed=1) for load in loads] for name in ("qurator", "list"))
    pairs = [(success(w, a), success(w, b)) for w, a, b in zip(loads, own, rival, strict=True) if a.cuts and b.cuts]
    assert sum(a for a, _ in pairs) > sum(b for _, b in pairs)


def test_a_lower_target_weighs_quality_more():
    loads = [draw_workload(WorkloadSettings(jobs=8), seed) for seed in range(6)]
    served = [sum(qurator(load, target=target).value(load) for load in loads) for target in (0.2, 0.99)]
    assert served[0] < served[1]


def test_a_late_job_takes_no_time_unless_it_is_admitted():
    long, short = [Subcircuit(4, 9, 11_000)], [Subcircuit(4, 9, 100)]
    load = pool(long, short, qpus=(GOOD,))
    assert qurator(load).cuts == {1: "locc"} and not qurator(load, admit=False).cuts
    assert violations(load, qurator(load)) == []


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, 2.0, float("nan")])
def test_a_target_that_is_no_share_is_refused(target):
    with pytest.raises(ConfigError, match="give the least success, above 0 and below 1"):
        qurator(pool([Subcircuit(4, 9, 10)]), target=target)
