"""Workloads from a seed."""

import pytest

from qfl.backbone.orchestration.decoder import Decoder
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.errors import ConfigError


def test_the_same_seed_draws_the_same_and_another_another():
    settings = WorkloadSettings(jobs=5)
    assert draw_workload(settings, 1) == draw_workload(settings, 1) != draw_workload(settings, 2)


def test_deadlines_are_the_coefficient_times_what_a_job_needs_alone():
    load = draw_workload(WorkloadSettings(jobs=4, coefficients=(2.5,)), 7)
    decoder = Decoder(load)
    assert [j.deadline_s for j in load.jobs] == pytest.approx([2.5 * decoder.alone_s(k, "locc") for k in range(4)])


def test_every_sub_circuit_fits_the_first_qpu_whatever_the_cut():
    for seed in range(5):
        load = draw_workload(WorkloadSettings(jobs=6), seed)
        assert all(0 in load.eligible(sub) for job in load.jobs for subs in job.cuts.values() for sub in subs)


def test_the_cut_with_communication_waits_and_those_without_do_not():
    load = draw_workload(WorkloadSettings(jobs=12), 1)
    waits = {cut: any(sub.after for job in load.jobs for sub in job.cuts[cut]) for cut in load.jobs[0].cuts}
    assert waits == {"locc": True, "lo": False, "lo_reuse": False}


@pytest.mark.parametrize("change", [{"jobs": -1}, {"qpus": 0}, {"coefficients": ()}, {"coefficients": (-1.0,)}])
def test_settings_that_cannot_be_are_refused(change):
    with pytest.raises(ConfigError):
        WorkloadSettings(**change)
