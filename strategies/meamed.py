r"""MeaMed, the mean around the median: of each angle, the values nearest to the median are averaged.

.. math::
    \theta_{t+1,j} = \theta_{tj} + \frac{\eta}{K - q} \sum_{k \in N_j} d_{kj}, \qquad
    N_j = \text{the } K - q \text{ clients nearest to } \operatorname{median}_k d_{kj}

with :math:`d_{kj}` how far client k moved angle j, the shorter way round. Survives q malicious clients of at least
2 q + 1, and keeps more of the honest ones than the median does: it cuts off what is far, not as much at either end as
``trimmed-mean`` does. All clients count alike. A round with fewer valid replies than that changes nothing. With q = 0
it is the plain mean. The round's row has the mean distance of what was left out (``left_out``).

``strategy.byzantine`` is q, ``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course
over the rounds.

Reference: Xie, Koyejo and Gupta, 2018, arXiv:1802.10116. See `qfl.aggregation.mean_around_median`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.mean_around_median import mean_around_median
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the mean around the median as a Flower strategy.

    Raises:
        ConfigError: If fewer clients are asked than it takes to survive the malicious ones.
    """
    own, asked = settings.strategy, settings.clients.asked
    if asked < 2 * own.byzantine + 1:
        raise ConfigError(
            f"strategy.name = 'meamed' with strategy.byzantine = {own.byzantine} needs {2 * own.byzantine + 1} or more "
            f"clients per round, but {asked} are asked; ask more or lower strategy.byzantine"
        )
    return AngleStrategy(mean_around_median, layout, learning_rate=own.learning_rate or 1.0, byzantine=own.byzantine)
