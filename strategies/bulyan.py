r"""Bulyan: Krum chooses updates, then a trimmed mean around their median is taken angle by angle.

.. math::
    S = \text{the } K - 2f \text{ best updates by Krum's score}, \qquad
    \theta_{t+1,j} = \text{mean of the } K - 4f \text{ values in } S
    \text{ nearest to } \operatorname{median}_{k \in S} \theta_{kj}

Survives f malicious clients of at least 4 f + 3, also those that hide one large error among many honest angles, which
Krum alone misses. A round with fewer valid replies than that changes nothing. With f = 0 it is the plain mean.

``strategy.byzantine`` is f.

Reference: El Mhamdi et al., 2018, arXiv:1802.07927. Unlike there, Flower chooses all of S at once.
"""

import gc

from flwr.serverapp.strategy import Bulyan, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.strategy.every_node import ANY_FLEET


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's Bulyan.

    Raises:
        ConfigError: If fewer clients are asked than it takes to survive the malicious ones.
    """
    del layout
    malicious, asked = settings.strategy.byzantine, settings.clients.asked
    if asked < 4 * malicious + 3:
        raise ConfigError(
            f"strategy.name = 'bulyan' with strategy.byzantine = {malicious} needs {4 * malicious + 3} or more clients "
            f"per round, but {asked} are asked; ask more or lower strategy.byzantine"
        )
    # Flower collects garbage once per reply here: 50 s a round for 200 clients; frozen objects are not searched: 0.2 s
    gc.collect()
    gc.freeze()
    return Bulyan(**ANY_FLEET, num_malicious_nodes=malicious)
