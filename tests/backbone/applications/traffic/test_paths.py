"""Paths are found once for a network, and taken over only where they are paths of it."""

import numpy as np
import pytest

from qfl.backbone.applications.traffic.paths import MOST_NETWORKS, as_arrays, forget_paths, known_paths, remember
from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError

RING = {("a", "b"): 1.0, ("b", "c"): 1.0, ("c", "a"): 1.0, ("a", "c"): 1.0}


def test_paths_are_known_whatever_the_capacities():
    forget_paths()
    found = Topology.of(RING).shortest_paths("a", "c", 4)
    wider = Topology.of({link: 5.0 for link in RING})
    assert wider.shortest_paths("a", "c", 4) is found and found == ((3,), (0, 1))
    assert wider.shortest_paths("a", "c", 1) == ((3,),)


def test_networks_are_forgotten_before_they_fill_the_memory():
    forget_paths()
    known = [known_paths((f"{k}",), ()) for k in range(MOST_NETWORKS + 1)]
    assert known_paths((f"{MOST_NETWORKS}",), ()) is known[-1] and known_paths(("0",), ()) is not known[0]


def test_numbers_and_back():
    network = Topology.of(RING)
    paths = {("a", "c", 4): network.shortest_paths("a", "c", 4), ("c", "b", 2): network.shortest_paths("c", "b", 2)}
    arrays = as_arrays(paths, network.nodes)
    forget_paths()
    assert remember(network.nodes, network.links, arrays) == 2
    assert known_paths(network.nodes, network.links) == paths


@pytest.mark.parametrize(
    "changes",
    [
        {"path_links": np.array([3, 0, 0])},
        {"path_links": np.array([3, 1, 0])},
        {"path_links": np.array([9, 0, 1])},
        {"path_links": np.array([-1, 0, 1])},
        {"hops": np.array([2, 1])},
        {"paths": np.array([1])},
        {"paths": np.array([3])},
        {"ends": np.array([[0, 2, 1]])},
        {"ends": np.array([[0, 9, 4]])},
        {"ends": np.array([[2, 0, 4]])},
        {"hops": None},
    ],
)
def test_what_are_no_paths_of_the_network_are_refused(changes):
    network = Topology.of(RING)
    arrays = as_arrays({("a", "c", 4): ((3,), (0, 1))}, network.nodes) | changes
    with pytest.raises(ConfigError, match="the paths are none of this network"):
        remember(network.nodes, network.links, {name: each for name, each in arrays.items() if each is not None})
