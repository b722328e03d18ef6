"""Who is not sent the model: whose key does not count in the round, and who is not there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qfl.errors import Rejection
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus, missing, rejected
from qfl.security.roster import Roster

NOT_CONNECTED = missing("not-connected", "no node has proven to be this client")


@dataclass(frozen=True)
class AbsenceGrid:
    """Send only to clients that are there and whose key counts; nothing is trained or waited for in the others' place.

    Args:
        base: The grid within.
        roster: The enrolled keys, as they are now.
        round_number: The round.
    """

    base: ReplyGrid
    roster: Roster
    round_number: int

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message; of one that is not sent, the status says why."""
        unsent = [Reply(each, self._status(each)) for each in asked]
        sent = [reply.asked for reply in unsent if reply.accepted]
        found = self.base.exchange(sent) if sent else Exchange()
        replies = iter(found.replies)
        return replace(found, replies=tuple(next(replies) if reply.accepted else reply for reply in unsent))

    def _status(self, asked: Asked) -> ReplyStatus:
        try:
            self.roster.counting(asked.client, self.round_number)
        except Rejection as reason:
            return rejected(reason)
        there = asked.message.metadata.dst_node_id >= 0  # `qfl.federation.node_directory.absent_id`
        return ACCEPTED if there else NOT_CONNECTED
