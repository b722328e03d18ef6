"""Load balancing as a QUBO, and list scheduling.

Also covers qfl/scheduling/solvers/tdma_lpt.py.
"""

from itertools import product

import numpy as np
import pytest

from qfl.scheduling.bounds import round_time_bound
from qfl.scheduling.descent import on_diagonal
from qfl.scheduling.problem import Problem, Schedule, channel_loads
from qfl.scheduling.solvers import load_balancing, tdma_lpt
from qfl.scheduling.solvers.exact_blocks import best
from qfl.scheduling.solvers.registry import solver


@pytest.fixture
def problem(small_instance):
    bits = np.random.default_rng(1).uniform(1e3, 1e4, 6)
    return Problem(small_instance(1, decades=2), "round_time", payload_bits=bits)


def test_the_model_is_minus_the_sum_of_squared_loads_for_every_block(problem):
    full = np.full(6, 0.251)
    start = Schedule(np.array([0, 1, 2, 0, 1, 2]), full)
    for block in (np.array([3]), np.array([0, 4]), np.array([5, 1, 2]), np.arange(6)):
        model = load_balancing.squared_loads_model(problem, start, block)
        for picks in list(product(range(3), repeat=len(block)))[:81]:
            channel = start.channel.copy()
            channel[block] = picks
            loads = channel_loads(problem, Schedule(channel, full))
            assert model.reward(picks) == pytest.approx(-np.sum(loads**2))


def test_the_squared_loads_never_rise(problem, monkeypatch):
    seen = []
    balance = load_balancing.balance
    monkeypatch.setattr(load_balancing, "balance", lambda *a: seen.append(balance(*a)) or seen[-1])
    found = load_balancing.solve(problem, on_diagonal(best), "x", seed=1, num_blocks=30)
    assert balance(problem, found.schedule) == max(seen) > seen[0]


@pytest.mark.parametrize("name", ["squared_loads_qaoa", "squared_loads_annealing"])
def test_both_samplers_balance_a_random_start(problem, name):
    found = solver(name)(problem, seed=5, num_blocks=40)
    assert round_time_bound(problem).value <= found.value < found.trace[0][2]


def test_list_scheduling_is_grahams_on_equal_sub_channels(small_instance):
    """The classic: uploads 3 3 2 2 2 on two machines take 7 by LPT, 6 at best."""
    instance = small_instance(num_devices=5, num_channels=2)
    same = type(instance)(np.ones((5, 2)), np.ones(5), 0.0, 1.0, 1.0, "all_active", 5, 0.0)
    problem = Problem(same, "round_time", payload_bits=np.array([3.0, 3, 2, 2, 2]))
    assert tdma_lpt.solve(problem, seed=0).value == pytest.approx(7)
    assert solver("brute_force")(problem, seed=0).value == pytest.approx(6)


def test_a_sub_channel_without_gain_is_avoided(small_instance):
    instance = small_instance(num_devices=4, num_channels=2)
    gain = np.array([[0.0, 5.0], [4.0, 5.0], [3.0, 0.0], [4.0, 4.0]])
    deaf = type(instance)(gain, np.ones(4), 1e-3, 1.0, 1.0, "all_active", 4, 0.0)
    problem = Problem(deaf, "round_time", payload_bits=np.ones(4))
    for name in ("tdma_lpt", "squared_loads_qaoa", "squared_loads_annealing", "brute_force"):
        found = solver(name)(problem, seed=1)
        assert np.isfinite(found.value)
        assert found.schedule.channel[0] == 1 and found.schedule.channel[2] == 0
