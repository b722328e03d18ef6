r"""Gradients and updates that need no more of a circuit than its value: parameter shifts and Rotosolve.

Both rest on one fact: as a function of one angle of a rotation gate, an expectation value is
:math:`a + b \cos\theta + c \sin\theta`. They are exact for a loss that is *linear* in expectation values (an expected
reward), and for no other: the article's Appendix B applies them to a squared loss, whose second harmonic they miss. So
do controlled rotations, which have half harmonics, angles that several gates share, and angles that a weight scales.
A loss does not say of which kind it is, so it is asked: a further value or two of each angle must fit the form.
"""

from collections.abc import Callable
from math import atan2, cos, isfinite, pi, sin

import numpy as np
from jaxtyping import Bool, Float
from numpy.typing import ArrayLike

Vector = Float[np.ndarray, " angle"]
Loss = Callable[[Vector], float]
LEAST_SINE = 1e-6  # a shift nearer to a multiple of pi leaves nothing but rounding errors
TOLERANCE = 1e-5  # of values, relative to the largest: deep circuits in single precision are 1e-6 off


def parameter_shift(loss: Loss, angles: ArrayLike, shift: float = pi / 2, *, check: bool = True) -> Vector:
    r"""Return the gradient from two values per angle, and two more that show whether two are enough.

    .. math::
        \frac{\partial L}{\partial \theta_i} = \frac{L(\theta_i + \varrho) - L(\theta_i - \varrho)}{2 \sin \varrho}

    Unlike Appendix B, where "1/2 sin(rho)" stands before the difference: it is to be divided by, which for the
    rho = pi/2 of Table III makes no difference, and for the pi/4 of Appendix D a factor of two.

    Args:
        loss: Linear in expectation values; every angle belongs to one rotation gate, which nothing controls.
        angles: Where; whole numbers are taken as floats.
        shift: rho, not a multiple of pi.
        check: Whether another shift must give the same slope. A loss that is estimated with shots needs False: its
            values differ from call to call, so that nobody sees where the form does not fit.

    Raises:
        ValueError: If the shift is a multiple of pi or not finite, the angles are no vector of finite numbers, or two
            shifts disagree on the slope.

    Example:
        >>> parameter_shift(lambda theta: float(np.cos(theta[0])), np.array([np.pi / 2])).round(12)
        array([-1.])

    Reference:
        Mitarai et al., Quantum circuit learning, 2018, arXiv:1803.00745; Schuld et al., 2019, arXiv:1811.11184.
    """
    if not isfinite(shift) or abs(sin(shift)) < LEAST_SINE:
        raise ValueError(f"shift = {shift}: expected a finite number that is no multiple of pi, such as pi / 2")
    vector = _vector(angles)
    values = _values(loss, vector, shift)
    slopes = (values[0] - values[1]) / (2 * sin(shift))
    if check:
        other = _other(shift)
        again = _values(loss, vector, other)
        slack = TOLERANCE * np.abs([values, again]).max(initial=0) / min(abs(sin(shift)), abs(sin(other)))
        _refuse_where(np.abs((again[0] - again[1]) / (2 * sin(other)) - slopes) > slack)
    return slopes


def rotosolve(loss: Loss, angles: ArrayLike, sweeps: int = 1, *, check: bool = True) -> Vector:
    r"""Return angles after sweeps in which each in turn goes to its minimum, all others held.

    .. math::
        \hat\theta_i = -\frac{\pi}{2} - \mathrm{arctan2}(2 L_0 - L_+ - L_-,\; L_+ - L_-), \qquad
        L_0 = L(\theta_i = 0), \; L_\pm = L(\theta_i = \pm \pi/2)

    Unlike Appendix B, which prints arctan of the quotient: it cannot tell the minimum from the maximum and goes to the
    wrong one of the two for half of the losses.

    Args:
        loss: Linear in expectation values; every angle belongs to one rotation gate, which nothing controls.
        angles: The start, of which only entries not yet visited matter; whole numbers are taken as floats.
        sweeps: Passes over all angles, at least 0.
        check: Whether the loss must have at the minimum, and a radian beside it, what the three values foretell; False
            for a loss that is estimated with shots.

    Raises:
        ValueError: If the angles are no vector of finite numbers, the sweeps are negative, or the loss is not of
            the form.

    Example:
        >>> rotosolve(lambda theta: float(np.cos(theta[0] - 0.5)), np.zeros(1)).round(6)
        array([-2.641593])

    Reference:
        Ostaszewski, Grant and Benedetti, Structure optimization for parameterized quantum circuits, 2021,
        arXiv:1905.09692, Algorithm 1.
    """
    if sweeps < 0:
        raise ValueError(f"sweeps = {sweeps}: expected 0 or more")
    vector = _vector(angles).copy()
    for index in list(range(len(vector))) * sweeps:
        zero, plus, minus = (float(loss(_with(vector, index, value))) for value in (0.0, pi / 2, -pi / 2))
        mean, cosine, sine = (plus + minus) / 2, zero - (plus + minus) / 2, (plus - minus) / 2
        angle = -pi / 2 - atan2(2 * zero - plus - minus, plus - minus)
        if check:
            foretold = mean - np.hypot(cosine, sine) * np.cos([0.0, 1.0])
            found = np.array([float(loss(_with(vector, index, angle + beside))) for beside in (0.0, 1.0)])
            wrong = np.abs(found - foretold).max() > TOLERANCE * max(map(abs, (zero, plus, minus, *found.tolist())))
            _refuse_where((np.arange(len(vector)) == index) & wrong)
        vector[index] = angle + 2 * pi if angle < -pi else angle
    return vector


def descending_rate(rate: float, episode: int) -> float:
    """Return the article's step size in an episode, counted from 0: mu / sqrt(episode + 1), section V.

    Example:
        >>> [round(descending_rate(0.01, episode), 4) for episode in (0, 3)]
        [0.01, 0.005]
    """
    return rate / (episode + 1) ** 0.5


def _values(loss: Loss, angles: Vector, shift: float) -> Float[np.ndarray, "2 angle"]:
    """Return the loss with each angle shifted forth, and back."""
    steps = shift * np.eye(len(angles))
    return np.array([[float(loss(angles + sign * step)) for step in steps] for sign in (1, -1)])


def _other(shift: float) -> float:
    """Return a shift whose slopes differ wherever there is another harmonic than the first."""
    return max((1.0, 2.0), key=lambda other: abs(abs(cos(shift)) - abs(cos(other))))


def _refuse_where(wrong: Bool[np.ndarray, " angle"]) -> None:
    if wrong.any():
        raise ValueError(
            f"the loss is not a + b cos + c sin of angle {int(wrong.argmax())}, so that the rule does not hold; give a "
            "loss linear in expectation values, with each angle in one rotation that nothing controls or scales, or "
            "take autograd; check=False for a loss that is estimated with shots"
        )


def _vector(angles: ArrayLike) -> Vector:
    given = np.asarray(angles)
    if given.dtype.kind not in "iufb":
        raise ValueError(f"angles: expected one vector of real numbers, not {given.dtype} in a {type(angles).__name__}")
    vector = given.astype(np.float64)
    if vector.ndim != 1 or not np.isfinite(vector).all():
        raise ValueError(f"angles: expected one vector of finite numbers, not {vector.ndim} axes or an infinite one")
    return vector


def _with(angles: Vector, index: int, value: float) -> Vector:
    changed = angles.copy()
    changed[index] = value
    return changed
