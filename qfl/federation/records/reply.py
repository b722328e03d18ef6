"""What comes back from the clients: one `Reply` for every message, and all replies of a round in an `Exchange`.

Nothing here is changed once it is made. A grid that finds something out about a reply, its bytes, its angles, why it is
dropped, returns another `Reply` that says so.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flwr.app import Message, MetricRecord, RecordDict
from numpy.typing import NDArray

from qfl.airtime.simulation import RadioRound
from qfl.backbone.orchestration.round_jobs import PoolRound
from qfl.errors import Rejection
from qfl.federation.records.messages import ARRAYS, METRICS, read_angles, sent_again
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus, judged, rejected
from qfl.federation.records.round_metrics import Bytes


@dataclass(frozen=True)
class Asked:
    """One message to one client.

    Args:
        client: The client's number.
        message: What it is sent, or would be.
    """

    client: int
    message: Message

    @property
    def message_id(self) -> str:
        """Flower's id of the message; empty before it is sent."""
        return self.message.metadata.message_id


@dataclass(frozen=True, eq=False)
class Reply:
    """What came of one message.

    Args:
        asked: The message.
        status: What became of it.
        content: The records that came back, opened where they were sealed.
        seconds: From sending to arrival; None where nothing arrived.
        bytes_down: What was sent; None where nothing was.
        bytes_up: What came back; None where it could not be measured.
        angles: The client's angle vector, read-only; empty before it is decoded.
        metrics: What the client reports beside it; empty before that.
        drift: Euclidean distance of the angles from those that were sent; None before it is known.
        seal: How it was sealed, in words, where quantum keys are asked for; empty elsewhere.
    """

    asked: Asked
    status: ReplyStatus = ACCEPTED
    content: RecordDict = field(default_factory=RecordDict)
    seconds: float | None = None
    bytes_down: Bytes | None = None
    bytes_up: Bytes | None = None
    angles: NDArray = field(default_factory=lambda: np.zeros(0))
    metrics: Mapping[str, int | float | list[int] | list[float]] = field(default_factory=dict)
    drift: float | None = None
    seal: str = ""

    @property
    def client(self) -> int:
        """The number of the client that was asked."""
        return self.asked.client

    @property
    def accepted(self) -> bool:
        """Whether nothing speaks against the reply so far."""
        return self.status.status == "accepted"

    def passed(self, step: Callable[["Reply"], "Reply"]) -> "Reply":
        """Return what a step makes of the reply; rejected if the step raises. A reply that is dropped stays as it is.

        Whatever the step raises is the sender's fault (`judged`).
        """
        if not self.accepted:
            return self
        found = judged(lambda: step(self))
        return replace(self, status=rejected(found)) if isinstance(found, Rejection) else found

    def decoded(self, sent: NDArray) -> "Reply":
        """Return the reply with angles and metrics read from its records: the one place where they are.

        Args:
            sent: The angles that were broadcast; the reply's have the same type and length.

        Raises:
            Rejection: ``wrong-array-key``, ``unreadable-array``, ``wrong-dtype``, ``wrong-shape`` or ``wrong-metrics``.
        """
        angles = read_angles(self.content, len(sent), str(sent.dtype))
        metrics = self.content.get(METRICS)
        if not isinstance(metrics, MetricRecord):
            raise Rejection("wrong-metrics", "expected a record 'metrics'")
        return replace(self, angles=angles, metrics=dict(metrics))

    def to_message(self) -> Message:
        """Return what a strategy gets: the records with the decoded vector, or an error in their place.

        What Flower writes beside an array's bytes is not signed, so the array is made anew.
        """
        if not self.accepted:
            return Message(self.status.error(), reply_to=self.asked.message)
        records = self.content.copy()
        records[ARRAYS] = sent_again(self.content, self.angles)
        return Message(records, reply_to=self.asked.message)


@dataclass(frozen=True, eq=False)
class MaskedSum:
    """What came of a masked round (`qfl.federation.masking`).

    Args:
        mean: The mean of the accepted updates, as one reply that all of them stand behind; None where there is none.
        report: What the round's row says of it.
        failure: Why there is none.
    """

    mean: Reply | None
    report: Mapping[str, Any]
    failure: str | None = None


@dataclass(frozen=True, eq=False)
class NoisyMean:
    """What the strategy gets in place of single updates, where the server adds noise (`qfl.federation.privacy`).

    Args:
        mean: As one reply.
        report: What the round's row says of it.
    """

    mean: Reply
    report: Mapping[str, Any]
    failure: None = None


@dataclass(frozen=True)
class Exchange:
    """What came of one round's messages.

    Args:
        replies: One per message, in the order of asking.
        seconds: What it took, by phase (`qfl.federation.records.round_metrics.PHASES`).
        radio: What the radio made of it; None without one, or where nobody had anything to send.
        masked: The sum, where updates are masked; replies then have neither angles nor metrics.
        pool: What the pool of QPUs made of it; None without one.
        noisy: The noisy mean, where the server adds noise.
    """

    replies: tuple[Reply, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    radio: RadioRound | None = None
    masked: MaskedSum | None = None
    pool: PoolRound | None = None
    noisy: NoisyMean | None = None

    def spent(self, **seconds: float) -> "Exchange":
        """Return the exchange with time added to phases.

        Example:
            >>> Exchange().spent(verify=1.0).spent(verify=0.5, train=2.0).seconds
            {'verify': 1.5, 'train': 2.0}
        """
        added = {phase: self.seconds.get(phase, 0.0) + number for phase, number in seconds.items()}
        return replace(self, seconds={**self.seconds, **added})

    def verified(
        self, step: Callable[[Reply], Reply], apply: Callable[[Callable, Iterable[Reply]], Iterable[Reply]] = map
    ) -> "Exchange":
        """Return the exchange after a step of verification of every reply (`Reply.passed`), which ``apply`` maps."""
        start = time.perf_counter()
        replies = tuple(apply(lambda reply: reply.passed(step), self.replies))
        return replace(self, replies=replies).spent(verify=time.perf_counter() - start)
