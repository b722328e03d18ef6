r"""A rule of one's own: the clients' mean movement, with momentum, and a step that shrinks while clients disagree.

.. math::
    m_t = \beta m_{t-1} + \bar d, \qquad \theta_{t+1} = \theta_t + \eta\, a\, m_t, \qquad
    a = |\bar d| \Big/ \sum_k w_k |d_k|, \qquad d_k = \theta_k - \theta_t

The agreement a is 1 where all clients moved alike and near 0 where they cancel one another.
"""

import numpy as np


def agreement_momentum(
    angles: np.ndarray, updates: np.ndarray, weights: np.ndarray, state: dict, decay: float = 0.9, trust: float = 1.0
) -> tuple[np.ndarray, dict]:
    """Return the new angles, and the state for the next round: the momentum.

    Args:
        angles: What every client started from, [angle].
        updates: What they came back with, [client angle].
        weights: Training samples of each client, [client].
        state: What this function returned last; empty before the first round.
        decay: Momentum, from ``[strategy.my]``.
        trust: How much agreement counts: 0 ignores it.

    Example:
        >>> agreement_momentum(np.zeros(1), np.array([[0.1], [0.3]]), np.ones(2), {})[0].round(3)
        array([0.2])
    """
    moves, share = updates - angles, weights / weights.sum()
    mean, travelled = share @ moves, share @ np.linalg.norm(moves, axis=1)
    agreement = (np.linalg.norm(mean) / travelled) ** trust if travelled else 1.0
    momentum = decay * state.get("momentum", np.zeros_like(angles)) + mean
    return angles + agreement * momentum, {"momentum": momentum}
