r"""Gradients and updates that need no more of a circuit than its value: parameter shifts and Rotosolve.

Both rest on one fact: as a function of one angle of a rotation gate, an expectation value is
:math:`a + b \cos\theta + c \sin\theta`. They are exact for a loss that is *linear* in expectation values (an expected
reward), and for no other: the article's Appendix B applies them to a squared loss, whose second harmonic they miss.
"""

from collections.abc import Callable
from math import atan2, pi, sin

import numpy as np
from jaxtyping import Float

Vector = Float[np.ndarray, " angle"]
Loss = Callable[[Vector], float]


def parameter_shift(loss: Loss, angles: Vector, shift: float = pi / 2) -> Vector:
    r"""Return the gradient from two values per angle.

    .. math::
        \frac{\partial L}{\partial \theta_i} = \frac{L(\theta_i + \varrho) - L(\theta_i - \varrho)}{2 \sin \varrho}

    Unlike Appendix B, where "1/2 sin(rho)" stands before the difference: it is to be divided by, which for the
    rho = pi/2 of Table III makes no difference, and for the pi/4 of Appendix D a factor of two.

    Args:
        loss: Linear in expectation values; every angle belongs to one rotation gate.
        angles: Where.
        shift: rho, not a multiple of pi.

    Example:
        >>> parameter_shift(lambda theta: float(np.cos(theta[0])), np.array([np.pi / 2])).round(12)
        array([-1.])

    Reference:
        Mitarai et al., Quantum circuit learning, 2018, arXiv:1803.00745; Schuld et al., 2019, arXiv:1811.11184.
    """
    steps = shift * np.eye(len(angles))
    return np.array([loss(angles + step) - loss(angles - step) for step in steps]) / (2 * sin(shift))


def rotosolve(loss: Loss, angles: Vector, sweeps: int = 1) -> Vector:
    r"""Return angles after sweeps in which each in turn goes to its minimum, all others held.

    .. math::
        \hat\theta_i = -\frac{\pi}{2} - \mathrm{arctan2}(2 L_0 - L_+ - L_-,\; L_+ - L_-), \qquad
        L_0 = L(\theta_i = 0), \; L_\pm = L(\theta_i = \pm \pi/2)

    Unlike Appendix B, which prints arctan of the quotient: it cannot tell the minimum from the maximum and goes to the
    wrong one of the two for half of the losses.

    Args:
        loss: Linear in expectation values; every angle belongs to one rotation gate.
        angles: The start; only entries not yet visited matter.
        sweeps: Passes over all angles.

    Example:
        >>> rotosolve(lambda theta: float(np.cos(theta[0] - 0.5)), np.zeros(1)).round(6)
        array([-2.641593])

    Reference:
        Ostaszewski, Grant and Benedetti, Structure optimization for parameterized quantum circuits, 2021,
        arXiv:1905.09692, Algorithm 1.
    """
    angles = angles.copy()
    for index in list(range(len(angles))) * sweeps:
        zero, plus, minus = (loss(_with(angles, index, value)) for value in (0.0, pi / 2, -pi / 2))
        angle = -pi / 2 - atan2(2 * zero - plus - minus, plus - minus)
        angles[index] = angle + 2 * pi if angle < -pi else angle
    return angles


def descending_rate(rate: float, episode: int) -> float:
    """Return the article's step size in an episode, counted from 0: mu / sqrt(episode + 1), section V.

    Example:
        >>> [round(descending_rate(0.01, episode), 4) for episode in (0, 3)]
        [0.01, 0.005]
    """
    return rate / (episode + 1) ** 0.5


def _with(angles: Vector, index: int, value: float) -> Vector:
    changed = angles.copy()
    changed[index] = value
    return changed
