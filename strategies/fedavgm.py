r"""FedAvgM: FedAvg with momentum on the server.

.. math::
    v_{t+1} = \beta v_t + \sum_k w_k (\theta_k - \theta_t), \qquad \theta_{t+1} = \theta_t + \eta v_{t+1}

with :math:`v_0 = 0`. For clients with unlike data (one label each), whose updates point a different way every round:
the velocity remembers the direction they share. The velocity of a steady update grows to :math:`1 / (1 - \beta)` times
that update; the strategy's own step :math:`\eta = 1 - \beta` takes that back out.

``strategy.momentum`` is :math:`\beta`, ``strategy.learning-rate`` is :math:`\eta`.

Reference: Hsu, Qi and Brown, 2019, arXiv:1909.06335.
"""

from flwr.serverapp.strategy import FedAvgM, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedAvgM."""
    del layout
    momentum = settings.strategy.momentum
    step = settings.strategy.learning_rate or 1 - momentum
    strategy = FedAvgM(**ANY_FLEET, server_learning_rate=step, server_momentum=momentum)
    strategy.server_opt = True  # Flower decides this once, from the first step size; a schedule changes it later
    return strategy
