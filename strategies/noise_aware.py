r"""Noise-aware weights: clients on noisier quantum hardware count less.

.. math::
    w_k = (1 - \lambda) \frac{p_k e^{-b_k / T}}{\sum_j p_j e^{-b_j / T}} + \lambda p_k, \qquad
    \theta_{t+1} = \theta_t + \eta \sum_k w_k (\theta_k - \theta_t)

with :math:`p_k = n_k / \sum_j n_j` and :math:`b_k` the noise that the client reports with its update. For fleets of
unlike devices. Without noise, or with the same noise everywhere, it is ``delta``. The round's row tells how many
clients effectively count (``effective_clients``).

``strategy.temperature`` is T in the unit of the noise, ``strategy.floor`` is :math:`\lambda`: a noisy client keeps at
least that part of its ordinary weight, so that a label that only it holds is not forgotten.

Reference: Q-RAIL, El Maouaki and Shafique, 2026, arXiv:2605.25783. See `qfl.aggregation.noise_aware`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.noise_aware import noise_aware_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the noise-aware mean as a Flower strategy; replies must carry the metric ``noise``."""
    return AngleStrategy(
        noise_aware_mean,
        layout,
        learning_rate=settings.strategy.learning_rate or 1.0,
        client_metrics=("noise",),
        temperature=settings.strategy.temperature,
        floor=settings.strategy.floor,
    )
