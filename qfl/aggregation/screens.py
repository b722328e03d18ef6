"""Means of the updates that pass a screen: no longer than usual, or not against the others' direction.

A screen looks at whole updates, one by one, so it sees nothing where only their sum is known.
"""

import numpy as np
from jaxtyping import Bool, Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def norm_screened_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    factor: float = 2.0,
) -> Aggregate:
    r"""Return the received angles moved by the mean of the movements that are not too long.

    .. math::
        \| d_k \| \le c \cdot \operatorname{median}_j \| d_j \|

    with :math:`d_k` the movements around the circle (`qfl.aggregation.local`), so a period more makes none longer. The
    median is that of clients with a weight; what passes counts by its weight.

    Unlike the paper, whose threshold is a number and which shortens what is longer, the threshold follows the median,
    and what is longer is left out.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        learning_rate: Server step size, at least 0.
        factor: :math:`c`, at least 1.

    Returns:
        The new angles, how many updates were ``kept`` and whose, and the ``median_norm`` in rad.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout, updates = AngleLayout(("a",), (2 * np.pi,)), np.array([[0.1], [0.2], [3.0]])
        >>> norm_screened_mean(np.zeros(1), updates, np.ones(3), layout).angles.round(6)
        array([0.15])

    Reference:
        Sun, Kairouz, Suresh and McMahan, Can you really backdoor federated learning?, 2019, arXiv:1911.07963,
        section 4, norm thresholding.
    """
    require_layout(layout, received)
    share = shares(weights)
    moved = local_differences(received, updates, np.array(layout.periods))
    norms = np.linalg.norm(moved, axis=1)
    median = float(np.median(norms[share > 0]))
    return _kept_mean(received, moved, share, norms <= factor * median, learning_rate, median_norm=median)


@checked(free="weights", some="client")
def direction_screened_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    cosine: float = 0.0,
) -> Aggregate:
    r"""Return the received angles moved by the mean of the movements that go with most others.

    .. math::
        \operatorname{median}_j \cos(d_k, d_j) \ge c

    with :math:`d_k` the movements around the circle (`qfl.aggregation.local`). A client is among its own
    neighbours, so attackers that agree with each other are no help to each other while they are fewer than half. A
    movement of length 0 has cosine 0 with all. Length is not looked at: a client that goes the common way may go as far
    as admission lets it.

    Unlike the paper, whose similarities weight clients by their history so as to find those that are too much alike,
    this round's cosines decide, and only which updates count.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client; those of weight 0 are nobody's neighbour.
        layout: Gives the period of each entry.
        learning_rate: Server step size, at least 0.
        cosine: :math:`c` in [-1, 1].

    Returns:
        The new angles, how many updates were ``kept`` and whose, and the least median cosine (``cosine_min``).

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout, updates = AngleLayout(("a",), (2 * np.pi,)), np.array([[0.1], [0.2], [0.3], [-0.5]])
        >>> direction_screened_mean(np.zeros(1), updates, np.ones(4), layout).angles.round(6)
        array([0.2])

    Reference:
        Fung, Yoon and Beschastnikh, The limitations of federated learning in Sybil settings, 2020, RAID,
        arXiv:1808.04866, the cosine similarity of section 5.
    """
    require_layout(layout, received)
    share = shares(weights)
    moved = local_differences(received, updates, np.array(layout.periods))
    judged = median_cosines(moved, share > 0)
    least = float(judged[share > 0].min())
    return _kept_mean(received, moved, share, judged >= cosine, learning_rate, cosine_min=least)


@checked(some="client")
def median_cosines(
    moved: Float[np.ndarray, "client angle"], counted: Bool[np.ndarray, " client"]
) -> Float[np.ndarray, " client"]:
    """Return of each client the median of its movement's cosines with all that count, itself among them.

    Args:
        moved: Movements around the circle.
        counted: Whose cosines count.

    Example:
        >>> median_cosines(np.array([[1.0, 0.0], [2.0, 0.0], [-1.0, 0.0]]), np.ones(3, dtype=bool))
        array([ 1.,  1., -1.])
    """
    norms = np.linalg.norm(moved, axis=1, keepdims=True)
    unit = np.divide(moved, norms, out=np.zeros_like(moved), where=norms > 0)
    return np.median(unit @ unit[counted].T, axis=1)


def _kept_mean(
    received: Float[np.ndarray, " angle"],
    moved: Float[np.ndarray, "client angle"],
    share: Float[np.ndarray, " client"],
    kept: Bool[np.ndarray, " client"],
    learning_rate: float,
    **told: float,
) -> Aggregate:
    """Return the mean of what passed; the angles stay where nobody with a weight did."""
    own = np.where(kept, share, 0.0)
    step = weighted_mean(own / own.sum(), np.where(kept[:, None], moved, 0.0)) if own.any() else 0.0
    return Aggregate(received + learning_rate * step, {"kept": float((kept & (share > 0)).sum()), **told}, kept)
