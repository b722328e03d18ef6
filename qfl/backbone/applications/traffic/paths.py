"""The shortest paths of a network, found once: they depend on its nodes and links, not on capacities or demands."""

from collections.abc import Mapping
from itertools import islice, pairwise
from typing import Any

import networkx
import numpy as np
from numpy.typing import NDArray

from qfl.errors import ConfigError

Link = tuple[str, str]
Path = tuple[int, ...]
"""Numbers of links, from the source on."""
Ends = tuple[str, str, int]
"""Source, target, and how many paths at most."""

MOST_NETWORKS, MOST_PAIRS = 16, 20_000
_known: dict[tuple[tuple[str, ...], tuple[Link, ...]], dict[Ends, tuple[Path, ...]]] = {}


def known_paths(nodes: tuple[str, ...], links: tuple[Link, ...]) -> dict[Ends, tuple[Path, ...]]:
    """Return what is known of a network's paths; of 16 networks at most, those of the last ones."""
    if (nodes, links) not in _known:
        while len(_known) >= MOST_NETWORKS:
            _known.pop(next(iter(_known)), None)
        _known[nodes, links] = {}
    return _known[nodes, links]


def forget_paths() -> None:
    """Forget all networks, as a process does that has just begun."""
    _known.clear()


def find_paths(graph: "networkx.DiGraph[str]", links: tuple[Link, ...], ends: Ends) -> tuple[Path, ...]:
    """Return the paths of fewest links, without loops.

    Args:
        graph: The network.
        links: The same, in the order in which they are numbered.
        ends: Source, target, and how many at most.
    """
    place = {link: number for number, link in enumerate(links)}
    found = islice(networkx.shortest_simple_paths(graph, ends[0], ends[1]), ends[2])
    return tuple(tuple(place[link] for link in pairwise(nodes)) for nodes in found)


def as_arrays(paths: Mapping[Ends, tuple[Path, ...]], nodes: tuple[str, ...]) -> dict[str, NDArray]:
    """Return paths as numbers: source, target and most of each pair (``ends``), how many ``paths`` it has, and so on.

    ``hops`` has the number of links of every path, and ``path_links`` these links, one path after the other.

    Args:
        paths: By their ends.
        nodes: Of the network.
    """
    place = {node: number for number, node in enumerate(nodes)}
    each = [path for found in paths.values() for path in found]
    rows = [(place[source], place[target], k) for source, target, k in paths]
    return {
        "ends": np.array(rows, dtype=np.int64).reshape(-1, 3),
        "paths": np.array([len(found) for found in paths.values()], dtype=np.int64),
        "hops": np.array([len(path) for path in each], dtype=np.int64),
        "path_links": np.array([link for path in each for link in path], dtype=np.int64),
    }


def remember(nodes: tuple[str, ...], links: tuple[Link, ...], arrays: Mapping[str, NDArray]) -> int:
    """Take paths over that were found elsewhere, and return of how many pairs.

    Args:
        nodes: Of the network.
        links: Of the network.
        arrays: What `as_arrays` returned.

    Raises:
        ConfigError: If one does not lead from its source to its target over these links, or comes by a node twice.
    """
    try:
        found = _unpacked(nodes, arrays)
        for (source, target, k), paths in found.items():
            if not 1 <= len(paths) <= k or not all(_leads(path, source, target, links) for path in paths):
                raise ValueError(f"from {source} to {target}")
    except (KeyError, ValueError, IndexError) as error:
        raise ConfigError(f"the paths are none of this network ({error}); register the template again") from None
    known_paths(nodes, links).update(found)
    return len(found)


def _unpacked(nodes: tuple[str, ...], arrays: Mapping[str, NDArray]) -> dict[Ends, tuple[Path, ...]]:
    each = np.split(arrays["path_links"], np.cumsum(arrays["hops"])[:-1])
    if len(arrays["ends"]) != len(arrays["paths"]) or arrays["paths"].sum() != len(each):
        raise ValueError("their numbers do not fit each other")
    begin = np.concatenate([[0], np.cumsum(arrays["paths"])]).tolist()
    found: dict[Ends, tuple[Path, ...]] = {}
    for number, (source, target, k) in enumerate(arrays["ends"].tolist()):
        paths = tuple(tuple(path.tolist()) for path in each[begin[number] : begin[number + 1]])
        found[nodes[source], nodes[target], k] = paths
    return found


def _leads(path: Path, source: str, target: str, links: tuple[Link, ...]) -> bool:
    if not path or min(path) < 0:
        return False
    hops: list[Any] = [links[number] for number in path]
    passed = [hops[0][0], *(hop[1] for hop in hops)]
    joined = all(first[1] == second[0] for first, second in pairwise(hops))
    return joined and len(set(passed)) == len(passed) and (passed[0], passed[-1]) == (source, target)
