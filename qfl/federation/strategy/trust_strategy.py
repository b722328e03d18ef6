"""A strategy whose rule is given what the server itself made of the broadcast."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray

from qfl.aggregation.aggregate import Aggregate
from qfl.aggregation.trusted import trusted_mean
from qfl.angles import AngleLayout
from qfl.federation.strategy.angle_strategy import AngleStrategy


class TrustStrategy(AngleStrategy):
    """Aggregate with FLTrust's rule.

    Args:
        layout: Names and periods of the entries.
        own_update: Gives the angles that the server trains, from the broadcast angles and the round.
        learning_rate: Server step size.
    """

    def __init__(
        self, layout: AngleLayout, own_update: Callable[[NDArray, int], NDArray], *, learning_rate: float = 1.0
    ):
        super().__init__(trusted_mean, layout, learning_rate=learning_rate)
        self.own_update = own_update

    def combine(
        self,
        server_round: int,
        updates: Float[np.ndarray, "client angle"],
        weights: Float[np.ndarray, " client"],
        columns: dict[str, np.ndarray],
    ) -> Aggregate:
        """Return what the rule makes of a round's updates, beside the server's own.

        Args:
            server_round: From 1.
            updates: The angles that came back, in double precision.
            weights: Training samples of each client.
            columns: What the rule takes besides, one number per client.
        """
        server = self.own_update(self.broadcast, server_round).astype(np.float64)
        return super().combine(server_round, updates, weights, columns | {"server": server})
