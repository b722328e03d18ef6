r"""Mean of blocks: every block of the angle vector is averaged over the clients that train it.

.. math::
    \theta^{(b)}_{t+1} = \theta^{(b)}_t + \eta \sum_{k \in C_b} w_k (\theta^{(b)}_k - \theta^{(b)}_t), \qquad
    w_k = n_k / \sum_{j \in C_b} n_j

with :math:`C_b` the clients that moved block b. For models that are separate per client or shared within clusters,
such as the edge models of cell-free MIMO (``task = "cell_free"``): with one block per client each keeps its own model
and the server only stores it; with one block for all this is FedAvg.

``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: McMahan et al., 2017, arXiv:1602.05629, Algorithm 1, block by block.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.blocks import block_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the mean of blocks as a Flower strategy."""
    return AngleStrategy(block_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
