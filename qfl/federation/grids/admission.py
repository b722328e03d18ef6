"""What a reply must look like before a strategy sees it.

One malformed reply ends a run under every one of Flower's strategies, Krum and Bulyan included; one NaN ruins the
median. So form and size are checked here, for all strategies alike, and an offender becomes an error reply.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import inf, isfinite

import numpy as np
from flwr.app import Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.grids.base import GridDecorator
from qfl.federation.records.messages import ARRAYS, METRICS, UPDATE, WEIGHT, metric_names, read_angles
from qfl.federation.records.reply_status import checked
from qfl.federation.records.round_metrics import Ledger
from qfl.metric import Metric
from qfl.specs import TASKS

LARGEST = 1e18
FARTHEST = 1e15


@dataclass(frozen=True)
class Form:
    """What an admissible reply looks like.

    Args:
        broadcast: The angles that were sent; a reply has the same type and length.
        max_norm: Largest accepted Euclidean distance from them, in radians (an angle moved by a full turn counts as
            moved by 2 pi); 0 caps only what single precision could not square and add up. A run's default is that of
            `qfl.federation.grids.caps`.
        max_examples: Largest accepted number of training samples, i.e. the largest weight; 0 sets no cap. A run's
            default is the client's own share of the data.
        metric: What the task is measured by, with its range.
    """

    broadcast: NDArray
    max_norm: float
    max_examples: int
    metric: Metric = TASKS["classify"].metric

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The range of each number that a client reports."""
        loss, score = (self.metric.lowest_loss, LARGEST), (0.0, self.metric.high)
        spans = ((1, LARGEST), loss, loss, score, (0.0, LARGEST))
        return dict(zip(metric_names(self.metric.name), spans, strict=True))


def admit(content: RecordDict, form: Form) -> None:
    """Let a reply pass.

    Raises:
        Rejection: ``wrong-records``, ``wrong-array-key``, ``unreadable-array``, ``wrong-dtype``, ``wrong-shape``,
            ``not-finite``, ``norm-cap``, ``wrong-metrics`` or ``weight-cap``.
    """
    if set(content) != {ARRAYS, METRICS, UPDATE}:
        raise Rejection("wrong-records", f"expected arrays, metrics and qfl.update, got {sorted(content)}")
    _admit_metrics(content[METRICS], form)
    angles = read_angles(content, len(form.broadcast), str(form.broadcast.dtype))
    if not np.isfinite(angles).all():
        num = int((~np.isfinite(angles)).sum())
        raise Rejection("not-finite", f"{num} of {len(angles)} angles are not finite; see train.learning-rate")
    drift, cap = float(np.linalg.norm(angles.astype(np.float64) - form.broadcast)), form.max_norm or FARTHEST
    if drift > cap:
        raise Rejection("norm-cap", f"an update of norm {drift:.3g}; at most {cap:.4g} is accepted (round.max-norm)")


def _admit_metrics(metrics: object, form: Form) -> None:
    bounds = form.bounds
    if not isinstance(metrics, MetricRecord) or set(metrics) != set(bounds):
        names = sorted(metrics) if isinstance(metrics, MetricRecord) else type(metrics).__name__
        raise Rejection("wrong-metrics", f"expected {sorted(bounds)}, got {names}")
    for name, value in metrics.items():
        low, high = bounds[name]
        if isinstance(value, list) or not low <= value <= high:
            raise Rejection("wrong-metrics", f"{name} is not one number between {low:g} and {high:g}")
    weight = metrics[WEIGHT]
    if not isinstance(weight, int):
        raise Rejection("wrong-metrics", f"{WEIGHT} is not a whole number")
    if weight > (form.max_examples or LARGEST):
        raise Rejection(
            "weight-cap", f"{weight} samples claimed; at most {form.max_examples} are accepted (round.max-examples)"
        )


class AdmissionGrid(GridDecorator):
    """Turn every reply of the wrong form into an error reply.

    Args:
        base: The grid within.
        form: What is admissible.
        ledger: Takes the time, under ``verify``.
        most: The most samples that a node may claim, by node id; a node that is not named is held to the form alone.
    """

    def __init__(self, base: Grid, form: Form, ledger: Ledger, most: Mapping[int, float] | None = None):
        super().__init__(base)
        self._form, self._ledger, self._most = form, ledger, most or {}

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return the replies, the offenders replaced."""
        replies = list(self.base.send_and_receive(messages, timeout=timeout))
        with self._ledger.clock("verify"):
            return [checked(reply, partial(admit, form=self._form_of(reply))) for reply in replies]

    def _form_of(self, reply: Message) -> Form:
        most = self._most.get(reply.metadata.src_node_id, inf)
        return replace(self._form, max_examples=int(most)) if isfinite(most) else self._form
