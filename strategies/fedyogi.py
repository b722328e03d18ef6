r"""FedYogi: like FedAdam, but the second moment moves slowly when gradients become small again.

.. math::
    m &\leftarrow \beta_1 m + (1 - \beta_1) \Delta, \qquad \Delta = \sum_k w_k (\theta_k - \theta_t) \\
    v &\leftarrow v - (1 - \beta_2) \Delta^2 \operatorname{sign}(v - \Delta^2) \\
    \theta_{t+1} &= \theta_t + \eta \frac{m}{\sqrt v + \tau}

Both moments begin at 0, and nothing corrects that: at the defaults the first step is :math:`\eta` times
:math:`(1 - \beta_1) / \sqrt{1 - \beta_2}`, which is 1. (Reddi et al. begin v at :math:`\tau^2`.)

For few, unlike clients per round, whose updates vary much in size: Adam's step would jump up after a quiet round.

``strategy.learning-rate`` is :math:`\eta` in radians (own value 0.01), ``strategy.momentum`` :math:`\beta_1`,
``strategy.beta2`` and ``strategy.tau`` the others.

Reference: Reddi et al., 2021, arXiv:2003.00295, Algorithm 2.
"""

from flwr.serverapp.strategy import FedYogi, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.federation.strategy.step import adaptivity_floor


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedYogi."""
    del layout
    s, tau = settings.strategy, adaptivity_floor(settings)
    return FedYogi(**ANY_FLEET, eta=s.learning_rate or 0.01, beta_1=s.momentum, beta_2=s.beta2, tau=tau)
