r"""Geometric median (RFA): the point from which the sum of the distances to all updates is least.

.. math::
    \theta_{t+1} = \theta_t + \eta \arg\min_z \sum_k w_k \| z - d_k \|, \qquad w_k = n_k / \sum_j n_j

with :math:`d_k` how far client k went from the broadcast, angles the shorter way round. Survives clients of less than
half of all samples sending anything at all, without knowing how many, and unlike the coordinate-wise median it looks at
whole updates: the result does not depend on which axes the angles are written in. Found by the smoothed Weiszfeld
algorithm. The round's row has its ``passes`` and the updates' mean distance (``spread``).

``strategy.smoothing`` is the distance in rad below which updates pull less, ``strategy.learning-rate`` is
:math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: Pillutla, Kakade and Harchaoui, 2022, arXiv:1912.13445, Algorithm 2. See `qfl.aggregation.geometric_median`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.geometric_median import geometric_median
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the geometric median as a Flower strategy."""
    own = settings.strategy
    return AngleStrategy(geometric_median, layout, learning_rate=own.learning_rate or 1.0, smoothing=own.smoothing)
