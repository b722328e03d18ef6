r"""Krum: the one update that lies closest to its neighbours becomes the model.

.. math::
    \theta_{t+1} = \theta_{k^*}, \qquad k^* = \arg\min_k \sum_{j \in N_k} |\theta_k - \theta_j|^2

with :math:`N_k` the :math:`K - f - 2` nearest updates of client k. Survives f malicious clients of at least 2 f + 3.
Only one client's work is kept, so use it with clients that hold alike data, not with one label each.

``strategy.byzantine`` is f.

Reference: Blanchard et al., 2017, arXiv:1703.02757.
"""

from flwr.serverapp.strategy import Krum, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's Krum.

    Raises:
        ConfigError: If fewer clients are asked than it takes to survive the malicious ones.
    """
    del layout
    malicious, asked = settings.strategy.byzantine, settings.clients.asked
    if asked < 2 * malicious + 3:
        raise ConfigError(
            f"strategy.name = 'krum' with strategy.byzantine = {malicious} needs {2 * malicious + 3} or more clients "
            f"per round, but {asked} are asked; ask more or lower strategy.byzantine"
        )
    return Krum(**ANY_FLEET, num_malicious_nodes=malicious)
