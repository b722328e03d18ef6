"""Block descent: monotone whatever picks the options, and bounded by exact blocks.

Also covers qfl/scheduling/solvers/exact_blocks.py, qfl/scheduling/solvers/uniform_blocks.py.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import ConfigError
from qfl.scheduling import descent
from qfl.scheduling.descent import on_diagonal
from qfl.scheduling.models.qubo import pairwise_model
from qfl.scheduling.models.tangent import tangent_model
from qfl.scheduling.problem import Problem
from qfl.scheduling.solvers.exact_blocks import best
from qfl.scheduling.solvers.qaoa import block_sampler
from qfl.scheduling.solvers.uniform_blocks import uniform
from qfl.scheduling.starts import random_options


def careless(rewards, generator):
    """Pick any combination, most of them worse than the present one."""
    return tuple(int(o) for o in generator.integers(rewards.shape))


@pytest.mark.parametrize("sample", [best, uniform(8), block_sampler(shots=8), careless])
@pytest.mark.parametrize(
    ("variant", "limit"), [("all_active", None), ("optional_channel", None), ("optional_power", None), ("capacity", 2)]
)
def test_the_value_never_falls_and_the_schedule_stays_feasible(small_instance, sample, variant, limit):
    problem = Problem(small_instance(3, variant=variant, max_per_channel=limit))
    solution = descent.solve(problem, on_diagonal(sample), "x", seed=2, num_blocks=15)
    values = [value for _, _, value in solution.trace]
    assert len(values) == 16 and solution.iterations == 15
    assert np.all(np.diff(values) >= 0)
    assert values[-1] == solution.value == problem.value(solution.schedule)
    assert not problem.check(solution.schedule)
    assert np.all(np.diff([evaluations for evaluations, _, _ in solution.trace]) > 0)


@pytest.mark.parametrize("model", [pairwise_model, tangent_model])
def test_blocks_of_three_are_monotone_though_no_model_of_them_is_exact(small_instance, model):
    problem = Problem(small_instance(4))
    solution = descent.solve(problem, on_diagonal(best), "x", seed=1, num_blocks=12, block_size=3, model=model)
    assert np.all(np.diff([value for _, _, value in solution.trace]) >= 0)


@given(st.integers(0, 10_000))
@settings(max_examples=10)
def test_on_the_same_block_no_sampler_beats_enumeration(seed):
    rng = np.random.default_rng(seed)
    table = rng.normal(size=(6, 6))
    found = table[best(table, rng)]
    assert found == table.max()
    assert found >= table[uniform(16)(table, rng)]
    assert found >= table[block_sampler(shots=16)(table, rng)]


def test_more_uniform_shots_find_better_combinations():
    rng = np.random.default_rng(1)
    tables = rng.normal(size=(200, 8, 8))
    few, many = (np.mean([t[uniform(shots)(t, rng)] for t in tables]) for shots in (2, 32))
    assert many > few + 0.5


def test_a_limit_on_evaluations_stops_the_descent(small_instance):
    problem = Problem(small_instance())
    solution = descent.solve(problem, on_diagonal(best), "x", seed=1, num_blocks=100, max_evaluations=60)
    assert solution.status.name == "OUT_OF_EVALUATIONS" and 60 <= solution.evaluations < 120


def test_a_given_start_is_used_and_named(small_instance):
    problem = Problem(small_instance())
    start = random_options(problem, 9)
    solution = descent.solve(problem, on_diagonal(best), "x", seed=1, start=start, num_blocks=1)
    assert solution.start == "given" and solution.trace[0][2] == problem.value(start)


@pytest.mark.parametrize("asked", [{"num_blocks": 0}, {"block_size": 0}])
def test_no_blocks_at_all_are_refused(small_instance, asked):
    with pytest.raises(ConfigError, match="give at least 1 of each"):
        descent.solve(Problem(small_instance()), on_diagonal(best), "x", seed=1, **asked)
