"""The objective, by hand and link by link, and demands that are refused."""

from math import inf, nan

import numpy as np
import pytest

from qfl.backbone.applications.traffic.routing import demand_matrix, routing
from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError

from .conftest import all_choices, hand_loads, random_problem


def test_a_case_by_hand(square):
    """5 from s to t and 2 from a to t: over a that is 7 of 10, over b 5 of 4."""
    problem = routing(square, demand_matrix(square, {("s", "t"): 5.0, ("a", "t"): 2.0}), k=2)
    worth = [problem.utilisation(np.array([p, 0])) for p in (0, 1)]
    through = [square.links[path[0]][1] for path in problem.paths[0]]
    assert dict(zip(through, worth, strict=True)) == {"a": pytest.approx(0.7), "b": pytest.approx(1.25)}


@pytest.mark.parametrize("seed", range(5))
def test_loads_are_the_sums_over_links_and_a_block_keeps_the_others(seed):
    problem = random_problem(seed)
    for choice in all_choices(problem):
        assert problem.loads(choice) == pytest.approx(hand_loads(problem, choice))
        block = problem.block([0, 2], choice)
        assert block.loads(choice[[0, 2]]) == pytest.approx(problem.loads(choice))


@pytest.mark.parametrize(
    ("volumes", "k", "words"),
    [
        ({("s", "t"): -1.0}, 2, "the demand from s to t is -1; give a finite number of 0 or more"),
        ({("s", "t"): nan}, 2, "the demand from s to t is nan"),
        ({("s", "t"): inf}, 2, "the demand from s to t is inf"),
        ({("s", "s"): 1.0}, 2, "s has a demand to itself; give 0 on the diagonal"),
        ({("s", "x"): 1.0}, 2, "'x' is not a node; give one of s, a, t, b"),
        ({}, 2, "all demands are 0; give one above 0"),
        ({("s", "t"): 1.0}, 0, "k is 0; give the number of paths"),
    ],
)
def test_demands_that_cannot_be_are_refused_in_a_sentence(square, volumes, k, words):
    with pytest.raises(ConfigError, match=words):
        routing(square, demand_matrix(square, volumes), k)


def test_a_matrix_of_another_size_and_a_demand_without_a_path_are_refused(square):
    with pytest.raises(ConfigError, match=r"the demand matrix has the shape \(3, 3\); give 4 rows and columns"):
        routing(square, np.ones((3, 3)))
    one_way = Topology.of({("a", "b"): 1.0})
    with pytest.raises(ConfigError, match="no path leads from b to a; add a link or leave the demand out"):
        routing(one_way, demand_matrix(one_way, {("b", "a"): 1.0}))
