"""Clusters and regions: what a coarse answer means on the full network.

Also covers qfl/backbone/applications/traffic/regions.py.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qfl.backbone.applications.traffic.abilene import ABILENE, hourly_demands
from qfl.backbone.applications.traffic.coarse import clusters
from qfl.backbone.applications.traffic.heuristics import descend, greedy
from qfl.backbone.applications.traffic.regions import by_regions, regions_of
from qfl.backbone.applications.traffic.routing import routing
from qfl.backbone.applications.traffic.surrogate import surrogate
from tests.backbone.applications.traffic.conftest import all_choices, hand_loads, random_problem


@given(st.integers(0, 5_000), st.integers(1, 4), st.booleans())
def test_a_coarse_answer_has_the_utilisation_of_the_full_one_that_it_stands_for(seed, count, regions):
    problem = random_problem(seed)
    count = min(count, len(problem.demands))
    coarse = by_regions(problem, count) if regions else clusters(problem, count)
    for choice in all_choices(coarse.small):
        full = coarse.lift(choice)
        assert np.allclose(coarse.small.loads(choice), hand_loads(problem, full))
    best = min(coarse.small.utilisation(choice) for choice in all_choices(coarse.small))
    assert best >= min(problem.utilisation(choice) for choice in all_choices(problem)) - 1e-12


def test_as_many_clusters_as_demands_are_the_problem_itself():
    problem = random_problem(3)
    coarse = clusters(problem, len(problem.demands))
    assert np.allclose(coarse.small.share, problem.share) and coarse.small.demands == problem.demands
    assert all(np.array_equal(coarse.lift(choice), choice) for choice in all_choices(problem))


def test_the_largest_demands_are_the_heads_and_keep_their_own_paths():
    problem = routing(ABILENE, hourly_demands(20, seed=1))
    coarse = clusters(problem, 10)
    heads = set(np.argsort(-problem.volume)[:10].tolist())
    own = {d for d, options in enumerate(coarse.options) if len(problem.paths[d]) == len(options) and d in heads}
    assert own == heads and len(set(coarse.cluster[sorted(heads)].tolist())) == 10
    assert surrogate(coarse.small).num_variables == sum(len(problem.paths[d]) for d in heads)


def test_a_few_regions_and_then_descent_come_near_the_whole():
    problem = routing(ABILENE, hourly_demands(20, seed=1))
    coarse = by_regions(problem, 3)
    assert len(coarse.small.demands) <= 9 and surrogate(coarse.small).num_variables <= 20
    raw = coarse.lift(greedy(coarse.small))
    assert problem.utilisation(descend(problem, raw)) <= 1.05 * problem.utilisation(descend(problem, greedy(problem)))


@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_regions_part_the_network_into_as_many_as_are_wanted(count):
    region = regions_of(ABILENE, count)
    assert set(region) == set(ABILENE.nodes) and set(region.values()) == set(range(count))


def test_a_block_of_clusters_keeps_their_loads():
    problem = random_problem(5)
    small = clusters(problem, 2).small
    choice = np.zeros(2, dtype=np.int64)
    block = small.block([1], choice)
    assert np.allclose(block.loads(np.array([0])), small.loads(choice))
