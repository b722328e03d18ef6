"""What a network of star circuits needs of a device: qubits of a circuit, and circuits of a node."""

from qfl.models.star_gnn import StarGnn
from qfl.quantum.star_cut import num_groups


def num_neighbours(model: StarGnn, num_links: int) -> int:
    """Return how many neighbours a star has in a network.

    Args:
        model: The model.
        num_links: Links of the network, 2 or more.
    """
    most = num_links - 1
    return most if model.sampling == "all" else min(model.k or most, most)


def circuit_neighbours(model: StarGnn, num_links: int) -> int:
    """Return how many neighbours a circuit has: a star's, or those of the groups that it is cut into.

    Args:
        model: The model.
        num_links: Links of the network, 2 or more.
    """
    k = num_neighbours(model, num_links)
    if not model.cut:
        return k
    return 1 if 0 < model.neighbour_subsampling < k else min(k, model.cut)


def num_qubits(model: StarGnn, num_links: int) -> int:
    """Return the qubits of the largest circuit.

    Args:
        model: The model.
        num_links: Links of the network, 2 or more.

    Example:
        >>> from qfl.models.sqm_gnn import SqmGnn
        >>> num_qubits(SqmGnn(), 20), num_qubits(SqmGnn(neighbour_subsampling=0, cut=6), 20)
        (39, 13)
    """
    return 2 * circuit_neighbours(model, num_links) + 1


def circuits_per_node(model: StarGnn, num_links: int) -> int:
    """Return the circuits of one node in a forward pass, each of which is measured along several axes.

    A whole star is measured along X, Y and Z, so that `qfl.models.star_device.circuits` counts it three times; the
    groups of one that is cut are measured along X and Y.

    Args:
        model: The model.
        num_links: Links of the network, 2 or more.

    Example:
        >>> from qfl.models.sqm_gnn import SqmGnn
        >>> whole, cut = SqmGnn(layers=8), SqmGnn(layers=8, neighbour_subsampling=0, cut=6)
        >>> circuits_per_node(whole, 20), circuits_per_node(cut, 20)
        (32, 128)
    """
    k = num_neighbours(model, num_links)
    return model.layers * model.heads * num_groups(k, circuit_neighbours(model, num_links))
