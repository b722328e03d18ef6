"""A round's jobs on a pool: all shots on QPUs that take them, deadlines kept or missed, joules as they are priced."""

import pytest

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.orchestration.round_jobs import MOST_STAGES, SCHEDULERS, run_round, training_job
from qfl.backbone.runtime.cutting.fitted import PieceLoad
from qfl.errors import ConfigError

LOADS = [PieceLoad(4, 9, circuits=5, shots=10), PieceLoad(3, 7, circuits=5, shots=10)]
WIDE = Backend("wide", "qpu", "", simulated=True, qubits=5, setup_s=0.01, shot_s=1e-3, power_w=10.0)
NARROW = Backend("narrow", "qpu", "", simulated=True, qubits=3, setup_s=0.01, shot_s=1e-3, power_w=20.0)


def jobs(count, deadline_s=float("inf"), steps=(4, 4)):
    return {client: training_job(f"client {client}", LOADS, steps, deadline_s) for client in range(count)}


def test_a_lone_job_takes_what_a_count_by_hand_says():
    found = run_round([WIDE], jobs(1), "list", 1, (1,))
    seconds = 2 * 2 * (0.01 + 4 * 5 * 10 * 1e-3)  # two steps, two pieces
    assert found.seconds == pytest.approx(seconds)
    assert found.clients[0].end_s == pytest.approx(seconds) and found.clients[0].shots == {"wide": 800}
    assert found.energy_j == pytest.approx(10.0 * seconds)


@pytest.mark.parametrize("scheduler", SCHEDULERS)
def test_every_scheduler_runs_all_shots_where_they_fit(scheduler):
    found = run_round([WIDE, NARROW], jobs(3), scheduler, 1, (1,))
    for job in found.clients.values():
        assert job.status == "served" and sum(job.shots.values()) == 800
        assert job.shots.get("narrow", 0) <= 400  # of the narrow piece
    busy_j = 10.0 * found.busy_s["wide"] + 20.0 * found.busy_s["narrow"]
    assert found.energy_j == pytest.approx(busy_j)
    assert found.seconds == max(job.end_s for job in found.clients.values())


def test_who_would_be_late_is_not_begun_and_the_round_lasts_to_the_deadline():
    alone_s = run_round([WIDE], jobs(1), "moore_hodgson", 1, (1,)).seconds
    found = run_round([WIDE], jobs(4, 2.5 * alone_s), "moore_hodgson", 1, (1,))
    statuses = [job.status for job in found.clients.values()]
    assert statuses.count("served") == 2 and statuses.count("missed") == 2
    assert found.seconds == 2.5 * alone_s
    assert found.energy_j == pytest.approx(2 * 10.0 * alone_s)


def test_of_equal_jobs_not_always_the_same_are_dropped():
    alone_s = run_round([WIDE], jobs(1), "greedy", 1, (1,)).seconds
    dropped = {
        tuple(
            c
            for c, job in run_round([WIDE], jobs(3, 2.2 * alone_s), "greedy", 1, (k,)).clients.items()
            if not job.shots
        )
        for k in range(12)
    }
    assert len(dropped) == 3


def test_draws_are_repeated_by_the_seed_and_differ_between_rounds():
    waits = Backend("waits", "qpu", "", simulated=True, qubits=4, shot_s=1e-3, queue_s=5.0, failure=0.5)
    first, again, other = (run_round([waits], jobs(6), "greedy", 1, (k,)) for k in (1, 1, 2))
    assert first == again and first.queue_s != other.queue_s
    failed = [job for job in first.clients.values() if job.status == "failed"]
    assert 0 < len(failed) < 6 and all(job.failed_on == "waits" and job.energy_j >= 0 for job in failed)


def test_many_steps_share_stages_and_no_shot_is_lost():
    job = training_job("client", LOADS, [3] * 101)
    (subs,) = job.cuts.values()
    assert len(subs) <= MOST_STAGES * len(LOADS)
    assert sum(sub.shots for sub in subs) == 101 * 3 * 2 * 50


def test_a_piece_that_no_qpu_takes_and_an_unknown_scheduler_are_refused():
    shallow = Backend("shallow", "qpu", "", simulated=True, qubits=5, depth=8, shot_s=1e-3)
    with pytest.raises(ConfigError, match="4 qubits and 9 layers"):
        run_round([shallow], jobs(1), "greedy", 1, (1,))
    with pytest.raises(ConfigError, match="no scheduler of a pool"):
        run_round([WIDE], jobs(1), "fifo", 1, (1,))
