"""A Flower strategy that runs a pure aggregation rule on the replies."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg
from jaxtyping import Float

from qfl.aggregation.aggregate import Aggregate, Rule
from qfl.angles import AngleLayout
from qfl.federation.records.messages import ANGLES, ARRAYS, METRICS, to_record
from qfl.federation.strategy.every_node import ANY_FLEET
from qfl.federation.strategy.reply_order import in_order


class AngleStrategy(FedAvg):
    """Aggregate angle vectors with one of the rules of `qfl.aggregation`.

    Broadcasting, the checks on replies and the averaging of metrics are FedAvg's own. The rule computes in double
    precision and its result goes out in the precision of the broadcast.

    Args:
        rule: For example `qfl.aggregation.circular.circular_mean`.
        layout: Names and periods of the entries.
        learning_rate: Server step size; `qfl.federation.strategy.step.set_round` changes it by round.
        client_metrics: Names of reply metrics that the rule takes as further arguments, one number per client.
        parameters: Further arguments of the rule.

    Attributes:
        diagnostics: What the rule reported in the last round, for the round's row.
        left_out: The nodes whose updates it left out then; None where it does not say.

    Example:
        >>> from qfl.aggregation.circular import circular_mean
        >>> strategy = AngleStrategy(circular_mean, AngleLayout(("a",), (6.28,)), learning_rate=0.5)
        >>> strategy.diagnostics
        {}
    """

    def __init__(
        self,
        rule: Rule,
        layout: AngleLayout,
        *,
        learning_rate: float = 1.0,
        client_metrics: tuple[str, ...] = (),
        **parameters: Any,
    ):
        super().__init__(**ANY_FLEET)
        self.rule = rule
        self.layout = layout
        self.learning_rate = learning_rate
        self.client_metrics = client_metrics
        self.parameters = parameters
        self.broadcast: Float[np.ndarray, " angle"] = np.zeros(len(layout))
        self.diagnostics: dict[str, float] = {}
        self.left_out: list[int] | None = None

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Iterable[Message]:
        """Return the messages of a round, and remember what is broadcast: rules measure from it.

        Args:
            server_round: From 1.
            arrays: The angles.
            config: What clients are told beside them.
            grid: Shows the nodes to ask.
        """
        self.broadcast = arrays[ANGLES].numpy()
        return super().configure_train(server_round, arrays, config, grid)

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Return the rule's angles and the mean of the metrics, or nothing if no reply is valid."""
        self.diagnostics, self.left_out = {}, None
        valid, _ = self._check_and_log_replies(replies, is_train=True)
        if not valid:
            return None, None
        ordered = in_order(valid)
        contents = [reply.content for reply in ordered]
        updates = np.stack([content.array_records[ARRAYS][ANGLES].numpy() for content in contents])
        columns = {
            name: np.array([content.metric_records[METRICS][name] for content in contents], dtype=np.float64)
            for name in (self.weighted_by_key, *self.client_metrics)
        }
        weights = columns.pop(self.weighted_by_key)
        aggregate = self.combine(server_round, updates.astype(np.float64, copy=False), weights, columns)
        self.diagnostics, kept = aggregate.diagnostics, aggregate.kept
        if kept is not None:
            self.left_out = [m.metadata.src_node_id for m, taken in zip(ordered, kept, strict=True) if not taken]
        angles = aggregate.angles.astype(self.broadcast.dtype)
        return to_record(angles), self.train_metrics_aggr_fn(contents, self.weighted_by_key)

    def combine(
        self,
        server_round: int,
        updates: Float[np.ndarray, "client angle"],
        weights: Float[np.ndarray, " client"],
        columns: dict[str, np.ndarray],
    ) -> Aggregate:
        """Return what the rule makes of a round's updates.

        Args:
            server_round: From 1.
            updates: The angles that came back, in double precision.
            weights: Training samples of each client.
            columns: What the rule takes besides, one number per client.
        """
        del server_round
        return self.rule(
            self.broadcast.astype(np.float64),
            updates,
            weights,
            self.layout,
            learning_rate=self.learning_rate,
            **self.parameters,
            **columns,
        )
