"""The delta mean: federated averaging with a server step size."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def delta_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
) -> Aggregate:
    r"""Return the received angles moved by the mean of the clients' movements.

    .. math::
        \theta_{t+1} = \theta_t + \eta \sum_k w_k (\theta_k - \theta_t), \qquad w_k = n_k / \sum_j n_j

    With :math:`\eta = 1` this is FedAvg. There is no wrap-around trouble as long as clients send angles as trained,
    not wrapped into an interval: the difference is then the way they went.

    Args:
        received: The angles every client started from, in radians.
        updates: The angles they came back with.
        weights: Training samples of each client, or any other non-negative weights.
        layout: Says how many angles; a straight mean needs no periods.
        learning_rate: Server step size :math:`\eta \ge 0`.

    Returns:
        The new angles; no diagnostics.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> updates = np.array([[0.2], [0.6]])
        >>> delta_mean(np.zeros(1), updates, np.ones(2), AngleLayout(("a",), (6.28,)), learning_rate=0.5).angles
        array([0.2])

    Reference:
        McMahan et al., 2017, arXiv:1602.05629, Algorithm 1; with the server step, Reddi et al., 2021, arXiv:2003.00295,
        Algorithm 1 with SGD as the server optimiser.
    """
    require_layout(layout, received)
    step = weighted_mean(shares(weights), updates - received)
    return Aggregate(received + learning_rate * step)
