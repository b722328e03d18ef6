r"""SU(2) mean: general rotations are averaged as rotations.

.. math::
    \bar q = \arg\max_{|q| = 1} \sum_k w_k \langle q, q_k \rangle^2

with :math:`q_k` the unit quaternion of client k's ``Rot(phi, theta, omega)``. For ansatze made of ``Rot`` gates
(``strongly_entangling``): three angles say one gate, in more than one way, and the mean of the angles is not the mean
of the gates. All other angles take the circular mean, so for circuits without ``Rot`` this is ``circular``.

``strategy.learning-rate`` is the part of the way that the server goes (own value 1), ``strategy.schedule`` its
course over the rounds.

Reference: Quorus, arXiv:2510.06228; Markley et al., 2007, Averaging Quaternions. See `qfl.aggregation.su2`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.su2 import su2_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the SU(2) mean as a Flower strategy."""
    return AngleStrategy(su2_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
