r"""FedQNG, federated quantum natural gradient: clients step by how far states move, not by how far angles do.

.. math::
    \theta_k \leftarrow \theta_k - \eta_l (F_k + \lambda 1)^{-1} \nabla L_k(\theta_k), \qquad
    \theta_{t+1} = \theta_t + \eta \sum_k w_k (\theta_k - \theta_t), \qquad w_k = n_k / \sum_j n_j

with :math:`F_k` the Fubini-Study metric of the client's circuit at the broadcast angles, on samples of its own. As in
the paper, clients precondition their own gradients and the server averages: the metric depends on the client's data and
never travels. An angle that hardly changes the state gets a larger step, and a turn of a lone rotation by t has length
t / 2 whatever gate it is, so steps are up to four times those of SGD at the same ``train.learning-rate``.

For circuits (``model.name = "vqc"``) whose gradients are uneven. A round costs about one more pass over its gates per
angle of a layer and sample. Without shots or noise, also where clients train on a device.

``strategy.metric`` is ``block-diag`` (a block for each layer) or ``diag``; ``strategy.regularisation`` is
:math:`\lambda`, ``strategy.metric-samples`` how many of a client's samples the metric is averaged over;
``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course over the rounds.

Reference: Qi, Zhang and Tejedor, 2023, arXiv:2303.08116. See `qfl.tasks.natural`, `qfl.quantum.metric_tensor`.
"""

from collections.abc import Iterable
from math import isfinite

from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from qfl.aggregation.delta import delta_mean
from qfl.angles import AngleLayout
from qfl.config import Settings, StrategySettings
from qfl.errors import ConfigError
from qfl.federation.records.messages import METRIC, REGULARISATION, SAMPLES
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.tasks.personal import personal_entries


class NaturalAverage(AngleStrategy):
    """Average updates of clients that are told which metric to step by.

    Args:
        settings: The strategy's.
        layout: Names and periods of the entries.
    """

    def __init__(self, settings: StrategySettings, layout: AngleLayout):
        super().__init__(delta_mean, layout, learning_rate=settings.learning_rate or 1.0)
        self.settings = settings

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Return the messages of a round, with the metric in their settings.

        Args:
            server_round: From 1.
            arrays: The angles.
            config: What clients are told beside them.
            grid: Shows the nodes to ask.
        """
        own = self.settings
        config.update({METRIC: own.metric, REGULARISATION: own.regularisation, SAMPLES: own.metric_samples})
        return super().configure_train(server_round, arrays, config, grid)


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the federated quantum natural gradient as a Flower strategy.

    Raises:
        ConfigError: If the model is no circuit, clients do not take gradient steps, or keep angles to themselves.
    """
    if settings.model.name != "vqc" or settings.task not in ("classify", "regress"):
        raise ConfigError(
            f"strategy.name = 'fedqng' measures the states of a circuit, and model.name = {settings.model.name!r} is "
            "none; use 'vqc'"
        )
    if settings.train.optimizer != "sgd":
        raise ConfigError(
            f"strategy.name = 'fedqng' needs train.optimizer = 'sgd', not {settings.train.optimizer!r}, which has a "
            "metric of its own"
        )
    if any(isfinite(layout.periods[entry]) for entry in personal_entries(settings, layout)):
        raise ConfigError(
            "strategy.name = 'fedqng' measures all clients' circuits at the same angles, so train.personal may name no "
            "angle of the circuit; name others, such as bias"
        )
    return NaturalAverage(settings.strategy, layout)
