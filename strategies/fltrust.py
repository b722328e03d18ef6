r"""FLTrust: the server trains on a few samples of its own, and trusts updates as far as they go its way.

.. math::
    \tau_k = \max(0, \cos(d_k, d_0)), \qquad
    \theta_{t+1} = \theta_t + \frac{\eta}{\sum_k \tau_k} \sum_k \tau_k \frac{\| d_0 \|}{\| d_k \|} d_k

with :math:`d_k` how far client k went from the broadcast, angles the shorter way round, and :math:`d_0` the server's
own movement: the same steps as a client's, on the samples that ``data.validation`` holds out of the clients' shares. So
these are trained on, in part, and the round that they rate best is not chosen by unseen samples. No majority of clients
has to be honest. The round's row has how many updates were ``kept`` (trusted at all) and the mean ``trust``; a client's
row says whether it was ``left_out``.

``data.validation`` is the share of all samples that the server has, ``strategy.learning-rate`` is :math:`\eta` (own
value 1), ``strategy.schedule`` its course over the rounds.

Reference: Cao, Fang, Liu and Gong, 2021, arXiv:2012.13995. See `qfl.aggregation.trusted`.
"""

from functools import partial

from flwr.serverapp.strategy import Strategy
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.config import Settings
from qfl.errors import ConfigError
from qfl.federation.strategy.trust_strategy import TrustStrategy
from qfl.tasks.build import build
from qfl.tasks.held_out import server_update


def make(settings: Settings, layout: AngleLayout) -> Strategy:
    """Return FLTrust as a Flower strategy.

    Raises:
        ConfigError: If no samples are held out for the server.
    """
    if not settings.data.validation:
        raise ConfigError(
            "strategy.name = 'fltrust' needs samples of the server's own, and data.validation = 0 holds none out; set "
            "data.validation = 0.1, or another share"
        )
    return TrustStrategy(layout, partial(own_update, settings), learning_rate=settings.strategy.learning_rate or 1.0)


def own_update(settings: Settings, received: NDArray, round_number: int) -> NDArray:
    """Return what the server trains in a round.

    Args:
        settings: The run's.
        received: The broadcast angle vector, [angle].
        round_number: From 1.
    """
    return server_update(build(settings, as_read=True), received, round_number)
