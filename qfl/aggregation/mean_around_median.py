"""The mean around the median: each entry is the mean of the values that are nearest to its median."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares
from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError


@checked(free="weights", some="client")
def mean_around_median(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    byzantine: int = 0,
) -> Aggregate:
    r"""Return the received angles moved, entry by entry, by the mean of the movements nearest to their median.

    .. math::
        \theta_{t+1,j} = \theta_{tj} + \frac{\eta}{K - q} \sum_{k \in N_j} d_{kj}, \qquad
        N_j = \text{the } K - q \text{ clients nearest to } \operatorname{median}_k d_{kj}

    with :math:`d_k` the movements around the circle (`qfl.aggregation.local`). All clients count alike, but for those
    of weight 0, which are left out. Of two values as near, the smaller is taken.

    Unlike the paper, which takes vectors as they come, angles are measured on the shorter way round from the
    broadcast, so updates may arrive wrapped.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        learning_rate: Server step size, at least 0.
        byzantine: :math:`q`, the malicious clients to survive: fewer than half of those that answer.

    Returns:
        The new angles; the mean distance from the median of what was left out (``left_out``), in rad, 0 for q = 0.

    Raises:
        ValueError: If half of the clients or more would be left out, or the weights are negative, not finite or all
            zero.

    Example:
        >>> layout, updates = AngleLayout(("a",), (2 * np.pi,)), np.array([[0.1], [0.2], [3.0]])
        >>> mean_around_median(np.zeros(1), updates, np.ones(3), layout, byzantine=1).angles.round(6)
        array([0.15])

    Reference:
        Xie, Koyejo and Gupta, Generalized Byzantine-tolerant SGD, 2018, arXiv:1802.10116, the rule MeaMed.
    """
    require_layout(layout, received)
    moved = local_differences(received, updates[shares(weights) > 0], np.array(layout.periods))
    kept = len(moved) - byzantine
    if not 2 * byzantine < len(moved) or byzantine < 0:
        raise InputError(f"{byzantine} malicious clients of {len(moved)} that answered; at most fewer than half")
    values = np.sort(moved, axis=0)
    distance = np.abs(values - np.median(values, axis=0))
    nearest = np.argsort(distance, axis=0, kind="stable")
    step = np.take_along_axis(values, nearest[:kept], axis=0).mean(axis=0)
    left = np.take_along_axis(distance, nearest[kept:], axis=0)
    return Aggregate(received + learning_rate * step, {"left_out": float(left.mean()) if left.size else 0.0})
