r"""FedProx: clients are pulled back towards the angles they received.

.. math::
    \min_\theta \; L_k(\theta) + \mu D(\theta, \theta_t), \qquad D = \tfrac12 |\theta - \theta_t|^2
    \;\text{ or, around the circle, }\; \sum_j \left(\tfrac{P_j}{2\pi}\right)^2
    \left(1 - \cos \tfrac{2\pi (\theta_j - \theta_{tj})}{P_j}\right)

The server is FedAvg and sends :math:`\mu`; the pull is the client's (`qfl.tasks.proximal`). For many local steps on
unlike data, where clients would otherwise drift apart. With few local steps it only slows training down.

``strategy.proximal-mu`` is :math:`\mu`; ``strategy.distance`` is ``circular`` (P is each angle's period) or
``euclidean``. The two differ only when angles move by a good part of their period in one round.

Reference: Li et al., 2020, arXiv:1812.06127, Algorithm 2. Unlike there, the distance may be circular.
"""

from flwr.serverapp.strategy import FedProx, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedProx."""
    del layout
    return FedProx(**ANY_FLEET, proximal_mu=settings.strategy.proximal_mu)
