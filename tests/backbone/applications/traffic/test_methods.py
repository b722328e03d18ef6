"""Bounds, exact reference and heuristics against all routings of small networks.

Also covers qfl/backbone/applications/traffic/abilene.py.
Also covers qfl/backbone/applications/traffic/heuristics.py.
Also covers qfl/backbone/applications/traffic/linear.py.
"""

import numpy as np
import pytest

from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.backbone.applications.traffic.heuristics import (
    descend,
    equal_cost_utilisation,
    greedy,
    reweighted,
    shortest,
)
from qfl.backbone.applications.traffic.linear import exact, split_bound, unsplittable_bound, utilisation_bound
from qfl.backbone.applications.traffic.routing import demand_matrix, routing
from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError

from .conftest import all_choices, random_problem

HEURISTICS = (shortest, greedy, reweighted, lambda problem: descend(problem, shortest(problem)))


def least(problem):
    return min(map(problem.utilisation, all_choices(problem)))


@pytest.mark.parametrize("seed", range(12))
def test_bounds_are_below_the_best_routing_which_is_the_program_s_and_no_method_is_below_it(seed):
    problem = random_problem(seed)
    choice, proved = exact(problem)
    best = least(problem)
    assert max(split_bound(problem), unsplittable_bound(problem)) == utilisation_bound(problem) <= best + 1e-9
    assert problem.utilisation(choice) == pytest.approx(best) and proved <= best + 1e-9
    assert all(problem.utilisation(method(problem)) >= best - 1e-12 for method in HEURISTICS)


@pytest.mark.parametrize("seed", range(6))
def test_the_same_holds_for_a_block_with_the_others_in_place(seed):
    whole = random_problem(seed)
    problem = whole.block([0, 1], greedy(whole))
    assert utilisation_bound(problem) <= least(problem) + 1e-9
    assert problem.utilisation(exact(problem)[0]) == pytest.approx(least(problem))


def test_the_bounds_by_hand(square):
    """7 split as 5 and 2 fills both ways to 0.5; unsplit it is 0.7 at best."""
    problem = routing(square, demand_matrix(square, {("s", "t"): 7.0}), k=2)
    assert split_bound(problem) == pytest.approx(0.5)
    assert unsplittable_bound(problem) == utilisation_bound(problem) == pytest.approx(0.7)
    assert problem.utilisation(exact(problem)[0]) == pytest.approx(0.7)


def test_equal_cost_splitting_by_hand(square):
    """Half of 7 over the way of capacity 4; all over the only shortest path."""
    assert equal_cost_utilisation(square, demand_matrix(square, {("s", "t"): 7.0})) == pytest.approx(3.5 / 4)
    tree = Topology.of(
        {(a, b): 1.0 for a, b in ("sa", "sb", "sc", "ad", "bd", "ct", "dt", "ce", "et")} | {("c", "t"): 1.0}
    )
    # to t over c alone there are two links, over a or b three: all goes over c
    assert equal_cost_utilisation(tree, demand_matrix(tree, {("s", "t"): 1.0})) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(6))
def test_descent_ends_where_no_move_of_one_demand_helps(seed):
    problem = random_problem(seed)
    choice = descend(problem, shortest(problem))
    near = [c for c in all_choices(problem) if (c != choice).sum() == 1]
    assert all(problem.utilisation(c) >= problem.utilisation(choice) - 1e-12 for c in near)


def test_a_day_on_abilene_is_gravity_over_twelve_nodes_and_methods_stand_in_their_order():
    assert len(ABILENE.nodes) == 12 and len(ABILENE.links) == 30 and sorted({*ABILENE.capacity}) == [2480.0, 9920.0]
    matrix = hourly_demands(20, seed=1)
    assert np.array_equal(matrix, hourly_demands(20, seed=1)) and not np.array_equal(matrix, hourly_demands(20, seed=2))
    assert (matrix.diagonal() == 0).all() and matrix[8, 7] > matrix[0, 5]  # New York to Los Angeles, two small nodes
    problem = routing(ABILENE, matrix)
    assert len(problem.demands) == 132 and len(problem.owner) == 522
    low, by_descent, by_greedy, alone = (
        utilisation_bound(problem),
        *(problem.utilisation(m(problem)) for m in (reweighted, greedy, shortest)),
    )
    assert low <= by_descent <= by_greedy < alone and by_descent < 1.02 * low
    with pytest.raises(ConfigError, match="total_mbps is -1"):
        hourly_demands(0, seed=1, total_mbps=-1.0)
