r"""A strategy of one's own: the mean of the clients' movements, none of them longer than the median one.

.. math::
    \theta_{t+1} = \theta_t + \sum_k w_k \min(1, b\, m / |d_k|)\, d_k, \qquad d_k = \theta_k - \theta_t,\; m =
    \operatorname{median}_k |d_k|

A client that moves far, by mistake or on purpose, counts no more than the others. Norm clipping is that of Sun et al.,
2019, arXiv:1911.07963, Section 5; unlike there, the bound is a multiple b of the median length.
"""

import numpy as np
from flwr.serverapp.strategy import Strategy

from qfl.aggregation.aggregate import Aggregate, shares
from qfl.angles import AngleLayout
from qfl.federation.strategy.angle_strategy import AngleStrategy


def clipped_mean(
    received: np.ndarray,
    updates: np.ndarray,
    weights: np.ndarray,
    layout: AngleLayout,
    *,
    bound: float = 1.0,
    **_: float,
) -> Aggregate:
    """Return the received angles moved by the clipped mean, and how many clients were clipped.

    Args:
        received: The angles that every client started from, [angle].
        updates: The angles that they came back with, [client, angle].
        weights: Training samples of each client, [client].
        layout: Names and periods of the angles.
        bound: The longest movement, in median lengths.
        _: The server step size, which this mean has none of.

    Example:
        >>> clipped_mean(np.zeros(1), np.array([[0.1], [0.1], [9.0]]), np.ones(3), AngleLayout(("a",), (6.28,))).angles
        array([0.1])
    """
    moves = updates - received
    lengths = np.linalg.norm(moves, axis=1)
    limit = bound * np.median(lengths)
    kept = np.minimum(1.0, limit / np.maximum(lengths, 1e-300))
    step = (shares(weights) * kept) @ moves
    return Aggregate(received + step, {"clipped": float((kept < 1.0).sum())})


def make(layout: AngleLayout, bound: float = 1.0) -> Strategy:
    """Return the strategy.

    Args:
        layout: Names and periods of the angles; qfl gives it.
        bound: The longest movement, in median lengths: ``[strategy.my] bound = 2.0`` in a run file.
    """
    return AngleStrategy(clipped_mean, layout, bound=bound)
