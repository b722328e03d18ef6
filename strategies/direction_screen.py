r"""Direction screen: updates that go against most others are left out, the others averaged by their samples.

.. math::
    \theta_{t+1} = \theta_t + \eta \sum_{k \in S} w_k d_k, \qquad
    S = \{ k : \operatorname{median}_j \cos(d_k, d_j) \ge c \}

with :math:`d_k` how far client k went from the broadcast, angles the shorter way round. Stops reversed updates of fewer
than half of the clients, and none that is only too long. With one label per client honest updates go against each
other, and are left out, too. The round's row has how many were ``kept`` and the ``cosine_min``; a client's row says
whether it was ``left_out``.

``strategy.cosine`` is c, ``strategy.learning-rate`` is :math:`\eta` (own value 1), ``strategy.schedule`` its course
over the rounds.

Reference: Fung et al., 2020, arXiv:1808.04866, section 5, for the cosine. See `qfl.aggregation.screens`.
"""

from flwr.serverapp.strategy import Strategy

from qfl.aggregation.screens import direction_screened_mean
from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.federation.strategy.angle_strategy import AngleStrategy


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return the mean behind a direction screen as a Flower strategy."""
    own = settings.strategy
    return AngleStrategy(direction_screened_mean, layout, learning_rate=own.learning_rate or 1.0, cosine=own.cosine)
