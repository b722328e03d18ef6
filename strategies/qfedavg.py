r"""q-FedAvg: clients with a higher loss count more, so that accuracy is spread more evenly.

.. math::
    \theta_{t+1} = \theta_t - \frac{\sum_k F_k^q\, g_k}{\sum_k \left(q F_k^{q-1} |g_k|^2 + L F_k^q\right)},
    \qquad g_k = L (\theta_t - \theta_k), \qquad L = 1 / \eta

:math:`F_k` is the client's loss at the received angles and :math:`\eta` its own step size (``train.learning-rate``).
``strategy.q = 0`` is FedAvg with equal weights; larger values help the worst clients and cost some mean accuracy, and
make steps smaller. (The q has nothing to do with quantum: the name is the paper's.)

Unlike Flower's default, which takes the loss after or during training, we pass the loss at the received angles, as
the paper has it. Unlike Flower, both sums are divided by :math:`\max_k F_k^q`, which changes nothing but that no power
leaves the range of the numbers. Like Flower, we take no loss below 1e-10. Sample counts play no part.

Reference: Li et al., 2020, Fair Resource Allocation in Federated Learning, arXiv:1905.10497, Algorithm 2.
"""

from collections.abc import Iterable

import numpy as np
from flwr.app import Message, MetricRecord
from flwr.serverapp.strategy import QFedAvg, Strategy
from jaxtyping import Float

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.records.messages import ANGLES, ARRAYS, METRICS, to_record
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.specs import metric_of

SMALLEST_LOSS = 1e-10


class FairAverage(QFedAvg):
    """Flower's QFedAvg, with sums that stay finite."""

    def aggregate_train(self, server_round: int, replies: Iterable[Message]):
        """Return the new angles and the mean of the metrics, or nothing if no reply is valid."""
        valid, _ = self._check_and_log_replies(replies, is_train=True)
        if not valid or self.current_arrays is None:
            return None, None
        contents = [reply.content for reply in valid]
        before = self.current_arrays[ANGLES].numpy()
        updates = np.stack([content.array_records[ARRAYS][ANGLES].numpy() for content in contents])
        losses = np.array([_number(content.metric_records[METRICS], self.train_loss_key) for content in contents])
        step = fair_step(before - updates.astype(np.float64), losses, self.q, self.client_learning_rate)
        metrics = self.train_metrics_aggr_fn(contents, self.weighted_by_key)
        return to_record((before - step).astype(before.dtype)), metrics


def fair_step(
    moves: Float[np.ndarray, "client angle"], losses: Float[np.ndarray, " client"], q: float, learning_rate: float
) -> Float[np.ndarray, " angle"]:
    """Return how far the server goes back from the broadcast.

    Args:
        moves: The broadcast minus each client's angles.
        losses: Each client's loss at the broadcast, at least 0.
        q: The fairness exponent, at least 0.
        learning_rate: The clients' step size, above 0.

    Example:
        >>> fair_step(np.array([[0.1], [0.3]]), np.array([1.0, 2.0]), 0.0, 0.05).round(3)
        array([0.2])
    """
    losses = np.maximum(losses, SMALLEST_LOSS)
    share = (losses / losses.max()) ** q
    gradient = moves / learning_rate
    # client
    norm = np.sum(gradient**2, axis=1)
    return (share @ gradient) / np.sum(share * (q * norm / losses + 1 / learning_rate))


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return q-FedAvg.

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
    return FairAverage(client_learning_rate=step, q=settings.strategy.q, train_loss_key="loss", **ANY_FLEET)


def _number(metrics: MetricRecord, name: str) -> float:
    value = metrics[name]
    assert isinstance(value, int | float)
    return float(value)
