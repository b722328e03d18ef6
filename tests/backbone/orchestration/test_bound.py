"""The bound: never below what somebody found, looser with more time, and met where time is ample."""

from dataclasses import replace

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload


def with_time(load, factor):
    return replace(load, jobs=tuple(replace(job, deadline_s=factor * job.deadline_s) for job in load.jobs))


@pytest.mark.parametrize("seed", range(4))
def test_more_time_never_lowers_it_and_ample_time_serves_all(seed):
    load = draw_workload(WorkloadSettings(jobs=6, coefficients=(1.0, 1.5)), seed)
    bounds = [bound(with_time(load, factor)) for factor in (0.5, 0.9, 1.2, 2.0, 50.0)]
    assert bounds == sorted(bounds) and bounds[-1] == pytest.approx(6)


def test_a_job_that_cannot_be_done_even_alone_counts_nothing():
    chain = [Subcircuit(4, 5, 500), Subcircuit(4, 5, 500, after=(0,))]
    load = Workload((Qpu("a", 9, 9, 1e-3), Qpu("b", 9, 9, 1e-3)), (Job("chain", 0.49, {"locc": chain}),))
    assert bound(load) == pytest.approx(0)  # 0.25 s each on both, one after the other
    assert bound(with_time(load, 1.1)) == pytest.approx(1)


def test_set_ups_count():
    one = {"locc": [Subcircuit(4, 5, 100)]}
    load = Workload((Qpu("a", 9, 9, 1e-3, setup_s=1.0),), (Job("x", 2.0, one), Job("y", 2.0, one)))
    assert bound(load) == pytest.approx(1)
