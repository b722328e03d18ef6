r"""Trimmed circular mean: of each angle the outermost values on either side are cut off, on the circle.

.. math::
    \theta_{t+1,j} = \theta_{tj} + \eta \left( c_j + \frac{P_j}{2\pi} \arg \sum_{k=m+1}^{K-m}
    e^{2\pi i\, a_{(k)j} / P_j} \right), \qquad m = \lfloor \beta K \rfloor

with :math:`c_j` the circular median of the clients' movements and :math:`a_{(k)j}` the movements from there, sorted,
the shorter way round. What ``trimmed-mean`` is on the line; here no client is cut off for having wrapped an angle.
Survives up to a share :math:`\beta` of malicious clients. All clients count alike.

``strategy.trim`` is :math:`\beta`, below 0.5; ``strategy.learning-rate`` is :math:`\eta` (own value 1),
``strategy.schedule`` its course over the rounds.

Reference: Yin et al., 2018, arXiv:1803.01498, Definition 2; Mardia and Jupp, Directional Statistics, 2000, section 2.2.
See `qfl.aggregation.trimmed_circular`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.trimmed_circular import trimmed_circular_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the trimmed circular mean as a Flower strategy."""
    own = settings.strategy
    return AngleStrategy(trimmed_circular_mean, layout, learning_rate=own.learning_rate or 1.0, trim=own.trim)
