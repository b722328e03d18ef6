"""What a masked vector holds: a client's samples, its metrics and its movement, all times its samples.

::

    1 | share of numbers that were clipped | train_loss | loss | metric | noise | movement of each entry

So the sum gives Federated Averaging and the round's means, of no client by itself.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from qfl.angles import AngleLayout
from qfl.errors import RoundFailed
from qfl.federation.grids.caps import WEIGHT_MOVE, Caps
from qfl.federation.records.messages import COUNTS, WEIGHT, metric_names
from qfl.security.masking.fixed_point import FixedPoint
from qfl.tasks.local import ClientUpdate

CLIPPED = "clipped"
METRIC_LIMIT, METRIC_BITS, ENTRY_BITS = 4096.0, 24.0, 32.0


@dataclass(frozen=True)
class Words:
    """How updates of a task become words, and sums of words a mean.

    Args:
        point: Limits and bits of the words.
        names: Of the words before the entries.
    """

    point: FixedPoint
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """Words of a vector."""
        return len(self.point.limit)

    def within(self, room: int, num_clients: int, weight: int) -> "Words":
        """Return words of fewer bits, so that the sum of all stays within a room (`FixedPoint.within`).

        Args:
            room: Largest magnitude of a word of the sum.
            num_clients: Who all may have the largest weight.
            weight: That, in samples.

        Raises:
            Rejection: ``mask-overflow``.
        """
        return replace(self, point=self.point.within(room, num_clients, weight))

    def of_update(self, update: ClientUpdate, received: NDArray, num_clients: int) -> NDArray[np.uint64]:
        """Return an update as words.

        Args:
            update: What a client trained.
            received: The angles that it started from.
            num_clients: Members of the masked round.

        Raises:
            Rejection: ``mask-overflow`` or ``not-finite``.
        """
        self.point.require_room(update.num_examples, num_clients)
        numbers = (update.train_loss, update.loss, update.score, update.noise)
        moved = update.angles.astype(np.float64) - received.astype(np.float64)
        values = np.array([1.0, 0.0, *numbers, *moved])
        values[self.names.index(CLIPPED)] = float((np.abs(values) > self.point.limit).mean())
        return self.point.encode(values, update.num_examples)

    def noisy_mean(
        self, total: NDArray[np.uint64], received: NDArray, asked: int
    ) -> tuple[NDArray, dict[str, int | float]]:
        """Return the angles moved by a sum of movements over the clients that were asked, and how many are in it.

        Args:
            total: The sum, unmasked, of updates of weight 1 that carry noise and no metrics.
            received: The angles that clients started from.
            asked: Clients that were: who is missing counts as one that did not move.

        Raises:
            RoundFailed: If the sum is of no update.
        """
        weight = int(total[:1].view(np.int64)[0])
        if weight < 1:
            raise RoundFailed(f"the unmasked sum is of {weight} updates; a client that takes part broke the protocol")
        moved = self.point.decode(total, asked)[len(self.names) :]
        return (received.astype(np.float64) + moved).astype(received.dtype), {WEIGHT: weight}

    def mean(self, total: NDArray[np.uint64], received: NDArray) -> tuple[NDArray, dict[str, int | float]]:
        """Return the mean angles and metrics of a sum of words.

        Args:
            total: The sum, unmasked.
            received: The angles that clients started from.

        Raises:
            RoundFailed: If the sum is of no samples.
        """
        weight = int(total[:1].view(np.int64)[0])
        if weight < 1:
            raise RoundFailed(f"the unmasked sum is of {weight} samples; a client that takes part broke the protocol")
        values = self.point.decode(total, weight)
        angles = received.astype(np.float64) + values[len(self.names) :]
        metrics = dict(zip(self.names[1:], values[1 : len(self.names)].tolist(), strict=True))
        return angles.astype(received.dtype), {WEIGHT: weight, **metrics}


def words_of(layout: AngleLayout, metric: str) -> Words:
    """Return the words of a task: an angle moves by its period at most, another entry by 10 (`caps`).

    Args:
        layout: Gives the periods.
        metric: Name of the task's figure of merit.

    Example:
        >>> words_of(AngleLayout(("a", "bias"), (6.28, float("inf"))), "accuracy").point.limit.tolist()
        [1.0, 1.0, 4096.0, 4096.0, 4096.0, 4096.0, 6.28, 10.0]
    """
    _, *reported = (name for name in metric_names(metric) if name not in COUNTS)
    names = (WEIGHT, CLIPPED, *reported)
    periods = np.array(layout.periods)
    moves = np.where(np.isfinite(periods), periods, WEIGHT_MOVE)
    limits = np.concatenate([[1.0, 1.0], np.full(len(reported), METRIC_LIMIT), moves])
    bits = np.concatenate([[0.0], np.full(len(reported) + 1, METRIC_BITS), np.full(len(moves), ENTRY_BITS)])
    return Words(FixedPoint(limits, bits), names)


def require_plausible(
    angles: NDArray, received: NDArray, metrics: dict[str, int | float], caps: Caps, most: float
) -> None:
    """Return if a mean is one that clients within their caps can have: nothing else can be checked of a sum.

    Args:
        angles: The mean.
        received: The angles that clients started from.
        metrics: The means of the metrics.
        caps: Of each client; a mean is no longer than its longest part.
        most: Samples that the survivors may claim together.

    Raises:
        RoundFailed: With what is too large.
    """
    if metrics[WEIGHT] > most:
        raise RoundFailed(f"the unmasked sum is of {metrics[WEIGHT]} samples; its clients hold at most {most:g}")
    drift = float(np.linalg.norm(angles.astype(np.float64) - received))
    if not drift <= caps.norm * (1 + 1e-6):
        raise RoundFailed(f"the unmasked mean moved by {drift:.3g}; one client may by {caps.norm:.4g} (round.max-norm)")
