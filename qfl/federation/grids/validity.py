"""Whose key does not count in a round is not sent the model: the answer to its message is the roster's reason."""

from collections.abc import Iterable, Mapping

from flwr.app import Message
from flwr.serverapp import Grid

from qfl.errors import Rejection
from qfl.federation.grids.base import GridDecorator
from qfl.federation.records.reply_status import shut_out
from qfl.security.registry import Roster


class ValidityGrid(GridDecorator):
    """Send only to clients whose key counts in this round; nothing is trained, sent or waited for in the others' place.

    Args:
        base: The grid within.
        roster: The enrolled keys, as they are now.
        clients: Client number of each node id.
        round_number: The round.
    """

    def __init__(self, base: Grid, roster: Roster, clients: Mapping[int, int], round_number: int):
        super().__init__(base)
        self._roster, self._clients, self._round = roster, clients, round_number

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return one reply per message, by ascending client number; those shut out have the reason for reply."""
        sent, replies = [], []
        for message in messages:
            try:
                self._roster.counting(self._clients[message.metadata.dst_node_id], self._round)
                sent.append(message)
            except Rejection as reason:
                replies.append(shut_out(message, reason))
        if sent:
            replies += self.base.send_and_receive(sent, timeout=timeout)
        return sorted(replies, key=lambda reply: self._clients[reply.metadata.src_node_id])
