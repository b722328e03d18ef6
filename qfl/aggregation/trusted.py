"""FLTrust: updates count by how much they go with the server's own, and none is longer than it."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def trusted_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    server: Float[np.ndarray, " angle"],
    learning_rate: float = 1.0,
) -> Aggregate:
    r"""Return the received angles moved by the mean of the clients' movements, weighted by trust.

    .. math::
        \tau_k = \max(0, \cos(d_k, d_0)), \qquad
        \theta_{t+1} = \theta_t + \frac{\eta}{\sum_k \tau_k} \sum_k \tau_k \frac{\| d_0 \|}{\| d_k \|} d_k

    with :math:`d_k` the movements around the circle (`qfl.aggregation.local`) and :math:`d_0` that of the server's own
    update. Unlike the paper, which takes vectors as they come, angles are measured the shorter way round. As in the
    paper, samples do not count: a client of weight 0 is left out, all others have their trust alone. Where nobody is
    trusted the angles stay.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        server: The angles that the server itself trained from the broadcast, on samples that it trusts.
        learning_rate: Server step size, at least 0.

    Returns:
        The new angles, how many updates were ``kept`` (trusted at all) and whose, and the mean trust (``trust``).

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout, updates = AngleLayout(("a", "b"), (2 * np.pi,) * 2), np.array([[0.1, 0.1], [-3.0, 0.0], [1.0, 0.0]])
        >>> trusted_mean(np.zeros(2), updates, np.ones(3), layout, server=np.array([0.2, 0.0])).angles.round(4)
        array([0.1757, 0.0586])

    Reference:
        Cao, Fang, Liu and Gong, FLTrust: Byzantine-robust federated learning via trust bootstrapping, 2021, NDSS,
        arXiv:2012.13995, Eqs. (1) to (4) of section IV.
    """
    require_layout(layout, received)
    periods = np.array(layout.periods)
    counted = shares(weights) > 0
    moved = local_differences(received, updates, periods)
    own = local_differences(received, server[None], periods)[0]
    norms, norm = np.linalg.norm(moved, axis=1), float(np.linalg.norm(own))
    unit = np.divide(moved, norms[:, None], out=np.zeros_like(moved), where=norms[:, None] > 0)
    cosine = unit @ own / norm if norm else np.zeros(len(moved))
    trust = np.where(counted, np.maximum(0.0, cosine), 0.0)
    step = norm * weighted_mean(trust / trust.sum(), unit) if trust.any() else 0.0
    told = {"kept": float((trust > 0).sum()), "trust": float(trust[counted].mean())}
    return Aggregate(received + learning_rate * step, told, trust > 0)
