r"""Coordinate-wise trimmed mean: the largest and smallest values of each angle are cut off, the rest averaged.

.. math::
    \theta_{t+1,j} = \frac{1}{K - 2m} \sum_{k=m+1}^{K-m} \theta_{(k)j}, \qquad m = \lfloor \beta K \rfloor

Survives up to a share :math:`\beta` of malicious clients and keeps more of the honest ones than the median does. All
clients count alike.

``strategy.trim`` is :math:`\beta`, below 0.5.

Reference: Yin et al., 2018, arXiv:1803.01498, Definition 2.
"""

from flwr.serverapp.strategy import FedTrimmedAvg, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's FedTrimmedAvg."""
    del layout
    return FedTrimmedAvg(**ANY_FLEET, beta=settings.strategy.trim)
