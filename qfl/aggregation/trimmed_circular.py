"""The trimmed circular mean: of each angle the outermost values on either side are cut off, on the circle."""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, require_layout, shares
from qfl.aggregation.circular import circular_step
from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError


@checked(free="weights", some="client")
def trimmed_circular_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    trim: float = 0.2,
) -> Aggregate:
    r"""Return the received angles moved, entry by entry, by the circular mean of what is left of the movements.

    The circle is cut open opposite to the circular median of the clients; there, as on a line, the
    :math:`m = \lfloor \beta K \rfloor` outermost movements at either end are left out. All clients count alike, but for
    those of weight 0, which are left out. An entry of infinite period is no angle and takes the plain trimmed mean.

    Unlike a trimmed mean of the numbers as they come, whole periods added to any client's angle change nothing, so
    nobody is cut off for having wrapped an angle, and nobody gets a value in by wrapping it.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the period of each entry.
        learning_rate: Server step size, at least 0.
        trim: :math:`\beta`, the share cut off at each end, in [0, 0.5).

    Returns:
        The new angles; the smallest and mean resultant of what is left, as `qfl.aggregation.circular` has it.

    Raises:
        ValueError: If the share is not in [0, 0.5), or the weights are negative, not finite or all zero.

    Example:
        >>> layout, updates = AngleLayout(("a",), (2 * np.pi,)), np.array([[0.1], [0.2], [0.3], [3.0], [0.2]])
        >>> trimmed_circular_mean(np.zeros(1), updates, np.ones(5), layout).angles.round(4)
        array([0.2333])

    Reference:
        Yin, Chen, Kannan and Bartlett, 2018, arXiv:1803.01498, Definition 2, on the line; the circular median is that
        of Mardia and Jupp, Directional Statistics, 2000, section 2.2.2.
    """
    require_layout(layout, received)
    if not 0 <= trim < 0.5:
        raise InputError(f"trim = {trim}; give a share from 0 to below 0.5")
    periods = np.array(layout.periods)
    moved = local_differences(received, updates[shares(weights) > 0], periods)
    centre = circular_median(moved, periods)
    around = np.sort(local_differences(centre, moved, periods), axis=0)
    cut = int(trim * len(around))
    left = around[cut : len(around) - cut]
    step, resultant = circular_step(left, np.full(len(left), 1 / len(left)), periods)
    whole = local_differences(np.zeros_like(centre), (centre + step)[None], periods)[0]
    least = resultant[np.isfinite(periods)]
    told = {"resultant_min": float(least.min(initial=1.0)), "resultant_mean": float(least.mean() if least.size else 1)}
    return Aggregate(received + learning_rate * whole, told)


@checked(positive="periods", infinite="periods", some="client")
def circular_median(
    values: Float[np.ndarray, "client angle"], periods: Float[np.ndarray, " angle"]
) -> Float[np.ndarray, " angle"]:
    """Return, of each entry, the value from which the sum of arcs to all values is least; of two alike, the smaller.

    Args:
        values: Of each client, in radians.
        periods: Of each entry, above 0; inf where it is no angle, and arcs are distances.

    Reference:
        Mardia and Jupp, Directional Statistics, 2000, section 2.2.2.

    Example:
        >>> circular_median(np.array([[0.1], [6.2], [0.2]]), np.array([2 * np.pi]))
        array([0.1])
    """
    found = np.empty(values.shape[1])
    for entry, period in enumerate(periods):
        column = np.sort(values[:, entry])
        arcs = np.abs(local_differences(np.zeros(1), (column[:, None] - column).reshape(-1, 1), np.array([period])))
        found[entry] = column[arcs.reshape(len(column), -1).sum(axis=1).argmin()]
    return found
