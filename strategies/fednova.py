r"""FedNova: updates are divided by the client's number of local steps, so that who steps more has no more say.

.. math::
    \theta_{t+1} = \theta_t + \eta\, \tau_{\mathrm{eff}} \sum_k p_k \frac{\theta_k - \theta_t}{\tau_k}, \qquad
    \tau_{\mathrm{eff}} = \sum_k p_k \tau_k, \qquad p_k = n_k / \sum_j n_j

For clients that walk through unlike numbers of samples (``train.local-epochs``): under FedAvg those with many samples
count twice, by their weight and by their steps. With the same steps everywhere (``train.local-steps``) it is ``delta``.
The round's row has :math:`\tau_{\mathrm{eff}}` (``effective_steps``).

:math:`\tau_k` follows from the samples that the client has signed for, so nothing more travels; with local momentum it
is what the steps add up to (`qfl.tasks.local_steps`). ``strategy.learning-rate`` is :math:`\eta` (own value 1),
``strategy.schedule`` its course over the rounds.

Reference: Wang et al., 2020, arXiv:2007.07481. See `qfl.aggregation.normalised`.
"""

import numpy as np
from flwr.serverapp.strategy import Strategy

from qfl.aggregation.aggregate import Aggregate
from qfl.aggregation.normalised import normalised_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy
from qfl.tasks.local_steps import accumulated_steps, local_steps


class NormalisedAverage(AngleStrategy):
    """Run the normalised mean with the steps that the clients' samples ask for.

    Args:
        settings: The run's.
        layout: Names and periods of the entries.
    """

    def __init__(self, settings: Settings, layout: AngleLayout):
        super().__init__(normalised_mean, layout, learning_rate=settings.strategy.learning_rate or 1.0)
        self.settings = settings

    def combine(
        self, server_round: int, updates: np.ndarray, weights: np.ndarray, columns: dict[str, np.ndarray]
    ) -> Aggregate:
        """Return the normalised mean of a round's updates.

        Args:
            server_round: From 1.
            updates: The angles that came back, in double precision.
            weights: Training samples of each client.
            columns: Gets the column ``steps``.
        """
        made = [local_steps(self.settings, int(number)) for number in weights]
        steps = np.array([accumulated_steps(self.settings, number) for number in made])
        return super().combine(server_round, updates, weights, {**columns, "steps": steps})


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return FedNova as a Flower strategy."""
    return NormalisedAverage(settings, layout)
