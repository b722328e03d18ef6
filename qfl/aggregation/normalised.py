"""The normalised mean: clients that made more local steps have no more say for it."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", positive="steps", some="client")
def normalised_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    steps: Float[np.ndarray, " client"],
    learning_rate: float = 1.0,
) -> Aggregate:
    r"""Return the received angles moved by the mean movement *per step*, times the mean number of steps.

    .. math::
        \theta_{t+1} = \theta_t + \eta\, \tau_{\mathrm{eff}} \sum_k p_k \frac{\theta_k - \theta_t}{\tau_k}, \qquad
        \tau_{\mathrm{eff}} = \sum_k p_k \tau_k, \qquad p_k = n_k / \sum_j n_j

    FedAvg minimises the clients' losses weighted by :math:`p_k \tau_k`, not by :math:`p_k`: who steps more pulls more.
    Divided by the steps, the stationary points are those of the mean loss again. With equally many steps everywhere it
    is the delta mean.

    Args:
        received: The angles every client started from, in radians.
        updates: The angles they came back with.
        weights: Training samples of each client.
        layout: Says how many angles; a straight mean needs no periods.
        steps: :math:`\tau_k > 0`, local steps of each client; with local momentum, what they add up to
            (`qfl.tasks.local_steps.accumulated_steps`).
        learning_rate: Server step size :math:`\eta \ge 0`.

    Returns:
        The new angles; ``effective_steps``, :math:`\tau_{\mathrm{eff}}`.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> updates = np.array([[0.1], [-0.4]])                          # one step of 0.1; four steps of -0.1
        >>> layout, steps = AngleLayout(("a",), (6.28,)), np.array([1.0, 4.0])
        >>> abs(normalised_mean(np.zeros(1), updates, np.ones(2), layout, steps=steps).angles).round(9)
        array([0.])

    Reference:
        Wang et al., Tackling the Objective Inconsistency Problem in Heterogeneous Federated Optimization, 2020,
        arXiv:2007.07481, FedNova.
    """
    require_layout(layout, received)
    share = shares(weights)
    effective = float(share @ steps)
    step = effective * weighted_mean(share, (updates - received) / steps[:, None])
    return Aggregate(received + learning_rate * step, {"effective_steps": effective})
