"""The SU(2) mean: ``Rot`` gates are averaged as rotations, not as three separate angles."""

import numpy as np
from jaxtyping import Float, Int

from qfl.aggregation.aggregate import Aggregate, require_layout, shares
from qfl.aggregation.circular import circular_step, resultant_diagnostics
from qfl.angles import TWO_PI, AngleLayout
from qfl.arrays import checked

GIMBAL = 1e-6  # below this |sin(theta/2)| or |cos(theta/2)| only phi + omega or phi - omega has a meaning


@checked(free="weights", some="client")
def su2_mean(
    received: Float[np.ndarray, " angle"],
    updates: Float[np.ndarray, "client angle"],
    weights: Float[np.ndarray, " client"],
    layout: AngleLayout,
    *,
    learning_rate: float = 1.0,
    min_resultant: float = 1e-3,
) -> Aggregate:
    r"""Return the mean in which every ``Rot`` gate is one rotation.

    Each client's ``Rot(phi, theta, omega)`` is a unit quaternion :math:`q_k` (`quaternions`); :math:`q` and :math:`-q`
    are one gate. The mean is

    .. math::
        \bar q = \arg\max_{|q| = 1} q^T M q, \qquad M = \sum_k w_k q_k q_k^T

    i.e. the eigenvector of the largest eigenvalue of M, which does not depend on the signs. It is turned back into the
    Euler angles nearest to the received ones. A server step :math:`\eta \ne 1` goes that fraction of the way along the
    great circle from the received gate. All other entries take the circular mean.

    The gap between the two largest eigenvalues plays the part of the resultant; for rotations about one axis it is
    the resultant of the circular mean, and the means agree. Below ``min_resultant`` the gate stays as received.

    Unlike Quorus, which flips every :math:`q_k` to the sign of :math:`q_1` and normalises the sum, the eigenvector
    needs no reference client. Near :math:`\theta = 0` or :math:`\pi` a small turn of the gate can be a large change
    of phi and omega: the gates are right, but a plot of single angles may show it.

    Args:
        received: The broadcast angles, in radians.
        updates: The clients' angles, in radians, wrapped or not.
        weights: Training samples of each client.
        layout: Gives the periods and the triples of ``Rot`` gates. Triples that share an angle are averaged circularly.
        learning_rate: Server step size :math:`\eta \ge 0`.
        min_resultant: Smallest eigenvalue gap of a meaningful mean, in [0, 1].

    Returns:
        The new angles; diagnostics as of `circular_mean`, a fallback of a gate counting as three angles.

    Raises:
        ValueError: If the weights are negative, not finite or all zero.

    Example:
        >>> layout = AngleLayout(("phi", "theta", "omega"), (TWO_PI,) * 3, ((0, 1, 2),))
        >>> updates = np.array([[0.1, 0.5, 0.0], [0.3, 0.5, -0.2]])
        >>> su2_mean(updates[0], updates, np.ones(2), layout).angles.round(3)
        array([ 0.2  ,  0.498, -0.1  ])

    Reference:
        Quorus, arXiv:2510.06228 (the idea); Markley, Cheng, Crassidis and Oshman, Averaging Quaternions, Journal of
        Guidance, Control, and Dynamics 30(4), 2007 (the mean).
    """
    require_layout(layout, received)
    share, triples = shares(weights), own_rotations(layout)
    step, resultant = circular_step(updates - received, share, np.array(layout.periods))
    target, gap = mean_quaternion(quaternions(updates[:, triples]), share)
    start = quaternions(received[triples])
    moved = nearest_euler(along_great_circle(start, target, learning_rate), received[triples])
    resultant[triples] = gap[:, None]
    angles = received + learning_rate * step
    angles[triples] = moved
    has_mean = resultant >= min_resultant
    return Aggregate(
        np.where(has_mean, angles, received),
        resultant_diagnostics(resultant[np.isfinite(layout.periods)], num_fallbacks=int(np.sum(~has_mean))),
    )


def own_rotations(layout: AngleLayout) -> Int[np.ndarray, "rotation 3"]:
    """Return the triples that are one gate's own: no entry is shared with another triple or has another period."""
    triples = np.array(layout.rotations, dtype=np.int64).reshape(-1, 3)
    uses = np.bincount(triples.ravel(), minlength=len(layout))
    own = (uses == 1) & (np.array(layout.periods) == TWO_PI)
    return triples[own[triples].all(axis=1)]


