"""A round ends at its deadline, on the wall clock, and needs a quorum of valid replies.

Flower's own waiting has no report of who did not answer, and takes a round without a single reply for a success.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from flwr.app import Message
from flwr.serverapp import Grid

from qfl.errors import RoundFailed
from qfl.federation.records.messages import once_each, require_small
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import ACCEPTED, answered, missing, status_of
from qfl.federation.records.round_metrics import clocked, measure

NOT_SENT = missing("not-sent", "Flower did not take the message")


@dataclass(frozen=True)
class DeadlineGrid:
    """Wait for replies until the deadline; return exactly one reply per message, in their order.

    Every reply is matched to its message by the message's id. (Flower reports a dead node with the server's own id as
    the sender.) What is not in hand at the deadline is missing. Clients of an `InProcessGrid` run one after another, so
    there the deadline counts their queue, too.

    Args:
        base: Carries the messages.
        deadline_s: Seconds from sending to the deadline.
        poll_s: Seconds between two looks for replies when there were none.
        now: The clock, in seconds.
        sleep: How to wait.
    """

    base: Grid
    deadline_s: float
    poll_s: float = 0.05
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Send, wait, and return one reply per message, with bytes and seconds."""
        start = self.now()
        sent, broadcast_s = clocked(lambda: self._send(asked))
        waiting = {reply.asked.message_id: reply for reply in sent if reply.accepted}
        arrived, train_s = clocked(lambda: self._collect(waiting, start))
        late = missing("deadline", f"no reply within {self.deadline_s:g} s")
        replies = [
            arrived.get(reply.asked.message_id) or replace(reply, status=late) if reply.accepted else reply
            for reply in sent
        ]
        return Exchange(tuple(replies)).spent(broadcast=broadcast_s, train=train_s)

    def _send(self, asked: Sequence[Asked]) -> list[Reply]:
        """Return the replies as they are known when the messages are out: their bytes, and which Flower took."""
        sizes = once_each(measure, (each.message.content for each in asked))
        taken = set(self.base.push_messages([each.message for each in asked]))
        return [
            Reply(each, ACCEPTED if each.message_id in taken else NOT_SENT, bytes_down=size)
            for each, size in zip(asked, sizes, strict=True)
        ]

    def _collect(self, waiting: dict[str, Reply], start: float) -> dict[str, Reply]:
        replies: dict[str, Reply] = {}
        while len(replies) < len(waiting) and self.now() - start < self.deadline_s:
            arrived = list(self.base.pull_messages([key for key in waiting if key not in replies]))
            if (elapsed := self.now() - start) > self.deadline_s:
                break
            for reply in arrived:
                key = answered(reply)
                if key in waiting and key not in replies:
                    replies[key] = replace(waiting[key], seconds=elapsed).passed(partial(_taken, reply))
            if not arrived and len(replies) < len(waiting):
                self.sleep(min(self.poll_s, self.deadline_s - elapsed))
        return replies


def _taken(message: Message, reply: Reply) -> Reply:
    """Return a reply with what arrived for it, measured."""
    reply = replace(reply, status=status_of(message))
    if not reply.accepted:
        return reply
    require_small(message.content)
    return replace(reply, content=message.content, bytes_up=measure(message.content))


def check_quorum(replies: Sequence[Reply], quorum: float) -> None:
    """Refuse a round with too few valid replies; a round without any is refused whatever the quorum.

    Raises:
        RoundFailed: With the counts and the most frequent reason.
    """
    asked, valid = len(replies), sum(reply.accepted for reply in replies)
    if valid and valid >= quorum * asked:
        return
    statuses = [reply.status for reply in replies]
    faults = [f"{s.status}, {s.reason}" + (f": {s.detail}" if s.detail else "") for s in statuses if s.reason]
    most = f"; most often: {max(faults, key=faults.count)}" if faults else ""
    raise RoundFailed(f"{valid} of {asked} clients gave a valid reply, the quorum is {quorum:.0%}{most}")
