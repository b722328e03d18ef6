"""The steps of a round around its training: each asks some clients for a signed statement, and notes what that cost."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from flwr.app import Message, RecordDict

from qfl.errors import RoundFailed
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.masking.records import TRAIN, Request, statement_in
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import Bytes, clocked
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import Said, Statement, from_client

Heard = TypeVar("Heard", bound=Said)


@dataclass
class Steps:
    """What is known of a round's clients, step after step.

    Args:
        start: The server's statement that began the round.
        roster: The enrolled keys.
        control: Carries the steps' messages.
        replies: What is known of each client so far, with the bytes of all its messages.
        envelopes: What clients said, as they signed it, by step.
        phases: What each step cost and who was lost, for the round's row.
        seconds: By phase of the round.
    """

    start: Statement
    roster: Roster
    control: ReplyGrid
    replies: dict[int, Reply]
    envelopes: dict[str, dict[int, bytes]] = field(default_factory=dict[str, dict[int, bytes]])
    phases: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def ask(
        self,
        step: str,
        kind: type[Heard],
        told: Mapping[int, tuple[bytes, ...]],
        *,
        check: Callable[[Heard], Any] = lambda _: None,
        loses: bool = True,
    ) -> dict[int, Heard]:
        """Return what clients say, each by itself.

        Args:
            step: Which.
            kind: Of what they say.
            told: The statements that each client is sent.
            check: Raises what else is wrong with a statement.
            loses: Whether who does not answer is lost to the round; who was in the sum before is not.
        """
        requests = {client: Request(step, self.start.run_id, statements) for client, statements in told.items()}
        asked = [again(self.replies[client].asked, request.content()) for client, request in requests.items()]
        said: dict[int, Heard] = {}
        kept = self.envelopes.setdefault(step, {})

        def read(reply: Reply) -> Reply:
            envelope = statement_in(reply.content)
            statement = self._read(kind, envelope, reply.client)
            check(statement)
            kept[reply.client], said[reply.client] = envelope, statement  # what is refused is not relayed either
            return reply

        found, seconds = clocked(lambda: self.control.exchange(asked).verified(read, on_all_cores))
        self.note(step, found.replies, seconds, loses=loses)
        self.seconds["masking"] = self.seconds.get("masking", 0.0) + seconds
        return {client: said[client] for client in sorted(said)}

    def train(self, work: Callable[[], Exchange]) -> Exchange:
        """Return an exchange of updates, and note what it cost."""
        found, seconds = clocked(work)
        self.note(TRAIN, found.replies, seconds)
        for phase, spent in found.seconds.items():
            self.seconds[phase] = self.seconds.get(phase, 0.0) + spent
        return found

    def require(self, number: int, needed: int, what: str) -> None:
        """Return if enough clients are there to go on.

        Args:
            number: Clients that are there.
            needed: The fewest that may be.
            what: What they did, for the sentence.

        Raises:
            RoundFailed: With how many are missing.
        """
        if number < needed:
            lost = [reply.status for reply in self.replies.values() if not reply.accepted]
            why = f"; the first lost: {lost[0].reason}: {lost[0].detail}" if lost else ""
            raise RoundFailed(f"{number} of {len(self.replies)} clients {what}; {needed} are needed{why}")

    def note(self, step: str, replies: Sequence[Reply], seconds: float, *, loses: bool = True) -> None:
        """Add a step's bytes to its clients', and drop who was lost before its update was in the sum.

        Args:
            step: Its name.
            replies: Of those asked, in any order.
            seconds: That it took on the server's clock.
            loses: Whether who does not answer is out of the sum.
        """
        for reply in replies:
            before = self.replies[reply.client]
            up, down = (before.bytes_up or Bytes()) + (reply.bytes_up or Bytes()), _added(before, reply)
            after = replace(reply if step == TRAIN else before, bytes_up=up, bytes_down=down)
            lost = loses and not reply.accepted
            self.replies[reply.client] = replace(after, status=reply.status) if lost else after
        found = {
            "asked": len(replies),
            "answered": sum(reply.accepted for reply in replies),
            "bytes_up": sum(reply.bytes_up.total for reply in replies if reply.bytes_up),
            "bytes_down": sum(reply.bytes_down.total for reply in replies if reply.bytes_down),
            "seconds": seconds,
        }
        known = self.phases.get(step, {})  # a step that is asked of one client after another adds up
        self.phases[step] = {name: number + known.get(name, 0) for name, number in found.items()}

    def _read(self, kind: type[Heard], envelope: bytes, client: int) -> Heard:
        statement = from_client(kind, envelope, self.roster, self.start)
        if statement.client != client:
            raise rejection("wrong-client", f"client {statement.client} answered in the place of client {client}")
        return statement


def again(asked: Asked, content: RecordDict) -> Asked:
    """Return another message to the same client."""
    was = asked.message.metadata
    return Asked(asked.client, Message(content, was.dst_node_id, was.message_type, ttl=was.ttl, group_id=was.group_id))


def _added(before: Reply, reply: Reply) -> Bytes | None:
    if before.bytes_down and reply.bytes_down:
        return before.bytes_down + reply.bytes_down
    return before.bytes_down or reply.bytes_down
