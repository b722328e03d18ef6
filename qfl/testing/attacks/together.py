"""Attacks of clients that know each other's honest updates, or everybody's, and all send the same.

Mean and deviation are taken of movements around the circle, the shorter way round from the broadcast.
"""

import numpy as np
from jaxtyping import Float

from qfl.aggregation.local import local_differences
from qfl.angles import AngleLayout
from qfl.arrays import checked

Angles = Float[np.ndarray, " angle"]
Updates = Float[np.ndarray, "attacker angle"]
Others = Float[np.ndarray, "client angle"]


@checked(some="attacker")
def a_little(angles: Angles, updates: Updates, others: Others, layout: AngleLayout, strength: float = 1.5) -> Updates:
    r"""Return updates that hide in the spread of honest ones: :math:`\theta_{tj} + \mu_j - z \sigma_j`.

    Each entry is off by a few standard deviations only, but all attackers are off the same way.

    Unlike the paper, which allows z to be as large as leaves attackers nearer to the mean than enough honest clients
    (its Algorithm 3), z is given; 1.5 is what its experiments take.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers trained.
        others: What honest clients trained, where attackers know it.
        layout: Gives the periods.
        strength: z, at least 0.

    Reference:
        Baruch, Baruch and Goldberg, A little is enough: circumventing defenses for distributed learning, 2019,
        arXiv:1902.06156, Algorithm 3.

    Example:
        >>> layout, updates = AngleLayout(("a",), (6.28,)), np.array([[0.1], [0.3]])
        >>> a_little(np.zeros(1), updates, np.zeros((0, 1)), layout, 1.0).round(6)
        array([[0.1],
               [0.1]])
    """
    moved = _known(angles, updates, others, layout)
    return np.tile(angles + moved.mean(axis=0) - strength * moved.std(axis=0), (len(updates), 1))


@checked(some="attacker")
def against_the_mean(
    angles: Angles, updates: Updates, others: Others, layout: AngleLayout, strength: float = 5.0
) -> Updates:
    r"""Return updates that make the mean's inner product with the honest one negative: :math:`\theta_t - \epsilon\mu`.

    A plain mean turns round where :math:`\epsilon` is more than the number of honest clients over that of attackers.

    Args:
        angles: What was broadcast, in radians.
        updates: What attackers trained.
        others: What honest clients trained, where attackers know it.
        layout: Gives the periods.
        strength: :math:`\epsilon`, at least 0.

    Reference:
        Xie, Koyejo and Gupta, Fall of empires: breaking Byzantine-tolerant SGD by inner product manipulation, 2019,
        arXiv:1903.03936, section 4.

    Example:
        >>> against_the_mean(np.zeros(1), np.array([[0.1]]), np.array([[0.3]]), AngleLayout(("a",), (6.28,)), 2.0)
        array([[-0.4]])
    """
    moved = _known(angles, updates, others, layout)
    return np.tile(angles - strength * moved.mean(axis=0), (len(updates), 1))


def _known(angles: Angles, updates: Updates, others: Others, layout: AngleLayout) -> Float[np.ndarray, "known angle"]:
    return local_differences(angles, np.concatenate([updates, others]), np.array(layout.periods))
