"""Updates as seen from the broadcast: how far each client went, around the circle where an entry is an angle."""

import numpy as np
from jaxtyping import Float

from qfl.arrays import checked


@checked(positive="periods", infinite="periods", some="client")
def local_differences(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    periods: Float[np.ndarray, " angle"],
) -> Float[np.ndarray, "client angle"]:
    r"""Return the clients' movements, each angle's the shorter way round.

    .. math::
        d_{kj} = \theta_{kj} - \theta_{tj} - P_j \left[ \frac{\theta_{kj} - \theta_{tj}}{P_j} \right]

    with :math:`[\cdot]` the nearest whole number, so :math:`|d_{kj}| \le P_j / 2`; an entry of infinite period is no
    angle and keeps its difference. In these coordinates the circle around the broadcast is a straight line, on which
    distances and medians mean what they always do. A client that really moved further than half a period is read as
    having gone the other way round.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        periods: Of each entry, above 0, in radians; inf where it is no angle.

    Example:
        >>> local_differences(np.array([3.1]), np.array([[3.2 - 2 * np.pi]]), np.array([2 * np.pi])).round(6)
        array([[0.1]])
    """
    moved = updates - received
    whole = np.where(np.isfinite(periods), periods, 0.0)
    return moved - np.round(moved / periods) * whole
