"""The validator: a schedule made by hand is right, and each way to spoil it is found."""

from dataclasses import replace

import pytest

from qfl.backbone.orchestration.schedule import Fragment, QuantumSchedule, violations

WIRE = [Fragment(0.0, 0.4, 0, 0, 0, 300), Fragment(0.41, 0.71, 0, 0, 1, 200)]
ONE = [Fragment(0.0, 0.65, 1, 1, 0, 300), Fragment(0.71, 0.91, 0, 1, 0, 100)]


@pytest.fixture
def good(small):
    ends = replace(small.jobs[1], deadline_s=1.0, reconstruction_s=0.05)
    return replace(small, jobs=(small.jobs[0], ends)), QuantumSchedule({0: "locc", 1: "locc"}, (*WIRE, *ONE))


def test_a_schedule_that_keeps_every_rule_has_no_violation(good):
    workload, schedule = good
    assert violations(workload, schedule) == []
    assert (schedule.value(workload), schedule.served(workload)) == (2.0, 1.0)
    assert schedule.busy_s() == pytest.approx(0.4 + 0.3 + 0.65 + 0.2) and schedule.makespan_s() == 0.91


@pytest.mark.parametrize(
    ("index", "change", "words"),
    [
        (0, {"shots": 299}, "expected 0.399 s"),
        (0, {"shots": 299, "end_s": 0.399}, "299 of 300 shots"),
        (1, {"qpu": 1, "end_s": 0.86}, "does not fit QPU 'narrow'"),
        (1, {"start_s": 0.405, "end_s": 0.705}, "sub-circuit 0 of job 0 ends at 0.4 s"),
        (3, {"start_s": 0.7, "end_s": 0.9}, "QPU 'wide' is busy until 0.71 s"),
        (3, {"start_s": 0.8, "end_s": 1.0}, "job 'one' had to by 0.95 s"),
        (2, {"job": 2}, "job 2 is not served"),
        (3, {"shots": 0, "start_s": 0.81}, "0 shots"),
    ],
)
def test_every_way_to_spoil_it_is_found(good, index, change, words):
    workload, schedule = good
    spoilt = list(schedule.fragments)
    spoilt[index] = replace(spoilt[index], **change)
    assert any(words in fault for fault in violations(workload, replace(schedule, fragments=tuple(spoilt))))


def test_a_fragment_before_its_job_or_its_qpu_is_ready_is_found(good):
    workload, schedule = good
    late = replace(workload.jobs[0], release_s=0.2)
    assert any("before job 'wire'" in v for v in violations(replace(workload, jobs=(late, workload.jobs[1])), schedule))
    busy = replace(workload.qpus[1], free_s=0.1)
    assert any(
        "QPU 'narrow' is ready" in v for v in violations(replace(workload, qpus=(workload.qpus[0], busy)), schedule)
    )


def test_a_job_that_is_dropped_has_no_fragments(good):
    workload, schedule = good
    assert len(violations(workload, replace(schedule, cuts={0: "locc"}))) == 2
