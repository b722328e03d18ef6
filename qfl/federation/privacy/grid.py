"""Central privacy: the server gives the strategy one noisy mean in place of single updates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from flwr.app import MetricRecord, RecordDict
from numpy.typing import NDArray

from qfl.federation.grids.base import ReplyGrid
from qfl.federation.privacy.plan import Plan
from qfl.federation.records.messages import ARRAYS, METRICS, WEIGHT, to_record
from qfl.federation.records.reply import Asked, Exchange, NoisyMean, Reply
from qfl.federation.records.reply_status import ACCEPTED
from qfl.privacy.clip import circular_clip
from qfl.privacy.gaussian import noisy


@dataclass(frozen=True)
class NoisyMeanGrid:
    r"""Add noise to the mean of clipped movements.

    .. math::
        \bar\theta = \theta_t + \frac{1}{m} \Big( \sum_k \operatorname{clip}_c(\theta_k - \theta_t)
        + \mathcal{N}(0, z^2 c^2 I) \Big)

    All clients weigh alike, and :math:`m` is how many were asked: one that does not answer counts as one that did not
    move, so the sum changes by no more than c, and m not at all, whatever one client does.

    Args:
        base: Gives the single updates.
        plan: The run's privacy.
        round_number: The round.
        broadcast: The angles that were sent.

    Reference:
        McMahan et al., 2018, arXiv:1710.06963, Algorithm 1 with the estimator of fixed denominator, without sampling.
    """

    base: ReplyGrid
    plan: Plan
    round_number: int
    broadcast: NDArray

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return the replies, and the noisy mean that stands in their place."""
        found = self.base.exchange(asked)
        moved = [reply.angles.astype(np.float64) - self.broadcast for reply in found.replies if reply.accepted]
        if not moved:
            return found
        cut, norms = circular_clip(np.array(moved), self.plan.periods, self.plan.own.clip)
        total = noisy(cut.sum(axis=0), self.plan.deviation, self.plan.bits("central", self.round_number))
        angles = (self.broadcast + total / len(asked)).astype(self.broadcast.dtype)
        report = {"clipped": float((norms > self.plan.own.clip).mean())}
        return replace(found, noisy=NoisyMean(mean_reply(asked[0], angles), report))


def mean_reply(asked: Asked, angles: NDArray) -> Reply:
    """Return a mean as one reply: a strategy that needs a mean alone makes the same of it as of all."""
    metrics: dict[str, int | float] = {WEIGHT: 1}
    content = RecordDict({ARRAYS: to_record(angles), METRICS: MetricRecord(dict(metrics))})
    return Reply(asked, ACCEPTED, content, angles=angles, metrics=metrics)
