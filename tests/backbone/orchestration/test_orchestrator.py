"""Jobs in, answers out, each ended once. Also covers qfl/backbone/orchestration/attempt.py and learned.py there."""

import dimod
import numpy as np
import pytest

from qfl.backbone.infrastructure.backend import Backend
from qfl.backbone.infrastructure.pool import Pool
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.errors import ConfigError
from qfl.seeds import stream

HOST = Backend("host", "cpu", "descent", shots=1)
QPU = Backend("q", "qpu", "exact", simulated=True, queue_s=0.05, shot_s=1e-4, power_w=1000.0, variables=14)


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def rough(count: int, seed: int) -> dict:
    draw = stream(seed, "test", "orchestrator")
    names = [f"v{k}" for k in range(count)]
    couplings = [[names[i], names[j], float(draw.normal())] for i in range(count) for j in range(i)]
    return {"linear": {name: float(draw.normal()) for name in names}, "quadratic": couplings}


@pytest.fixture
def log(tmp_path):
    with telemetry_in(tmp_path) as opened:
        yield opened


def test_a_better_quantum_answer_in_time_is_used_and_its_price_is_written_down(log):
    orchestrator = Orchestrator(Pool((HOST, QPU)), log, suite=8, clock=Clock())
    for k in range(8):
        orchestrator.submit(f"job{k}", "qubo", rough(14, k), 5.0)
    orchestrator.drain()
    rows = list(log.outcomes())
    assert {row["outcome"]["backend"] for row in rows} == {"host", "q"}  # one descent is stuck in some of them
    for k, row in enumerate(rows):
        problem = rough(14, k)
        couplings = {(a, b): c for a, b, c in problem["quadratic"]}
        model = dimod.BinaryQuadraticModel(problem["linear"], couplings, "BINARY")
        answer = row["outcome"]["answer"]
        assert answer["energy"] == pytest.approx(model.energy(answer["sample"])) == row["outcome"]["energy"]
        assert answer["energy"] == pytest.approx(dimod.ExactSolver().sample(model).first.energy)
        assert row["in_time"] and row["outcome"]["energy_j"] > 0


def test_an_answer_that_comes_too_late_is_not_used(log):
    slow = Backend("q", "qpu", "exact", simulated=True, setup_s=100.0)
    orchestrator = Orchestrator(Pool((HOST, slow)), log, suite=3, clock=Clock())
    for k in range(3):
        orchestrator.submit(f"job{k}", "qubo", rough(12, k), 5.0)
    orchestrator.drain()
    assert [row["outcome"]["backend"] for row in log.outcomes()] == ["host"] * 3


def test_a_device_that_fails_costs_nothing_but_its_try(log):
    broken = Backend("q", "qpu", "exact", simulated=True, failure=0.999999)
    orchestrator = Orchestrator(Pool((HOST, broken)), log, suite=5, clock=Clock())
    orchestrator.submit("job", "qubo", rough(10, 1), 5.0)
    orchestrator.drain()
    (row,) = log.outcomes()
    assert row["outcome"]["status"] == "solved" and row["outcome"]["backend"] == "host"
    assert row["outcome"]["tries"]["q"]["why"] == "the job failed on the device"


def test_a_job_whose_deadline_passed_in_the_queue_ends_as_expired(log):
    clock = Clock()
    orchestrator = Orchestrator(Pool((HOST,)), log, clock=clock)
    orchestrator.submit("job", "qubo", rough(4, 1), 5.0)
    clock.now += 6.0
    orchestrator.drain()
    (row,) = log.outcomes()
    assert row["outcome"] == {"status": "expired"} and not row["in_time"]


def test_the_next_orchestrator_has_learned_what_the_last_one_had(tmp_path):
    pool, clock = Pool((HOST, QPU)), Clock()
    with telemetry_in(tmp_path) as log:
        first = Orchestrator(pool, log, suite=6, clock=clock)
        for k in range(10):
            first.submit(f"job{k}", "qubo", rough(10, k), 5.0)
        first.drain()
    with telemetry_in(tmp_path) as log:
        second = Orchestrator(pool, log, suite=6, clock=clock)
        other = Orchestrator(Pool((HOST, Backend("new", "qpu", "exact"))), log, suite=6, clock=clock)
    assert second.policy.seen == first.policy.seen == other.policy.seen == 10
    for mine, yours in zip(first.policy.advantage.values(), second.policy.advantage.values(), strict=True):
        assert np.allclose(mine.moment, yours.moment) and np.allclose(mine.precision, yours.precision)
    assert not other.policy.advantage["new"].moment.any()


