"""The mean of entries: each entry of the vector comes from the clients that train it."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def entry_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
) -> Aggregate:
    r"""Return the received angles, each entry moved by the mean of the clients that moved it.

    .. math::
        \theta_{t+1,j} = \theta_{tj} + \eta \frac{\sum_{k \in C_j} n_k (\theta_{kj} - \theta_{tj})}
        {\sum_{k \in C_j} n_k}

    with :math:`C_j` the clients that moved entry j. A client whose model lacks an entry sends it back as it came, and
    has no say in it. An entry that nobody moved stays.

    Args:
        received: The angles every client started from, in radians.
        updates: The angles they came back with.
        weights: Training samples of each client.
        layout: Says how many angles.
        learning_rate: Server step size, at least 0.

    Returns:
        The new angles; ``entries_moved``, and the least number of clients that moved one of these (``fewest_movers``).

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout = AngleLayout(("a", "b"), (6.28, 6.28))               # the second client's model lacks b
        >>> entry_mean(np.zeros(2), np.array([[0.2, 0.4], [0.6, 0.0]]), np.ones(2), layout).angles
        array([0.4, 0.4])

    Reference:
        Diao, Ding and Tarokh, HeteroFL, 2021, arXiv:2010.01264, for the mean over those that have a parameter. Unlike
        there, models differ in depth, not in width, and clients count by their samples.
    """
    require_layout(layout, received)
    share = shares(weights)
    moved = updates != received
    own = share[:, None] * moved
    total, movers = own.sum(axis=0), (moved & (share[:, None] > 0)).sum(axis=0)
    step = (own * (updates - received)).sum(axis=0) / np.where(total > 0, total, 1.0)
    fewest = float(movers[movers > 0].min()) if movers.any() else 0.0
    return Aggregate(
        received + learning_rate * step, {"entries_moved": float((movers > 0).sum()), "fewest_movers": fewest}
    )
