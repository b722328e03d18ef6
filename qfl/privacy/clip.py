"""Cut a movement to a length that nobody exceeds, every angle taken the short way round."""

import numpy as np
from jaxtyping import Float

from qfl.arrays import checked


@checked(positive="periods", infinite="periods", some="client")
def shortest(
    moved: Float[np.ndarray, "client angle"], periods: Float[np.ndarray, " angle"]
) -> Float[np.ndarray, "client angle"]:
    r"""Return the movements that end at the same angles and are shortest: within half a period either way.

    Args:
        moved: Differences of angles, in radians.
        periods: Of each entry, in radians; inf where it is no angle, which stays as it is.

    Example:
        >>> shortest(np.array([[6.0, 6.0]]), np.array([2 * np.pi, np.inf])).round(3)
        array([[-0.283,  6.   ]])
    """
    finite = np.where(np.isfinite(periods), periods, 1.0)
    return np.where(np.isfinite(periods), moved - finite * np.rint(moved / finite), moved)


@checked(positive="periods", infinite="periods", some="client")
def circular_clip(
    moved: Float[np.ndarray, "client angle"], periods: Float[np.ndarray, " angle"], limit: float
) -> tuple[Float[np.ndarray, "client angle"], Float[np.ndarray, " client"]]:
    r"""Return movements of circular norm at most ``limit``, and the norms before.

    .. math::
        \bar\Delta = \delta \min\left(1, \frac{c}{\lVert \delta \rVert}\right), \qquad
        \delta_j = \Delta_j - P_j \left\lfloor \Delta_j / P_j \right\rceil

    Whole turns change nothing that a circuit measures, so they cost no length: an update that arrives wrapped is cut as
    the same one unwrapped is.

    Args:
        moved: Differences from the angles that were broadcast, in radians, finite.
        periods: Of each entry, in radians; inf where it is no angle.
        limit: Longest norm :math:`c > 0`, in radians.

    Example:
        >>> circular_clip(np.array([[6.0, 0.0]]), np.array([2 * np.pi] * 2), 0.1)[0].round(3)
        array([[-0.1,  0. ]])

    Reference:
        McMahan et al., "Learning Differentially Private Recurrent Language Models", 2018, arXiv:1710.06963, section 2
        (flat clipping), here on the circle.
    """
    straight = shortest(moved, periods)
    norm = np.linalg.norm(straight, axis=-1)
    factor = np.minimum(1.0, limit / np.maximum(norm, np.finfo(np.float64).tiny))
    return straight * factor[..., None], norm
