r"""q-FedAvg: clients with a higher loss count more, so that accuracy is spread more evenly.

.. math::
    \theta_{t+1} = \theta_t - \frac{\sum_k F_k^q\, g_k}{\sum_k \left(q F_k^{q-1} |g_k|^2 + L F_k^q\right)},
    \qquad g_k = L (\theta_t - \theta_k), \qquad L = 1 / \eta

:math:`F_k` is the client's loss at the received angles and :math:`\eta` its own step size (``train.learning-rate``).
``strategy.q = 0`` is FedAvg with equal weights; larger values help the worst clients and cost some mean accuracy.
(The q has nothing to do with quantum: the name is the paper's.)

Unlike Flower's default, which takes the loss after or during training, we pass the loss at the received angles, as
the paper has it. Sample counts play no part.

Reference: Li et al., 2020, Fair Resource Allocation in Federated Learning, arXiv:1905.10497, Algorithm 2.
"""

import gc

from flwr.serverapp.strategy import QFedAvg, Strategy

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.fleet import ANY_FLEET
from qfl.metric import metric_of


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return Flower's QFedAvg.

    Raises:
        ConfigError: If the clients' step size is 0, for L is one over it, or if losses may be negative.
    """
    del layout
    step = settings.train.learning_rate
    if metric_of(settings.task).lowest_loss < 0:
        raise ConfigError(
            f"strategy.name = 'qfedavg' needs losses of at least 0, unlike task = {settings.task!r}; use 'fedavg'"
        )
    if not step:
        raise ConfigError("strategy.name = 'qfedavg' needs train.learning-rate above 0, for example 0.05, not 0")
    # Flower collects garbage once per reply here: 50 s a round for 200 clients; frozen objects are not searched: 0.2 s
    gc.collect()
    gc.freeze()
    return QFedAvg(client_learning_rate=step, q=settings.strategy.q, train_loss_key="loss", **ANY_FLEET)
