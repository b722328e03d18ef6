"""Backbones from a seed: points on a square, each linked to its nearest, and demands that fade with the distance."""

import networkx
import numpy as np
from jaxtyping import Float64
from numpy import ndarray

from qfl.backbone.applications.traffic.topology import Topology
from qfl.errors import ConfigError
from qfl.seeds import stream

NEAREST = 3  # links of a node, at least, of length
CAPACITY = 10.0
PER_LINK = 0.4  # volume of all demands, over the number of links


def draw_network(
    nodes: int, seed: int, *, reach: float = 0.2, demands: int = 6
) -> tuple[Topology, Float64[ndarray, "node node"]]:
    r"""Return a network of equal links in both directions, and a demand matrix by gravity.

    .. math:: t_{ab} \propto m_a m_b e^{-d_{ab} / reach}

    with masses log-normal; of each node only its largest demands are kept, and they add up to 0.4 for each link.

    Args:
        nodes: 2 or more, on the unit square.
        seed: Of points and masses.
        reach: Distance over which demands fade, in sides of the square; infinity for none.
        demands: That every node begins, 1 or more.

    Raises:
        ConfigError: If a number is out of its range.

    Example:
        >>> topology, matrix = draw_network(12, seed=1)
        >>> len(topology.nodes), int((matrix > 0).sum())
        (12, 72)
    """
    if nodes < 2 or not reach > 0 or demands < 1:
        raise ConfigError(
            f"nodes is {nodes}, reach {reach:g} and demands {demands}; give 2 or more, above 0, and 1 or more"
        )
    draw = stream(seed, "backbone", "network", nodes)
    points = draw.uniform(size=(nodes, 2))
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)
    pairs = _links(distance)
    topology = Topology.of({(f"n{a}", f"n{b}"): CAPACITY for pair in pairs for a, b in (pair, pair[::-1])})
    order = [int(node[1:]) for node in topology.nodes]  # nodes stand in the order of their links
    mass = draw.lognormal(0.0, 0.5, nodes)
    gravity = np.outer(mass, mass) * np.exp(-distance / reach)
    np.fill_diagonal(gravity, 0.0)
    least = np.sort(gravity, axis=1)[:, -min(demands, nodes - 1)]
    kept = np.where(gravity >= least[:, None], gravity, 0.0)[np.ix_(order, order)]
    return topology, kept * PER_LINK * len(topology.links) / kept.sum()


def _links(distance: Float64[ndarray, "node node"]) -> list[tuple[int, int]]:
    """Return every node's nearest, and the shortest tree, so that the network is one."""
    whole = networkx.from_numpy_array(distance)
    pairs = {(min(a, b), max(a, b)) for a, b in networkx.minimum_spanning_edges(whole, data=False)}
    for a, row in enumerate(np.argsort(distance, axis=1, kind="stable")):
        pairs |= {(min(a, int(b)), max(a, int(b))) for b in row[1 : NEAREST + 1]}
    return sorted(pairs)
