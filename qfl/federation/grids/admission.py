"""What a reply must look like before a strategy sees it.

One malformed reply ends a run under every one of Flower's strategies, Krum and Bulyan included; one NaN ruins the
median. So form and size are checked here, for all strategies alike, and an offender is rejected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.caps import Caps
from qfl.federation.records.messages import ARRAYS, METRICS, UPDATE, WEIGHT, metric_names
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.metric import Metric
from qfl.specs import TASKS

LARGEST = 1e18
FARTHEST = 1e15


@dataclass(frozen=True)
class Form:
    """What an admissible reply looks like.

    Args:
        broadcast: The angles that were sent.
        caps: The longest accepted update (inf caps only what single precision could not square and add up; an angle
            moved by a full turn counts as moved by 2 pi), and the largest weight of each client.
        metric: What the task is measured by, with its range.
        alone: Whether a client reports nothing beside its angles, and weighs 1: its noise would hide little else.
    """

    broadcast: NDArray
    caps: Caps
    metric: Metric = TASKS["classify"].metric
    alone: bool = False

    @cached_property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The range of each number that a client reports."""
        if self.alone:
            return {WEIGHT: (1, 1)}
        loss, score = (self.metric.lowest_loss, LARGEST), (self.metric.low, self.metric.high)
        counts = (0.0, LARGEST)
        spans = ((1, LARGEST), loss, loss, score, counts, counts, counts)
        return dict(zip(metric_names(self.metric.name), spans, strict=True))


def admit(reply: Reply, form: Form) -> Reply:
    """Return a decoded reply, with its drift, if it may reach a strategy.

    Raises:
        Rejection: ``wrong-records``, ``wrong-metrics``, ``weight-cap``, ``not-finite`` or ``norm-cap``.
    """
    if set(reply.content) != {ARRAYS, METRICS, UPDATE}:
        raise Rejection("wrong-records", f"expected arrays, metrics and qfl.update, got {sorted(reply.content)}")
    _admit_metrics(reply.metrics, form.bounds, form.caps.claim(reply.client))
    angles = reply.angles
    if not np.isfinite(angles).all():
        num = int((~np.isfinite(angles)).sum())
        raise Rejection("not-finite", f"{num} of {len(angles)} angles are not finite; see train.learning-rate")
    drift = float(np.linalg.norm(angles.astype(np.float64) - form.broadcast))
    cap = form.caps.norm if isfinite(form.caps.norm) else FARTHEST
    if drift > cap:
        raise Rejection("norm-cap", f"an update of norm {drift:.3g}; at most {cap:.4g} is accepted (round.max-norm)")
    return replace(reply, drift=drift)


def _admit_metrics(metrics: Mapping[str, Any], bounds: Mapping[str, tuple[float, float]], most: float) -> None:
    if set(metrics) != set(bounds):
        raise Rejection("wrong-metrics", f"expected {sorted(bounds)}, got {sorted(metrics)}")
    for name, value in metrics.items():
        low, high = bounds[name]
        if isinstance(value, list) or not low <= value <= high:
            raise Rejection("wrong-metrics", f"{name} is not one number between {low:g} and {high:g}")
    weight = metrics[WEIGHT]
    if not isinstance(weight, int):
        raise Rejection("wrong-metrics", f"{WEIGHT} is not a whole number")
    if weight > most:
        raise Rejection("weight-cap", f"{weight} samples claimed; at most {most} are accepted (round.max-examples)")


@dataclass(frozen=True)
class AdmissionGrid:
    """Reject every reply of the wrong form.

    Args:
        base: The grid within, which decodes the replies.
        form: What is admissible.
    """

    base: ReplyGrid
    form: Form

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return the replies, the offenders rejected."""
        return self.base.exchange(asked).verified(partial(admit, form=self.form))
