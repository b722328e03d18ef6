r"""Delta FedAvg: FedAvg with a server step size.

.. math::
    \theta_{t+1} = \theta_t + \eta \sum_k w_k (\theta_k - \theta_t), \qquad w_k = n_k / \sum_j n_j

The strategy of our examples: FedAvg is the case :math:`\eta = 1`; a larger step pays when unlike clients cancel much
of one another, and a schedule lets the step end small, which calms the last rounds.

``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: Reddi et al., 2021, arXiv:2003.00295, Algorithm 1, with SGD as the server optimiser.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.delta import delta_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the delta mean as a Flower strategy."""
    return AngleStrategy(delta_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
