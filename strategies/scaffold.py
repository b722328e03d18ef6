r"""SCAFFOLD: clients correct their gradients by how theirs differ from everybody's, so many local steps do no harm.

.. math::
    \theta \leftarrow \theta - \eta_l (\nabla L_k(\theta) - c_k + c), \qquad
    \theta_{t+1} = \theta_t + \frac{\eta}{|S|} \sum_{k \in S} (\theta_k - \theta_t), \qquad
    c \leftarrow c + \frac1N \sum_{k \in S} (c_k^+ - c_k)

The client's control variate :math:`c_k` is the mean gradient on its last way; it stays on the client's own disk. The
server's, :math:`c`, is broadcast with the angles (and doubles what is sent down; nothing is added to what is sent up).
For unlike data and many local steps, where FedAvg's clients drift apart and it ends elsewhere than at the minimum. Ask
all clients, or expect a slow start: whoever was never asked has no variate yet. All clients count alike.

Needs plain SGD at the clients, without momentum. ``strategy.learning-rate`` is :math:`\eta` (own value 1),
``strategy.schedule`` its course over the rounds. The round's row has the length of c's change (``control_change``).

Reference: Karimireddy et al., 2020, arXiv:1910.06378, Algorithm 1, option II. See `qfl.aggregation.control_variates`.
"""

from collections.abc import Iterable

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message
from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from qfl.aggregation.aggregate import Aggregate
from qfl.aggregation.control_variates import control_change
from qfl.aggregation.delta import delta_mean
from qfl.angles import AngleLayout, canonical_bytes
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.records.messages import ANGLES, CONTROL
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.tasks.local_steps import local_rate, local_steps


class ControlledAverage(AngleStrategy):
    """Broadcast the server's control variate, and renew it from the updates.

    Args:
        settings: The run's.
        layout: Names and periods of the entries.

    Attributes:
        control: The server's control variate, in double precision.
        clients_keep: Says to the server's loop that clients keep numbers from round to round.
    """

    clients_keep = True

    def __init__(self, settings: Settings, layout: AngleLayout):
        super().__init__(delta_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
        self.settings = settings
        self.control = np.zeros(len(layout))

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Return the messages of a round, with the control variate in the precision of the angles.

        Args:
            server_round: From 1.
            arrays: The angles.
            config: What clients are told beside them.
            grid: Shows the nodes to ask.
        """
        config[CONTROL] = canonical_bytes(self.control.astype(arrays[ANGLES].numpy().dtype))
        return super().configure_train(server_round, arrays, config, grid)

    def combine(
        self, server_round: int, updates: np.ndarray, weights: np.ndarray, columns: dict[str, np.ndarray]
    ) -> Aggregate:
        """Return the plain mean of a round's updates, and renew the control variate.

        Args:
            server_round: From 1.
            updates: The angles that came back, in double precision.
            weights: Training samples of each client, which say how many steps it made.
            columns: Nothing.
        """
        found = super().combine(server_round, updates, np.ones_like(weights), columns)
        steps = np.array([local_steps(self.settings, int(number)) for number in weights])
        change = control_change(
            self.control.astype(self.broadcast.dtype).astype(np.float64),  # as clients had it
            self.broadcast.astype(np.float64),
            updates,
            steps * local_rate(self.settings, server_round),
            num_clients=self.settings.clients.count,
        )
        self.control = self.control + change
        return Aggregate(found.angles, {"control_change": float(np.linalg.norm(change))})


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return SCAFFOLD as a Flower strategy.

    Raises:
        ConfigError: If clients do not take plain gradient steps, or if a checkpoint is not written in every round.
    """
    train = settings.train
    if train.optimizer != "sgd" or train.momentum:
        raise ConfigError(
            "strategy.name = 'scaffold' needs train.optimizer = 'sgd' and train.momentum = 0: its control variates are "
            "mean gradients"
        )
    if not train.learning_rate:
        raise ConfigError("strategy.name = 'scaffold' needs train.learning-rate above 0, for example 0.05, not 0")
    if settings.round.checkpoint_every != 1:
        raise ConfigError(
            f"strategy.name = 'scaffold' with round.checkpoint-every = {settings.round.checkpoint_every}: clients keep "
            "numbers that go with the last round; use 1"
        )
    return ControlledAverage(settings, layout)
