r"""Norm screen: updates that are longer than usual are left out, the others averaged by their samples.

.. math::
    \theta_{t+1} = \theta_t + \eta \sum_{k \in S} w_k d_k, \qquad
    S = \{ k : \| d_k \| \le c \cdot \operatorname{median}_j \| d_j \| \}

with :math:`d_k` how far client k went from the broadcast, angles the shorter way round. Stops boosted updates, and none
that is no longer than honest ones. The round's row has how many were ``kept`` and the ``median_norm``; a client's row
says whether it was ``left_out``.

``strategy.norm-factor`` is c, ``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its
course over the rounds.

Reference: Sun et al., 2019, arXiv:1911.07963, section 4. See `qfl.aggregation.screens`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.screens import norm_screened_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the mean behind a norm screen as a Flower strategy."""
    own = settings.strategy
    return AngleStrategy(norm_screened_mean, layout, learning_rate=own.learning_rate or 1.0, factor=own.norm_factor)
