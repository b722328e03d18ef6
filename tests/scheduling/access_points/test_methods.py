"""Assignments: what each method promises, against enumeration.

Also covers qfl/scheduling/access_points/annealing.py, qfl/scheduling/access_points/best_response.py,
qfl/scheduling/access_points/exhaustive.py, qfl/scheduling/access_points/greedy.py,
qfl/scheduling/access_points/matching.py, qfl/scheduling/access_points/problem.py,
qfl/scheduling/access_points/qubo.py, qfl/scheduling/access_points/random.py.
"""

from itertools import product

import dimod
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from qfl.errors import ConfigError
from qfl.scheduling.access_points import annealing, best_response, exhaustive, search
from qfl.scheduling.access_points.problem import SILENT, problems
from qfl.scheduling.access_points.qubo import assignment_model
from qfl.scheduling.solvers.registry import solve
from qfl.wireless.cell_free.channel import draw
from qfl.wireless.cell_free.network import CellFree
from qfl.wireless.cell_free.precoders import max_ratio, slnr
from qfl.wireless.cell_free.rates import evaluate, one_hot


def problem(seed=1, objective="min_rate", all_served=True, **network):
    network = CellFree(**network)
    channel = draw(network, seed, 1).known
    return problems(network, channel, max_ratio(channel), objective, all_served)[0]


def test_enumeration_is_the_best_of_all_by_the_rates_of_the_paper():
    network = CellFree()
    channel = draw(network, 2, 3).known
    for index, task in enumerate(problems(network, channel, slnr(channel, network))):
        rows = torch.tensor([row for row in product(range(3), repeat=4) if set(row) == {0, 1, 2}])
        many = channel[index].expand(36, -1, -1, -1)
        best = evaluate(network, many, one_hot(rows, 3), slnr(many, network)).min_rate.max()
        assert task.value(exhaustive.solve(task).choice) == pytest.approx(float(best))


def test_there_are_81_assignments_and_36_serve_everybody():
    assert len(exhaustive.candidates(4, 3, False)) == 81
    assert len(exhaustive.candidates(4, 3)) == 36
    with pytest.raises(ConfigError, match="1000000"):
        exhaustive.candidates(6, 10)


def gamma(task, reading, ap, user, users):
    """Three readings of the printed ratio: alone, disturbed by those assigned, disturbed by all at the same user."""
    rho, mu, power = task.network.snr, task.network.interference, task.power
    others = [n for n in range(task.num_aps) if n != ap]
    if reading == "alone":
        others = []
    elif reading == "assigned":
        others = [n for n in others if users[n] != SILENT]
    beam = {n: users[n] if reading == "assigned" else user for n in others}
    return rho * power[ap, user, user] / (rho * mu * sum(power[n, beam[n], user] for n in others) + 1)


@pytest.mark.parametrize("reading", ["alone", "assigned", "same_user"])
def test_algorithm_4_does_not_depend_on_how_its_ratio_is_read(reading):
    for seed in range(20):
        task = problem(seed)
        users = np.full(4, SILENT)
        turn = 0
        while (users == SILENT).any():
            free = np.flatnonzero(users == SILENT)
            users[free[np.argmax([gamma(task, reading, ap, turn % 3, users) for ap in free])]] = turn % 3
            turn += 1
        assert search.solve(task).choice.tolist() == users.tolist()


@given(st.integers(0, 10**6), st.sampled_from(["min_rate", "sum_rate"]))
@settings(max_examples=10)
def test_the_quadratic_model_is_exact_for_two_access_points(seed, objective):
    task = problem(seed, objective, num_aps=5)
    users = solve(task, "random", seed=seed).choice
    block = np.random.default_rng(seed).permutation(5)[:2]
    model = assignment_model(task, users, block)
    for picks in product(range(3), repeat=2):
        tried = users.copy()
        tried[block] = picks
        assert model.reward(picks) == pytest.approx(task.value(tried), abs=1e-9)


def test_a_sampler_of_the_qubo_finds_the_best_block():
    task = problem(3, "sum_rate", num_aps=4)
    start = solve(task, "algorithm4", seed=1).choice
    found = annealing.solve(task, seed=1, start=start, sampler=dimod.ExactSolver(), num_blocks=12, block_size=2)
    users = found.choice
    assert task.value(users) >= task.value(start)
    for block in ([0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]):
        for picks in product(range(3), repeat=2):
            tried = users.copy()
            tried[block] = picks
            assert task.value(tried) <= task.value(users) + 1e-9


def test_dwaves_annealing_is_as_good_as_enumeration_on_the_papers_network():
    tasks = [problem(seed) for seed in range(4)]
    found = [annealing.solve(task, seed=1, num_blocks=30).value for task in tasks]
    best = [exhaustive.solve(task).value for task in tasks]
    assert np.mean(found) > 0.97 * np.mean(best)
    with pytest.raises(ConfigError, match="0 blocks"):
        annealing.solve(tasks[0], seed=1, num_blocks=0)


def test_no_single_move_improves_a_best_response():
    task = problem(5, "sum_rate", num_aps=7, num_users=4)
    users = best_response.solve(task, seed=1).choice
    for ap, user in product(range(7), range(4)):
        tried = users.copy()
        tried[ap] = user
        assert task.value(tried) <= task.value(users) + 1e-9


def test_a_user_that_must_be_served_and_is_not_makes_the_assignment_worthless():
    users = np.array([0, 0, 1, 1])
    assert problem(objective="sum_rate").value(users) == 0
    assert problem(objective="sum_rate", all_served=False).value(users) > 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"objective": "max"}, "objective is 'max'"),
        ({"coherent": True}, "without coherence"),
        ({"num_aps": 2}, "2 access points cannot serve 3 users"),
    ],
)
def test_impossible_problems_are_refused(change, sentence):
    with pytest.raises(ConfigError, match=sentence):
        problem(**change)
