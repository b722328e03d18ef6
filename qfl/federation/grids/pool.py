"""Clients' circuits run on a shared pool of QPUs: whose job would miss its deadline is not asked, or is lost on a QPU.

The schedule is a function of the round and of who is asked, so it is known before the broadcast: nothing is trained in
place of a client whose job is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qfl.backbone.orchestration.round_jobs import NEVER_S, ClientJob
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus, missing
from qfl.tasks.pool import PoolPlan


@dataclass(frozen=True)
class PoolGrid:
    """Ask the clients whose jobs the pool serves in time; the others are missing, with the reason.

    Args:
        base: The grid within.
        plan: The pool and what each client runs there.
        round_number: The round.
    """

    base: ReplyGrid
    plan: PoolPlan
    round_number: int

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message, and what the pool made of the round."""
        found = self.plan.round(self.round_number, [each.client for each in asked])
        unsent = [Reply(each, self._status(found.clients[each.client])) for each in asked]
        sent = [reply.asked for reply in unsent if reply.accepted]
        answered = self.base.exchange(sent) if sent else Exchange()
        replies = iter(answered.replies)
        every = tuple(next(replies) if reply.accepted else reply for reply in unsent)
        return replace(answered, replies=every, pool=found)

    def _status(self, job: ClientJob) -> ReplyStatus:
        if job.status == "missed":
            deadline_s = self.plan.settings.device.deadline_s or NEVER_S
            return missing("pool-deadline", f"the pool had no room to end the client's job within {deadline_s:g} s")
        if job.status == "failed":
            return missing("pool-failed", f"QPU {job.failed_on} failed after the client's job had begun")
        return ACCEPTED
