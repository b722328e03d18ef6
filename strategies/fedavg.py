r"""FedAvg: the weighted mean of the clients' angles.

.. math::
    \theta_{t+1} = \sum_k w_k \theta_k, \qquad w_k = n_k / \sum_j n_j

Flower's own class, unchanged. The one to start with and to compare with. Angles must come as trained, not wrapped
into an interval; where they cannot, use ``circular``.

Reference: McMahan et al., 2017, arXiv:1602.05629, Algorithm 1.
"""

from flwr.serverapp.strategy import FedAvg, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return FedAvg; it has no settings."""
    del settings, layout
    return FedAvg(**ANY_FLEET)