@checked()
def quaternions(euler: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 4"]:
    r"""Return the unit quaternions :math:`U = q_0 - i (q_1 X + q_2 Y + q_3 Z)` of ``Rot(phi, theta, omega)``.

    ``Rot`` is PennyLane's :math:`R_Z(\omega) R_Y(\theta) R_Z(\phi)`; with :math:`\sigma, \delta = (\phi \pm \omega) /
    2`, :math:`q = (\cos\frac\theta2 \cos\sigma, \sin\frac\theta2 \sin\delta, \sin\frac\theta2 \cos\delta,
    \cos\frac\theta2 \sin\sigma)`.

    Reference:
        PennyLane's ``Rot``; the product of its three matrices, term by term.

    Example:
        >>> quaternions(np.array([0.0, np.pi, 0.0])).round(6)
        array([0., 0., 1., 0.])
    """
    phi, theta, omega = np.moveaxis(euler, -1, 0)
    half_sum, half_difference = (phi + omega) / 2, (phi - omega) / 2
    cosine, sine = np.cos(theta / 2), np.sin(theta / 2)
    parts = (
        cosine * np.cos(half_sum),
        sine * np.sin(half_difference),
        sine * np.cos(half_difference),
        cosine * np.sin(half_sum),
    )
    return np.stack(parts, axis=-1)


@checked(least="share", some="client")
def mean_quaternion(
    q: Float[np.ndarray, "client rotation 4"], share: Float[np.ndarray, " client"]
) -> tuple[Float[np.ndarray, "rotation 4"], Float[np.ndarray, " rotation"]]:
    """Return the Markley mean of each rotation (sign arbitrary) and the gap between the two largest eigenvalues.

    Reference:
        Markley, Cheng, Crassidis and Oshman, 2007, as of `su2_mean`: the eigenvector of the largest eigenvalue.
    """
    # client rotation 4 4 -> rotation 4 4
    moments = (share[:, None, None, None] * q[..., :, None] * q[..., None, :]).sum(axis=0)
    values, vectors = np.linalg.eigh(moments)
    return vectors[..., -1], values[..., -1] - values[..., -2]


@checked()
def along_great_circle(
    start: Float[np.ndarray, "rotation 4"], end: Float[np.ndarray, "rotation 4"], fraction: float
) -> Float[np.ndarray, "rotation 4"]:
    """Return the quaternions that lie the fraction of the shorter way from start to end (or -end, the same gate).

    Args:
        start: Unit quaternions.
        end: Unit quaternions.
        fraction: 0 gives ``start``, 1 gives ``end``; beyond 1 it goes on along the circle.

    Reference:
        Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985 (the formula slerp).
    """
    cosine = np.sum(start * end, axis=-1, keepdims=True)
    end, cosine = np.where(cosine < 0, -end, end), np.abs(cosine)
    arc = np.arctan2(np.linalg.norm(end - cosine * start, axis=-1, keepdims=True), cosine) / np.pi
    # sin(f a) / sin(a) without dividing by zero: np.sinc(x) is sin(pi x) / (pi x)
    weight = [f * np.sinc(f * arc) / np.sinc(arc) for f in (1 - fraction, fraction)]
    return weight[0] * start + weight[1] * end


@checked()
def nearest_euler(
    q: Float[np.ndarray, "rotation 4"], near: Float[np.ndarray, "rotation 3"]
) -> Float[np.ndarray, "rotation 3"]:
    """Return the (phi, theta, omega) of the gates, up to a global phase, that lie nearest to ``near``.

    The solutions are (phi, theta, omega) and (phi + pi, -theta, omega - pi), each up to 2 pi per angle. Where theta
    is 0 (or pi) only phi + omega (phi - omega) is determined, and the other combination stays as it was.
    """
    phi, _, omega = near.T
    cosine, sine = np.hypot(q[:, 0], q[:, 3]), np.hypot(q[:, 1], q[:, 2])
    half_sum = np.where(cosine < GIMBAL, (phi + omega) / 2, np.arctan2(q[:, 3], q[:, 0]))
    half_difference = np.where(sine < GIMBAL, (phi - omega) / 2, np.arctan2(q[:, 1], q[:, 2]))
    first = np.stack((half_sum + half_difference, 2 * np.arctan2(sine, cosine), half_sum - half_difference), axis=-1)
    second = first * (1, -1, 1) + np.array((np.pi, 0, -np.pi))
    steps = [_shortest(solution - near) for solution in (first, second)]
    nearer = np.sum(steps[0] ** 2, axis=-1) <= np.sum(steps[1] ** 2, axis=-1)
    return near + np.where(nearer[:, None], steps[0], steps[1])


def _shortest(turn: Float[np.ndarray, "rotation 3"]) -> Float[np.ndarray, "rotation 3"]:
    return turn - TWO_PI * np.round(turn / TWO_PI)
