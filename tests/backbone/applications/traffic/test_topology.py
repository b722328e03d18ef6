"""Topologies, their paths, and what is refused."""

from itertools import permutations
from math import inf, nan

import networkx
import pytest

from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError


def test_paths_are_all_those_without_loops_the_shortest_first(square):
    names = [[square.links[e] for e in path] for path in square.shortest_paths("s", "t", 9)]
    assert sorted(names) == [[("s", "a"), ("a", "t")], [("s", "b"), ("b", "t")]]
    full = Topology.of({pair: 1.0 for pair in permutations("abcde", 2)})
    paths = full.shortest_paths("a", "e", 99)
    assert len({*paths}) == 1 + 3 + 6 + 6  # through none, one, two or three of the other nodes, in any order
    assert [len(path) for path in paths] == sorted(len(path) for path in paths)
    assert full.shortest_paths("a", "e", 4) == paths[:4]
    for path in paths:
        nodes = ["a", *(full.links[e][1] for e in path)]
        assert len({*nodes}) == len(nodes) and nodes[-1] == "e"


def test_a_networkx_graph_is_the_same_topology_and_an_undirected_one_goes_both_ways():
    graph = networkx.Graph()
    graph.add_edge(1, 2, capacity=3)
    graph.add_edge(2, 3, capacity=5)
    topology = Topology.of_graph(graph)
    assert dict(zip(topology.links, topology.capacity, strict=True)) == {
        ("1", "2"): 3.0,
        ("2", "1"): 3.0,
        ("2", "3"): 5.0,
        ("3", "2"): 5.0,
    }
    graph.add_edge(3, 4)
    with pytest.raises(ConfigError, match="edge 3-4 has no attribute 'capacity'; give every edge a capacity"):
        Topology.of_graph(graph)


@pytest.mark.parametrize(
    ("links", "words"),
    [
        ({("a", "b"): -1.0}, "the link a-b has the capacity -1; give a finite number above 0"),
        ({("a", "b"): nan}, "the link a-b has the capacity nan"),
        ({("a", "b"): inf}, "the link a-b has the capacity inf"),
        ({("a", "b"): 0.0}, "the link a-b has the capacity 0"),
        ({("a", "a"): 1.0}, "the link a-a is a loop or there twice"),
        ({("a", "b"): 1.0, ("c", "d"): 1.0}, r"not connected \(a and c are in parts without a link between them\)"),
        ({}, r"not connected \(no node\)"),
    ],
)
def test_what_is_no_network_is_refused_in_a_sentence(links, words):
    with pytest.raises(ConfigError, match=words) as caught:
        Topology.of(links)
    assert len(caught.value.faults) == 1 and "\n" not in str(caught.value)


def test_unknown_nodes_no_path_and_no_k_are_refused_in_a_sentence(square):
    for source, target, k, words in (
        ("s", "x", 1, "'x' is not a node; give one of s, a, t, b"),
        ("s", "t", 0, "k is 0; give the number of paths per demand, 1 or more"),
    ):
        with pytest.raises(ConfigError, match=words):
            square.shortest_paths(source, target, k)
    with pytest.raises(ConfigError, match="no path leads from b to a"):
        Topology.of({("a", "b"): 1.0}).shortest_paths("b", "a", 1)
    with pytest.raises(ConfigError, match="'c' is not a node"):
        Topology(("a", "b"), (("a", "c"),), (1.0,))
    with pytest.raises(ConfigError, match="1 links have 2 capacities"):
        Topology(("a", "b"), (("a", "b"),), (1.0, 2.0))
