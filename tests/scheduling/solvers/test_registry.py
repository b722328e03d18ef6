"""Every solver, by one table of properties."""

import numpy as np
import pytest

from qfl.errors import ConfigError
from qfl.scheduling.problem import Problem, Schedule
from qfl.scheduling.solvers import brute_force
from qfl.scheduling.solvers.registry import RATE_SOLVERS, ROUND_TIME_SOLVERS, SOLVERS, solver
from qfl.wireless.uplink import UplinkInstance

FEW = {"num_blocks": 6}
FASTER = {
    **{name: FEW for name in SOLVERS if "bcd" in name or name.startswith("squared")},
    **{name: {"num_blocks": 3} for name in ("annealing_qubo", "neal", "dwave-neal", "tabu", "steepest_descent")},
    **{name: {"num_iterations": 3} for name in ("sca_final", "sca_best", "sca_1opt")},
    "annealing": {"num_sweeps": 5},
}
VARIANTS = [("V1", None), ("V2", None), ("V3", None), ("V4", 2)]
NEVER_FALLS = [
    name for name in RATE_SOLVERS if name not in ("random", "greedy", "sca_final", "matching", "brute_force")
]


def instance(variant="V1", limit=None, num_devices=5, num_channels=3, seed=0):
    rng = np.random.default_rng(seed)
    gain = 10 ** rng.uniform(1, 6, (num_devices, 1)) * rng.exponential(size=(num_devices, num_channels))
    most = num_devices if limit is None else limit
    return UplinkInstance(gain, np.ones(num_devices), 1e-3, 0.251, 180e3, variant, most, 0.0)


def run(name, problem, seed=3, **options):
    return solver(name)(problem, seed=seed, **FASTER.get(name, {}), **options)


@pytest.mark.parametrize(("variant", "limit"), VARIANTS)
@pytest.mark.parametrize("name", RATE_SOLVERS)
def test_a_schedule_is_feasible_its_value_recomputed_and_no_better_than_the_best(name, variant, limit):
    problem = Problem(instance(variant, limit))
    if name == "matching" and variant in ("V1", "V4"):
        with pytest.raises(ConfigError, match="give at least 5 sub-channels, variant V2 or V3"):
            run(name, problem)
        return
    solution = run(name, problem)
    assert problem.check(solution.schedule) == []
    assert solution.status.name != "INFEASIBLE" and solution.status.value.endswith(".")
    assert solution.value == problem.value(solution.schedule)
    assert solution.value <= brute_force.solve(problem, seed=0).value * (1 + 1e-9)
    assert solution.start and solution.iterations == len(solution.trace) - 1


@pytest.mark.parametrize("name", RATE_SOLVERS)
def test_weights_are_served_too(name):
    weights = np.array([0.0, 5.0, 1.0, 0.2, 1.0])
    problem = Problem(instance("V2"), "weighted_sum_rate", weights=weights)
    solution = run(name, problem)
    assert not problem.check(solution.schedule)
    assert solution.value <= brute_force.solve(problem, seed=0).value * (1 + 1e-9)


@pytest.mark.parametrize("name", ROUND_TIME_SOLVERS)
def test_round_times_are_no_shorter_than_the_shortest(name):
    problem = Problem(instance(), "round_time", payload_bits=np.array([1e3, 9e3, 2e3, 4e3, 4e3]))
    solution = run(name, problem)
    assert not problem.check(solution.schedule)
    assert solution.value == problem.value(solution.schedule)
    assert solution.value >= brute_force.solve(problem, seed=0).value * (1 - 1e-9)


@pytest.mark.parametrize("name", sorted(set(SOLVERS) - {"tabu"}))
def test_the_same_seed_gives_the_same_schedule(name):
    """But for tabu search, which stops by the clock."""
    timed = name not in RATE_SOLVERS
    problem = Problem(instance("V2"), *(("round_time", np.ones(5) * 1e3) if timed else ()))
    first, second = run(name, problem), run(name, problem)
    assert np.array_equal(first.schedule.channel, second.schedule.channel)
    assert np.array_equal(first.schedule.power_w, second.schedule.power_w)


@pytest.mark.parametrize("name", NEVER_FALLS)
def test_the_trace_never_falls(name):
    values = [value for _, _, value in run(name, Problem(instance(seed=2, num_devices=8))).trace]
    assert np.all(np.diff(values) >= -1e-9 * max(values))


@pytest.mark.parametrize("name", sorted(set(NEVER_FALLS) - {"random_wmmse", "random_sca_power", "best_gain_wmmse"}))
def test_a_warm_start_is_not_lost(name):
    """From the optimum every method that never falls stays there (SCA relaxes it away, and finds a best iterate)."""
    problem = Problem(instance())
    best = brute_force.solve(problem, seed=0)
    found = run(name, problem, start=best.schedule)
    assert found.start == "given"
    if not name.startswith("sca"):
        assert found.value == pytest.approx(best.value)


@pytest.mark.parametrize("name", ["best_response", "annealing", "bcd_exact", "qaoa_bcd", "sca_best"])
def test_a_limit_on_evaluations_is_kept_and_said(name):
    found = run(name, Problem(instance()), max_evaluations=30)
    assert found.status.name == "OUT_OF_EVALUATIONS"
    assert found.evaluations < 30 + 200


def test_a_name_is_bound_to_one_method():
    problem = Problem(instance())
    for name in RATE_SOLVERS:
        if name == "matching":
            continue
        expected = {"neal": "annealing_qubo", "dwave-neal": "annealing_qubo"}.get(name, name.removesuffix("_3000"))
        assert run(name, problem).method == expected


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match="'sca' is not a solver; give one of random, random_wmmse"):
        solver("sca")


@pytest.mark.parametrize("name", sorted(set(RATE_SOLVERS) - set(ROUND_TIME_SOLVERS)))
def test_methods_of_rates_refuse_the_round_time(name):
    problem = Problem(instance("V2"), "round_time", payload_bits=np.ones(5))
    with pytest.raises(ConfigError, match="the objective is round_time; give tdma_lpt"):
        run(name, problem)


@pytest.mark.parametrize("name", sorted(set(ROUND_TIME_SOLVERS) - set(RATE_SOLVERS)))
def test_methods_of_the_round_time_refuse_rates(name):
    with pytest.raises(ConfigError, match="minimises the time of a round and the objective is sum_rate"):
        run(name, Problem(instance()))


def test_a_silent_start_is_filled_where_silence_is_forbidden():
    problem = Problem(instance())
    silent = Schedule(np.full(5, -1), np.zeros(5))
    assert run("best_response", problem, start=silent).status.name == "CONVERGED"
