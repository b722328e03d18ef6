"""The exact reference: what it serves can be run, and no more can be served."""

import pytest

from qfl.backbone.infrastructure.qpu import Qpu
from qfl.backbone.orchestration.bound import bound
from qfl.backbone.orchestration.constraint_program import close_gap
from qfl.backbone.orchestration.instances import WorkloadSettings, draw_workload
from qfl.backbone.orchestration.jobs import Job, Subcircuit, Workload
from qfl.backbone.orchestration.registry import schedule
from qfl.backbone.orchestration.schedule import QuantumSchedule, violations

pytest.importorskip("ortools", reason="OR-Tools is not installed")


def pair(first: tuple[Subcircuit, Subcircuit], second: tuple[Subcircuit, Subcircuit], deadlines, setups) -> Workload:
    """Two jobs of two sub-circuits each, on a QPU that takes all and one that takes the narrow ones."""
    qpus = (Qpu("a", 9, 9, 1e-3, setup_s=setups[0]), Qpu("b", 5, 9, 1e-3, setup_s=setups[1]))
    jobs = [Job(str(j), d, {"locc": subs}) for j, (d, subs) in enumerate(zip(deadlines, (first, second), strict=True))]
    return Workload(qpus, tuple(jobs))


def chain(widths: tuple[int, int], shots: tuple[int, int]) -> tuple[Subcircuit, Subcircuit]:
    return Subcircuit(widths[0], 5, shots[0]), Subcircuit(widths[1], 5, shots[1], after=(0,))


def test_what_the_bound_allows_and_no_schedule_can_is_shown_to_be_impossible():
    load = pair(chain((4, 4), (400, 400)), chain((9, 4), (300, 300)), (1.5, 1.1), (0.3, 0.3))
    best = close_gap(load, schedule(load, "ours", seed=1))
    assert best.closed and violations(load, best.schedule) == []
    assert best.schedule.value(load) == 1.0 < bound(load) == pytest.approx(2.0)


def test_a_job_more_is_found_where_annealing_stopped_short():
    load = draw_workload(WorkloadSettings(jobs=5, qpus=3), 1)
    start = schedule(load, "ours", seed=1)
    best = close_gap(load, start)
    assert best.closed and violations(load, best.schedule) == []
    assert start.value(load) == 3.0 < best.schedule.value(load) == 4.0 == pytest.approx(bound(load))


def test_nothing_is_served_where_nothing_fits():
    load = Workload((Qpu("a", 2, 9, 1e-3),), (Job("wide", 1.0, {"locc": [Subcircuit(5, 5, 10)]}),))
    assert close_gap(load, QuantumSchedule({}, ())).schedule.cuts == {}
