r"""HeteroFL's mean: each entry is averaged over the clients whose model has it.

.. math::
    \theta_{t+1,j} = \theta_{tj} + \eta \frac{\sum_{k \in C_j} n_k (\theta_{kj} - \theta_{tj})}{\sum_{k \in C_j} n_k}

with :math:`C_j` the clients that moved entry j. For clients of different depth (``clients.layers``): small hardware
trains the first layers of the circuit, and has no say in the others, where FedAvg would let it hold them back. With one
depth it is ``delta``. The round's row has ``entries_moved`` and the least number of clients behind one
(``fewest_movers``).

``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: Diao, Ding and Tarokh, 2021, arXiv:2010.01264. See `qfl.aggregation.entries`, `qfl.tasks.depths`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.entries import entry_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the mean of entries as a Flower strategy."""
    return AngleStrategy(entry_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
