"""Parts at several sites: the optimum where they are not coupled, never above where it began, every round paid for."""

from dataclasses import replace

import dimod
import pytest

from qfl.backbone.applications.posed import Posed
from qfl.backbone.infrastructure.pool import DISTRIBUTED, Pool
from qfl.backbone.orchestration.attempt import JITTER
from qfl.backbone.orchestration.in_parts import ROUNDS, attempt_in_parts, state_of_parts
from qfl.backbone.orchestration.mode import choose_mode
from qfl.backbone.orchestration.orchestrator import Orchestrator
from qfl.backbone.orchestration.policy.features import HardwareState
from qfl.backbone.orchestration.telemetry import telemetry_in
from qfl.backbone.runtime.pipeline.reduce import reduce

from .test_mode import HOST, clusters, pool_of


def tried(model, pool, seed=1, **changes):
    reduction = replace(reduce(model), model=model, fixed={}, leaves=())  # nothing taken out
    mode = choose_mode(model, pool)
    return attempt_in_parts(mode, pool, Posed(model, lambda sample: {}), reduction, seed=seed, **changes)


def answer_of(found):
    assert found.answer is not None, found.why
    return found.answer


def optimum(model):
    return min(dimod.ExactSolver().sample(model).record.energy)


@pytest.mark.parametrize("seed", range(3))
def test_parts_that_are_not_coupled_are_solved_to_the_optimum_of_the_whole(seed):
    model = clusters(2, 6, 0.0, seed)
    answer = answer_of(tried(model, pool_of(), seed))
    assert answer.raw == pytest.approx(optimum(model)) == pytest.approx(model.energy(answer.sample))


@pytest.mark.parametrize("seed", range(4))
def test_coupled_parts_are_reconciled_and_never_end_above_where_they_began(seed):
    model = clusters(3, 4, 0.9, seed)
    answer = answer_of(tried(model, pool_of(variables=4, sites=("a", "b", "c")), seed))
    nothing = model.energy(dict.fromkeys(model.variables, 0))
    assert optimum(model) - 1e-9 <= answer.energy <= answer.raw <= nothing
    for part in ([v for v in model.variables if str(v).startswith(f"g{g}")] for g in range(3)):
        alone = model.copy()
        alone.fix_variables({v: x for v, x in answer.sample.items() if v not in part})
        assert answer.energy == pytest.approx(optimum(alone))  # no part could do better by itself


def test_seconds_and_joules_are_those_of_the_slowest_site_and_all_devices_round_by_round():
    found = tried(clusters(2, 6, 0.0), pool_of(between_s=0.004, power_w=10.0))
    slack = 5 * JITTER
    rounds = 2  # one that solves, one that changes nothing
    assert found.seconds == pytest.approx(rounds * (0.1 + 0.008), rel=slack)
    assert found.energy_j == pytest.approx(rounds * 2 * 0.1 * 10.0, rel=slack)


def test_a_device_that_fails_leaves_its_part_as_it_was():
    found = tried(clusters(2, 6, 0.0), pool_of(failure=0.999999))
    assert answer_of(found).raw == 0.0 and not found.why


def test_what_a_solver_raises_is_the_reason():
    pool = pool_of()
    broken = Pool((HOST, *(replace(each, solver="absent.py:Mine") for each in pool.quantum)), pool.between_sites_s)
    found = tried(clusters(2, 6, 0.0), broken)
    assert found.answer is None and "absent.py" in found.why


def test_the_same_seed_gives_the_same_attempt_and_noise_never_raises_the_energy():
    noisy = pool_of(calibration_s=10.0, drift=1.0)
    first, again = (tried(clusters(2, 6, 0.5), noisy, now_s=9.999) for _ in range(2))
    assert first == again and answer_of(first).raw <= 0.0


def test_the_state_of_parts_is_that_of_the_slowest_queue_and_all_prices():
    pool = pool_of(power_w=10.0, shots=7)
    mode = choose_mode(clusters(2, 6, 0.5), pool)
    state = state_of_parts(mode, pool, {"q0": HardwareState(queue_s=1.0), "q1": HardwareState(queue_s=3.0)}, 0.0)
    assert (state.queue_s, state.shots, state.energy_j) == (3.0, 7, pytest.approx(ROUNDS * 2 * 0.1 * 10.0))


def request(model):
    return {"linear": dict(model.linear), "quadratic": [[a, b, c] for (a, b), c in model.quadratic.items()]}


def test_the_orchestrator_runs_a_job_that_no_qpu_takes_in_parts_and_writes_why(tmp_path):
    pool = Pool((replace(HOST, shots=1, site="north"), *pool_of().quantum), 0.001)
    with telemetry_in(tmp_path) as log:
        orchestrator = Orchestrator(pool, log, suite=9, clock=lambda: 1000.0)
        for seed in range(4):
            orchestrator.submit(f"weak{seed}", "qubo", request(clusters(2, 6, 0.5, seed)), 9.0)
        orchestrator.submit("strong", "qubo", request(clusters(2, 6, 30.0)), 9.0)
        orchestrator.submit("small", "qubo", request(clusters(2, 3, 0.5)), 9.0)
        orchestrator.drain()
        rows = {row["name"]: row for row in log.outcomes()}
        again = Orchestrator(pool, log, suite=9, clock=lambda: 1000.0)
    for seed in range(4):
        own = rows[f"weak{seed}"]
        if own["decision"]["mode"]["chosen"] == "distributed":  # what reduction leaves may fit one of them
            assert own["decision"]["asked"] == [DISTRIBUTED] and DISTRIBUTED in own["outcome"]["tries"]
    assert any(row["decision"]["asked"] == [DISTRIBUTED] for row in rows.values())
    for name in ("strong", "small"):
        assert rows[name]["decision"]["mode"]["chosen"] == "single-site"
        assert DISTRIBUTED not in rows[name]["decision"]["asked"]
    assert again.policy.seen == 6 and again.policy.latency[DISTRIBUTED].residuals


def test_a_qpu_elsewhere_is_asked_with_the_way_there_and_back(tmp_path):
    far = Pool((replace(HOST, site="north"), *pool_of(sites=("south",)).quantum), 2.0)
    near = replace(far, between_sites_s=0.0)
    took = []
    for name, pool in (("far", far), ("near", near)):
        with telemetry_in(tmp_path / name) as log:
            orchestrator = Orchestrator(pool, log, suite=1, clock=lambda: 1000.0)
            orchestrator.submit("job", "qubo", request(clusters(1, 5, 0.0)), 60.0)
            orchestrator.drain()
            (row,) = log.outcomes()
            took.append(row["outcome"]["tries"]["q0"]["seconds"])
    assert took[0] - took[1] == pytest.approx(4.0, rel=5 * JITTER)
