"""The geometric median: the point from which the sum of the distances to all updates is least."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked

MOST_STEPS = 1000
STILL = 1e-14  # a step, in rad, after which nothing changes any more


@checked(free="weights", some="client")
def geometric_median(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    smoothing: float = 1e-6,
) -> Aggregate:
    r"""Return the received angles moved by the weighted geometric median of the clients' movements.

    .. math::
        \theta_{t+1} = \theta_t + \eta \arg\min_z \sum_k w_k \| z - d_k \|_{(\nu)}

    with :math:`d_k` the movements around the circle (`qfl.aggregation.local`), and :math:`\|\cdot\|_{(\nu)}` the norm
    smoothed within :math:`\nu`. Clients of less than half the weight cannot take it anywhere: each pulls with its
    weight alone, however far it is.

    Unlike RFA, which measures on the vectors as they come, angles are measured on the shorter way round from the
    broadcast, so updates may arrive wrapped. Unlike RFA, which makes a few passes because each is a round of
    secure aggregation, the server has the updates and goes on until nothing moves.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        learning_rate: Server step size, at least 0.
        smoothing: :math:`\nu` above 0, in rad; the median is off by no more than about that.

    Returns:
        The new angles; the passes made (``passes``) and the median's mean distance to the updates (``spread``), rad.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> updates = np.array([[0.1], [0.1], [3.0]])                    # one of three lies
        >>> found = geometric_median(np.zeros(1), updates, np.ones(3), AngleLayout(("a",), (2 * np.pi,)))
        >>> found.angles.round(4)
        array([0.1])

    Reference:
        Pillutla, Kakade and Harchaoui, Robust Aggregation for Federated Learning, 2022, IEEE Transactions on Signal
        Processing, arXiv:1912.13445, Algorithm 2.
    """
    require_layout(layout, received)
    share = shares(weights)
    moved = local_differences(received, updates, np.array(layout.periods))
    median, passes = weiszfeld(moved, share, smoothing)
    spread = float(share @ np.linalg.norm(moved - median, axis=1))
    return Aggregate(received + learning_rate * median, {"passes": float(passes), "spread": spread})


@checked(positive="smoothing", least="share", some="client")
def weiszfeld(
    points: Float[np.ndarray, "client angle"], share: Float[np.ndarray, " client"], smoothing: float = 1e-6
) -> tuple[Float[np.ndarray, " angle"], int]:
    r"""Return the weighted geometric median and the number of passes, by the smoothed Weiszfeld algorithm.

    .. math::
        \beta_k = \frac{w_k}{\max(\nu, \| z - x_k \|)}, \qquad z \leftarrow \frac{\sum_k \beta_k x_k}{\sum_k \beta_k}

    It starts at the coordinate-wise median (of the points with a weight), which far-off points cannot take with them.

    Args:
        points: One a row.
        share: Weights that sum to one.
        smoothing: :math:`\nu` above 0: no distance counts as less.

    Reference:
        Pillutla, Kakade and Harchaoui, 2022, arXiv:1912.13445, Algorithm 2 (smoothed Weiszfeld).
    """
    z = np.median(points[share > 0], axis=0)
    for number in range(1, MOST_STEPS + 1):
        pull = share / np.maximum(smoothing, np.linalg.norm(points - z, axis=1))
        new = weighted_mean(pull / pull.sum(), points)
        if np.abs(new - z).max(initial=0.0) <= STILL:
            return new, number
        z = new
    return z, MOST_STEPS
