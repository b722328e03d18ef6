r"""FedAdagrad: every angle's step shrinks with all it has moved so far.

.. math::
    v \leftarrow v + \Delta^2, \qquad \theta_{t+1} = \theta_t + \eta \frac{\Delta}{\sqrt v + \tau},
    \qquad \Delta = \sum_k w_k (\theta_k - \theta_t)

with v = 0 before the first round, so the first step is :math:`\eta` long in every angle that moves much more than
:math:`\tau`. (Reddi et al. begin at :math:`\tau^2`.) It needs no schedule, since the steps fall by themselves, and no
second moment to tune; in long runs they fall too far.

``strategy.learning-rate`` is :math:`\eta` in radians (own value 0.1), ``strategy.tau`` is :math:`\tau`.

Reference: Reddi et al., 2021, arXiv:2003.00295, Algorithm 2, with :math:`\beta_1 = 0`.
"""

from flwr.serverapp.strategy import FedAdagrad, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.federation.strategy.step import adaptivity_floor


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedAdagrad."""
    del layout
    return FedAdagrad(**ANY_FLEET, eta=settings.strategy.learning_rate or 0.1, tau=adaptivity_floor(settings))
