"""The circular mean: the mean of angles that know their period."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares, weighted_mean
from qfl.angles import AngleLayout
from qfl.arrays import checked


@checked(free="weights", some="client")
def circular_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    min_resultant: float = 1e-3,
) -> Aggregate:
    r"""Return the period-aware mean, entry by entry.

    .. math::
        z_j = \sum_k w_k\, e^{2\pi i (\theta_{kj} - \theta_{tj}) / P_j}, \qquad
        \theta_{t+1,j} = \theta_{tj} + \eta \frac{P_j}{2\pi} \arg z_j

    Adding a whole period to any client's angle changes nothing, so updates may arrive wrapped or quantised. An entry
    of infinite period is no angle and takes the delta mean. For small differences the two means agree to third order.

    The resultant :math:`R_j = |z_j|` is 1 when all clients agree and 0 when they cancel. Below ``min_resultant`` the
    mean has no direction: the angle stays as received and is counted in ``fallbacks``.

    Unlike Quorus, which takes :math:`\arg \sum_k w_k e^{i\theta_k}` with one period for all angles, we use each
    angle's own period and measure from the received angles: the same mean, but the result never jumps by a period. A
    client that really moved further than half a period is read as having gone the other way round.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, in radians, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        learning_rate: Server step size :math:`\eta \ge 0`.
        min_resultant: Resultants below it have no direction, in [0, 1].

    Returns:
        The new angles; ``resultant_min`` and ``resultant_mean`` over the angles, and the count of ``fallbacks``.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout = AngleLayout(("a",), (2 * np.pi,))
        >>> updates = np.array([[3.1], [3.1 + 0.1 - 2 * np.pi]])        # one client wrapped its angle
        >>> circular_mean(np.array([3.1]), updates, np.ones(2), layout).angles.round(6)
        array([3.15])

    Reference:
        Quorus, arXiv:2510.06228; FedCompass, arXiv:2602.03052; Mardia and Jupp, Directional Statistics, 2000,
        section 2.2.
    """
    require_layout(layout, received)
    step, resultant = circular_step(updates - received, shares(weights), np.array(layout.periods))
    has_mean = resultant >= min_resultant
    return Aggregate(
        received + learning_rate * np.where(has_mean, step, 0.0),
        resultant_diagnostics(resultant[np.isfinite(layout.periods)], num_fallbacks=int(np.sum(~has_mean))),
    )


@checked(positive="periods", infinite="periods", least="share", some="client")
def circular_step(
    delta: Float[np.ndarray, "client angle"], share: Float[np.ndarray, " client"], periods: Float[np.ndarray, " angle"]
) -> tuple[Float[np.ndarray, " angle"], Float[np.ndarray, " angle"]]:
    r"""Return the mean step of each entry and its resultant (1 for entries of infinite period).

    Args:
        delta: The clients' angles minus the received ones, in radians.
        share: Weights that sum to one.
        periods: Of each entry, above 0, in radians; inf where it is no angle.

    Reference:
        Mardia and Jupp, Directional Statistics, 2000, section 2.2, for angles of period :math:`2\pi`.
    """
    is_angle = np.isfinite(periods)
    turn = 2 * np.pi * delta / periods
    cosine, sine = weighted_mean(share, np.cos(turn)), weighted_mean(share, np.sin(turn))
    radians = np.where(is_angle, periods, 0.0) / (2 * np.pi)
    step = np.where(is_angle, np.arctan2(sine, cosine) * radians, weighted_mean(share, delta))
    return step, np.hypot(cosine, sine)


@checked()
def resultant_diagnostics(resultant: Float[np.ndarray, " angle"], num_fallbacks: int) -> dict[str, float]:
    """Return smallest and mean resultant (1 where there is no angle at all) and the number of angles left in place."""
    smallest, mean = (float(resultant.min()), float(resultant.mean())) if resultant.size else (1.0, 1.0)
    return {"resultant_min": smallest, "resultant_mean": mean, "fallbacks": float(num_fallbacks)}
