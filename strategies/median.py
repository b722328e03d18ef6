r"""Coordinate-wise median: each angle is the median of the clients' angles.

.. math::
    \theta_{t+1,j} = \operatorname{median}_k \theta_{kj}

Survives up to half of the clients sending anything at all, without knowing how many. All clients count alike. With
one label per client the median of honest updates is far from their mean: expect slower training.

Reference: Yin et al., 2018, arXiv:1803.01498, Definition 1.
"""

from flwr.serverapp.strategy import FedMedian, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedMedian; it has no settings."""
    del settings, layout
    return FedMedian(**ANY_FLEET)
