"""Regions: jobs that share no link, borders reconciled, the objective that of the whole network, all by brute force.

Also covers qfl/backbone/applications/traffic/regional.py and qfl/backbone/applications/traffic/networks.py.
"""

from itertools import combinations, product

import networkx
import numpy as np
import pytest

from qfl.backbone.applications.traffic.blocks import block_descent
from qfl.backbone.applications.traffic.heuristics import descend, reweighted
from qfl.backbone.applications.traffic.linear import split_bound
from qfl.backbone.applications.traffic.networks import draw_network
from qfl.backbone.applications.traffic.regional import in_regions
from qfl.backbone.applications.traffic.regions import regions_of
from qfl.backbone.applications.traffic.routing import demand_matrix, routing
from qfl.backbone.applications.traffic.spatial import route_by_region
from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError

from .conftest import all_choices, hand_loads

LETTERS = "abcd", "efgh"


def two_squares(bridge=5.0):
    """Two full networks of four nodes, joined by one link each way."""
    links = {pair: 10.0 for nodes in LETTERS for pair in product(nodes, nodes) if pair[0] != pair[1]}
    return Topology.of(links | {("d", "e"): bridge, ("e", "d"): bridge})


def best_of(problem):
    return min(all_choices(problem), key=problem.utilisation)


def problem_of(seed, crossing):
    draw = np.random.default_rng(seed)
    ends = [tuple(draw.choice(list(nodes), 2, replace=False).tolist()) for nodes in LETTERS for _ in range(3)]
    ends += [("a", "h"), ("g", "b")] if crossing else []
    topology = two_squares()
    matrix = demand_matrix(topology, {end: float(draw.uniform(1, 6)) for end in ends})
    return in_regions(topology, matrix, regions_of(topology, 2), k=3)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_regions_hold_every_node_once_and_are_connected(count):
    topology, matrix = draw_network(24, seed=2)
    regions = in_regions(topology, matrix, regions_of(topology, count)).regions
    assert len(regions) == count and sorted(n for r in regions for n in r) == sorted(topology.nodes)
    assert all(networkx.is_weakly_connected(topology.graph.subgraph(r)) for r in regions)


@pytest.mark.parametrize("count", [0, -1, 9])
def test_as_many_regions_as_there_cannot_be_are_refused(count):
    with pytest.raises(ConfigError, match=f"{count} regions of 8 nodes; give 1 to 8"):
        regions_of(two_squares(), count)


def test_jobs_of_regions_share_no_link_and_their_loads_are_the_whole_networks():
    problem = problem_of(1, crossing=True)
    assert not any({*a} & {*b} for a, b in combinations(problem.links, 2))
    choice = np.array([0] * 6 + [1] * 2, dtype=np.int64)[: len(problem.whole.demands)]
    for region, links in enumerate(problem.links):
        job = problem.job(region, choice)
        own = job.loads(choice[problem.inside[region]])
        assert own == pytest.approx(hand_loads(problem.whole, choice)[list(links)])
        assert {*job.topology.nodes} == {*problem.regions[region]}


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_crosses_the_best_of_each_region_is_the_best_of_all(seed):
    problem = problem_of(seed, crossing=False)
    assert len(problem.border) == 0
    found = route_by_region(problem, solve=best_of)
    inside = routing(
        two_squares(),
        demand_matrix(two_squares(), dict(zip(problem.whole.demands, problem.whole.volume.tolist(), strict=True))),
        3,
    )
    assert found.utilisation == pytest.approx(min(map(inside.utilisation, all_choices(inside))))


@pytest.mark.parametrize("seed", range(3))
def test_the_objective_is_recomputed_on_the_whole_network_and_no_worse_than_any_single_move(seed):
    problem = problem_of(seed, crossing=True)
    found = route_by_region(problem)
    assert found.utilisation == pytest.approx(hand_loads(problem.whole, found.choice).max())
    assert found.utilisation >= split_bound(problem.whole) - 1e-9
    assert (descend(problem.whole, found.choice) == found.choice).all()
    assert 0 <= found.critical_s <= found.work_s and 1 <= found.rounds <= 4


def test_a_region_may_be_routed_by_a_quantum_computer():
    problem = problem_of(1, crossing=True)
    found = route_by_region(problem, solve=lambda job: block_descent(job, "qaoa", seed=1, blocks=2, variables=9).choice)
    assert split_bound(problem.whole) - 1e-9 <= found.utilisation == problem.whole.utilisation(found.choice)


def test_a_demand_that_cannot_stay_in_its_region_crosses_the_border():
    ring = {("a", "b"): 9.0, ("b", "c"): 9.0, ("c", "a"): 9.0}
    topology = Topology.of(ring)
    problem = in_regions(topology, demand_matrix(topology, {("b", "a"): 1.0}), {"a": 0, "b": 0, "c": 1})
    assert problem.border.tolist() == [0] and route_by_region(problem).utilisation == pytest.approx(1 / 9)


def test_drawn_networks_come_again_and_far_demands_cross_more_borders():
    def crossing(reach):
        topology, matrix = draw_network(24, 3, reach=reach)
        problem = in_regions(topology, matrix, regions_of(topology, 3))
        return problem.whole.volume[problem.border].sum() / problem.whole.volume.sum()

    first, again = draw_network(10, 1), draw_network(10, 1)
    assert first[0] == again[0] and (first[1] == again[1]).all()
    assert first[1].sum() == pytest.approx(0.4 * len(first[0].links))
    assert crossing(0.05) < crossing(float("inf"))


@pytest.mark.parametrize("scale", [1e-6, 1e4])
def test_descent_ends_whatever_the_unit_of_the_demands(scale):
    topology, matrix = draw_network(8, seed=1)
    small, large = routing(topology, matrix), routing(topology, scale * matrix)
    assert large.utilisation(reweighted(large, rounds=8)) == pytest.approx(
        scale * small.utilisation(reweighted(small, rounds=8)), rel=1e-3
    )


@pytest.mark.parametrize("nodes", ["abcdefg", "abcdefghx"])
def test_nodes_without_a_region_and_regions_without_a_node_are_refused(nodes):
    matrix = demand_matrix(two_squares(), {("a", "b"): 1.0})
    with pytest.raises(ConfigError, match="give every node a region"):
        in_regions(two_squares(), matrix, dict.fromkeys(nodes, 0))


@pytest.mark.parametrize("given", [{"nodes": 1}, {"reach": 0.0}, {"reach": float("nan")}, {"demands": 0}])
def test_networks_that_are_none_are_refused(given):
    with pytest.raises(ConfigError, match="give 2 or more, above 0, and 1 or more"):
        draw_network(**{"nodes": 8, "seed": 1} | given)


def test_no_round_is_refused():
    with pytest.raises(ConfigError, match="rounds is 0"):
        route_by_region(problem_of(1, crossing=True), rounds=0)
