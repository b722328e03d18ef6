"""The mean of blocks: each block of the vector comes from the clients that train it."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def block_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
) -> Aggregate:
    r"""Return the received angles, each block moved by the mean of the clients that moved it.

    .. math::
        \theta^{(b)}_{t+1} = \theta^{(b)}_t + \eta \sum_{k \in C_b} w_k (\theta^{(b)}_k - \theta^{(b)}_t), \qquad
        w_k = n_k / \sum_{j \in C_b} n_j

    with :math:`C_b` the clients that moved block b.

    A client that trains another block sends this one back as it came, and has no say in it: FedAvg would let its
    stale copy slow the owners down by their share of the clients. A block that nobody moved stays.

    Blocks are the parts of the names before ``/``; a layout without them is one block, and the rule FedAvg.

    Args:
        received: The angles every client started from.
        updates: The angles they came back with.
        weights: Training samples of each client.
        layout: Gives the blocks.
        learning_rate: Server step size.

    Returns:
        The new angles; ``blocks_moved`` as a diagnostic.

    Example:
        >>> layout = AngleLayout(("0/a", "1/a"), (6.28, 6.28))
        >>> block_mean(np.zeros(2), np.array([[0.2, 0.0], [0.0, 0.6]]), np.ones(2), layout).angles
        array([0.2, 0.6])

    Reference:
        McMahan et al., 2017, arXiv:1602.05629, Algorithm 1, block by block.
    """
    require_layout(layout, received)
    names = np.array([name.partition("/")[0] if "/" in name else "" for name in layout.names])
    angles, moved = received.copy(), 0
    for name in dict.fromkeys(names.tolist()):
        own = names == name
        owners = (updates[:, own] != received[own]).any(axis=1)
        if owners.any():
            step = weighted_mean(shares(weights[owners]), updates[owners][:, own] - received[own])
            angles[own] += learning_rate * step
            moved += 1
    return Aggregate(angles, {"blocks_moved": float(moved)})
