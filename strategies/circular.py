r"""Circular mean: angles are averaged on the circle, each with its own period.

.. math::
    \theta_{t+1,j} = \theta_{tj} + \eta \frac{P_j}{2\pi} \arg \sum_k w_k e^{2\pi i (\theta_{kj} - \theta_{tj}) / P_j}

The right mean when updates arrive wrapped into an interval, quantised, or from different starting points. It is no
gain in accuracy otherwise: for the small movements of a usual round it equals the delta mean. As a by-product, the
resultant tells how much the clients agree on each angle (``resultant_min``, ``resultant_mean`` in the round's row);
an angle on which they cancel stays where it was and is counted in ``fallbacks``.

``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: Quorus, arXiv:2510.06228; FedCompass, arXiv:2602.03052. Unlike both, with a period for each angle.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.circular import circular_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the circular mean as a Flower strategy."""
    return AngleStrategy(circular_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
