r"""FedAdam: Adam on the server, with the mean update as its gradient.

.. math::
    m &\leftarrow \beta_1 m + (1 - \beta_1) \Delta, \qquad \Delta = \sum_k w_k (\theta_k - \theta_t) \\
    v &\leftarrow \beta_2 v + (1 - \beta_2) \Delta^2 \\
    \theta_{t+1} &= \theta_t + \eta \frac{\sqrt{1 - \beta_2^{r+1}}}{1 - \beta_1^{r+1}} \frac{m}{\sqrt v + \tau}

in round r, counted from 1. The factor is not the bias correction of Kingma and Ba, whose exponent is r: Flower's is
one ahead, so the first step is not :math:`\eta` long but, at :math:`(\beta_1, \beta_2) = (0.9, 0.99)`, 0.743 of it.
Over the rounds both go to 1. Reddi et al. have no such factor.

Every angle moves by about :math:`\eta` per round, however small its gradient is: useful where deep circuits flatten
the gradient of some angles. It ends quietly only with a falling step (``strategy.schedule = "cosine"``).

``strategy.learning-rate`` is :math:`\eta` in radians (own value 0.1), ``strategy.momentum`` :math:`\beta_1`,
``strategy.beta2`` and ``strategy.tau`` the others; with ``tau`` 0 an angle that never moves stays where it is.

Reference: Flower's ``FedAdam``; without the factor, Reddi et al., 2021, arXiv:2003.00295, Algorithm 2.
"""

from flwr.serverapp.strategy import FedAdam, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.federation.strategy.step import adaptivity_floor


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedAdam."""
    del layout
    s, tau = settings.strategy, adaptivity_floor(settings)
    return FedAdam(**ANY_FLEET, eta=s.learning_rate or 0.1, beta_1=s.momentum, beta_2=s.beta2, tau=tau)