def test_the_same_jobs_end_alike_whoever_runs_them(tmp_path):
    ended = []
    for name in ("one", "two"):
        with telemetry_in(tmp_path / name) as log:
            for k in range(4):  # each by an orchestrator of its own
                orchestrator = Orchestrator(Pool((HOST, QPU)), log, suite=2, clock=Clock())
                orchestrator.submit(f"job{k}", "qubo", rough(10, k), 5.0)
                orchestrator.drain()
            ended.append([(row["outcome"]["answer"], row["decision"]["asked"]) for row in log.outcomes()])
    assert ended[0] == ended[1]


@pytest.mark.parametrize("deadline", [0.0, -1.0, float("nan"), float("inf"), 1e9])
def test_a_deadline_that_is_none_is_refused_and_nothing_is_admitted(log, deadline):
    with pytest.raises(ConfigError, match="give seconds from now, above 0"):
        Orchestrator(Pool((HOST,)), log).submit("job", "qubo", rough(4, 1), deadline)
    assert not log.admitted("job") and log.count_waiting() == 0


def test_jobs_of_one_application_share_queue_and_set_up(log, monkeypatch):
    monkeypatch.setattr("qfl.backbone.orchestration.attempt.JITTER", 0.0)
    batching = Backend("q", "qpu", "exact", simulated=True, setup_s=1.0, shot_s=0.01, shots=10, batch=3)
    orchestrator = Orchestrator(Pool((HOST, batching)), log, suite=9, clock=Clock())
    for k in range(5):
        orchestrator.submit(f"job{k}", "qubo", rough(12, k), 50.0 + k)
    steps = 0
    while orchestrator.step():
        steps += 1
    seconds = [row["outcome"]["tries"]["q"]["seconds"] for row in log.outcomes()]
    assert steps == 2 and seconds == pytest.approx([1.1, 1.2, 1.3, 1.1, 1.2])
    assert [row["decision"]["hardware"]["q"]["queue_s"] for row in log.outcomes()] == pytest.approx(
        [0, 1.1, 1.2, 0, 1.1]
    )


def test_another_application_waits_for_its_own_submission(log):
    batching = Backend("q", "qpu", "exact", simulated=True, setup_s=1.0, batch=4)
    orchestrator = Orchestrator(Pool((HOST, batching)), log, suite=9, clock=Clock())
    orchestrator.submit("a", "qubo", rough(12, 1), 50.0)
    draw = stream(3, "test", "orchestrator")
    ris = {"direct": draw.normal(size=(4, 2)).tolist(), "cascaded": draw.normal(size=(4, 9, 2)).tolist()}
    orchestrator.submit("b", "ris", ris, 51.0)
    assert orchestrator.step() and [row["name"] for row in log.outcomes()] == ["a"]
    assert orchestrator.step() and not orchestrator.step()
    assert all(row["outcome"]["tries"]["q"]["seconds"] > 0.7 for row in log.outcomes())


def test_what_a_job_tolerates_is_given_up_and_told(log):
    near = [["a", "c", 1.0], ["b", "c", 1.01], ["a", "d", -1.2], ["b", "d", -1.2], ["c", "d", 0.4]]
    problem = {"linear": dict.fromkeys("abcd", 0.05), "quadratic": [*near, ["a", "b", 0.1]]}
    orchestrator = Orchestrator(Pool((Backend("host", "cpu", "exact"),)), log, clock=Clock())
    orchestrator.submit("exact", "qubo", problem, 5.0)
    orchestrator.submit("tolerant", "qubo", problem | {"tolerance": 0.1}, 6.0)
    orchestrator.drain()
    exact, tolerant = (row["outcome"] for row in log.outcomes())
    assert exact["given_up"] == [] and tolerant["variables"] <= exact["variables"]
    assert all(0 < row["at_most"] <= 0.1 for row in tolerant["given_up"])
    assert tolerant["energy"] <= exact["energy"] + 0.1
