"""A round ends at its deadline, on the wall clock, and needs a quorum of valid replies.

Flower's own waiting has no report of who did not answer, and takes a round without a single reply for a success.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from flwr.app import Message, RecordDict
from flwr.serverapp import Grid

from qfl.errors import RoundFailed
from qfl.federation.grids.base import GridDecorator
from qfl.federation.node_directory import is_absent
from qfl.federation.records.messages import require_small
from qfl.federation.records.reply_status import answered, missing, outcome, taken
from qfl.federation.records.round_metrics import Ledger, measure


class DeadlineGrid(GridDecorator):
    """Wait for replies until the deadline; return exactly one reply per message, by ascending client number.

    Every reply is matched to its message by the message's id and readdressed as that message's reply. (Flower reports
    a dead node with the server's own id as the sender.) The place of a reply that is not in hand at the deadline is
    taken by an error reply. Clients of an `InProcessGrid` run one after another, so there the deadline counts their
    queue, too.

    Args:
        base: The grid within.
        clients: Client number of each node id.
        deadline_s: Seconds from sending to the deadline.
        ledger: Takes bytes, arrival times and the phases ``broadcast`` and ``train``.
        poll_s: Seconds between two looks for replies when there were none.
        now: The clock, in seconds.
        sleep: How to wait.
    """

    def __init__(
        self,
        base: Grid,
        clients: Mapping[int, int],
        deadline_s: float,
        ledger: Ledger,
        poll_s: float = 0.1,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        super().__init__(base)
        self._clients, self._deadline_s, self._ledger = clients, deadline_s, ledger
        self._poll_s, self._now, self._sleep = poll_s, now, sleep

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Send, wait, and return one reply per message; ``timeout`` shortens the deadline."""
        asked = sorted(messages, key=self._client)
        start, limit_s = self._now(), min(self._deadline_s, timeout or self._deadline_s)
        with self._ledger.clock("broadcast"):
            sent = set(self._send(asked))
        replies = {m.metadata.message_id: _not_sent(m) for m in asked if m.metadata.message_id not in sent}
        waiting = {m.metadata.message_id: m for m in asked if m.metadata.message_id in sent}
        with self._ledger.clock("train"):
            replies |= self._collect(waiting, start, limit_s)
        late = f"no reply within {limit_s:g} s"
        return [replies.get(m.metadata.message_id) or missing(m, "deadline", late) for m in asked]

    def _send(self, messages: list[Message]) -> Iterable[str]:
        for message in messages:
            if is_absent(message):
                continue
            self._ledger.down[self._client(message)] = measure(message.content)
        return self.base.push_messages(messages)

    def _collect(self, waiting: dict[str, Message], start: float, limit_s: float) -> dict[str, Message]:
        replies: dict[str, Message] = {}
        while waiting and self._now() - start < limit_s:
            arrived = list(self.base.pull_messages(list(waiting)))
            if (elapsed := self._now() - start) > limit_s:
                break
            for reply in arrived:
                message = waiting.pop(answered(reply), None)
                if message is not None:
                    replies[message.metadata.message_id] = self._take(message, reply, elapsed)
            if waiting and not arrived:
                self._sleep(min(self._poll_s, limit_s - elapsed))
        return replies

    def _take(self, message: Message, reply: Message, elapsed_s: float) -> Message:
        client = self._client(message)
        self._ledger.arrival_s[client] = elapsed_s
        return taken(message, reply, lambda content: self._weigh(client, content))

    def _weigh(self, client: int, content: RecordDict) -> None:
        require_small(content)
        self._ledger.up[client] = measure(content)

    def _client(self, message: Message) -> int:
        return self._clients[message.metadata.dst_node_id]


def check_quorum(replies: Iterable[Message], asked: int, quorum: float) -> None:
    """Refuse a round with too few valid replies; a round without any is refused whatever the quorum.

    Raises:
        RoundFailed: With the counts and the most frequent reason.
    """
    outcomes = [outcome(reply) for reply in replies]
    valid = sum(each.status == "accepted" for each in outcomes)
    if valid and valid >= quorum * asked:
        return
    faults = [f"{o.status}, {o.reason}" + (f": {o.detail}" if o.detail else "") for o in outcomes if o.reason]
    most = f"; most often: {max(faults, key=faults.count)}" if faults else ""
    raise RoundFailed(f"{valid} of {asked} clients gave a valid reply, the quorum is {quorum:.0%}{most}")


def _not_sent(message: Message) -> Message:
    if is_absent(message):
        return missing(message, "not-connected", "no node has proven to be this client")
    return missing(message, "not-sent", "Flower did not take the message")
