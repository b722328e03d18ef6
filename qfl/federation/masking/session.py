"""One masked round as the server plays it: step after step, with whoever is still there."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from flwr.app import Message, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection, RoundFailed
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.masking.records import (
    ADVERTISE,
    AGREE,
    BOXES,
    SESSION,
    SHARE,
    TRAIN,
    UNMASK,
    Request,
    boxes_record,
    statement_in,
)
from qfl.federation.records.messages import CONFIG, own_copy
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import Bytes, clocked
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.masking.recovery import Collected, boxes_for, recover
from qfl.security.masking.statements import Advert, Agreement, Boxes, Shares, Start, Survivors
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import FEWEST, from_client, packed, signed
from qfl.security.signing import Signer


@dataclass
class Session:
    """A masked round in progress.

    Args:
        start: What the server announced.
        signer: The server's key.
        roster: The enrolled keys.
        control: Carries the steps' messages.
        upload: Carries the broadcast and the masked updates.
        replies: What is known of each client so far, with the bytes of all its messages.
        envelopes: What clients said, as they signed it, by step.
        phases: What each step cost and who was lost, for the round's row.
        seconds: By phase of the round.
    """

    start: Start
    signer: Signer
    roster: Roster
    control: ReplyGrid
    upload: ReplyGrid
    replies: dict[int, Reply]
    envelopes: dict[str, dict[int, bytes]] = field(default_factory=dict[str, dict[int, bytes]])
    phases: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    seconds: dict[str, float] = field(default_factory=dict[str, float])

    def advertise(self) -> dict[int, Advert]:
        """Return the adverts of the clients that are there."""
        told = signed(self.start, self.signer)
        return self._step(ADVERTISE, Advert, {client: (told,) for client in self.start.members})

    def share(self, adverts: Mapping[int, Advert]) -> dict[int, Boxes]:
        """Return the boxes of the clients that shared their secrets."""
        known = self.envelopes[ADVERTISE]
        return self._step(SHARE, Boxes, {client: self._of_holders(client, known) for client in adverts})

    def train(self, asked: Sequence[Asked], boxes: Mapping[int, Boxes]) -> Exchange:
        """Return the replies of the clients that trained, their words masked."""
        going = [self._with_boxes(each, boxes) for each in asked if each.client in boxes]
        found, seconds = clocked(lambda: self.upload.exchange(going))
        self._note(TRAIN, found.replies, seconds)
        for phase, spent in found.seconds.items():
            self.seconds[phase] = self.seconds.get(phase, 0.0) + spent
        return found

    def agree(self, survivors: Sequence[int]) -> dict[int, Agreement]:
        """Return the agreements of the survivors that are still there."""
        start = self.start
        named = Survivors(start.run_id, start.round, start.nonce, packed(survivors))
        told = signed(named, self.signer)
        return self._step(AGREE, Agreement, {client: (told,) for client in survivors})

    def unmask(self, agreed: Mapping[int, Agreement]) -> dict[int, Mapping[int, bytes]]:
        """Return the shares that clients gave, by client and owner."""
        known = self.envelopes[AGREE]
        shares = self._step(UNMASK, Shares, {client: self._of_holders(client, known, most=True) for client in agreed})
        return {client: each.by_owner() for client, each in shares.items()}

    def require(self, number: int, what: str) -> None:
        """Return if enough clients are there to go on.

        Raises:
            RoundFailed: With how many are missing.
        """
        needed = max(FEWEST, self.start.threshold)
        if number < needed:
            lost = [reply.status for reply in self.replies.values() if not reply.accepted]
            why = f"; the first lost: {lost[0].reason}: {lost[0].detail}" if lost else ""
            raise RoundFailed(f"{number} of {len(self.start.members)} clients {what}; {needed} are needed{why}")

    def _of_holders(self, client: int, known: Mapping[int, bytes], *, most: bool = False) -> tuple[bytes, ...]:
        """Return what a client's neighbours said; of agreements no more than are needed."""
        others = [known[each] for each in self.start.holders(client) if each in known and each != client]
        return tuple(others[: self.start.threshold - 1] if most else others)

    def _step(self, step: str, kind: type, told: Mapping[int, tuple[bytes, ...]]) -> dict[int, Any]:
        requests = {client: Request(step, self.start.run_id, statements) for client, statements in told.items()}
        asked = [_asked(self.replies[client].asked, request.content()) for client, request in requests.items()]
        said: dict[int, Any] = {}
        kept = self.envelopes.setdefault(step, {})

        def read(reply: Reply) -> Reply:
            kept[reply.client] = statement_in(reply.content)
            said[reply.client] = self._read(kind, kept[reply.client], reply.client)
            return reply

        found, seconds = clocked(lambda: self.control.exchange(asked).verified(read, on_all_cores))
        self._note(step, found.replies, seconds)
        self.seconds["masking"] = self.seconds.get("masking", 0.0) + seconds
        return {client: said[client] for client in sorted(said)}

    def _read(self, kind: type, envelope: bytes, client: int) -> Any:
        statement = from_client(kind, envelope, self.roster, self.start)
        if statement.client != client:
            raise rejection("wrong-client", f"client {statement.client} answered in the place of client {client}")
        if isinstance(statement, Boxes):
            _ = statement.by_receiver  # refused now if there are not two for each
        if isinstance(statement, Shares):
            statement.by_owner()
        return statement

    def _with_boxes(self, asked: Asked, boxes: Mapping[int, Boxes]) -> Asked:
        content = own_copy(asked.message.content)
        content[BOXES] = boxes_record(boxes_for(self.start, boxes, asked.client))
        content.config_records[CONFIG][SESSION] = self.start.nonce
        return _asked(asked, content)

    def _note(self, step: str, replies: Sequence[Reply], seconds: float) -> None:
        """Add a step's bytes to its clients', and drop who was lost before its update was in the sum."""
        for reply in replies:
            before = self.replies[reply.client]
            up, down = (before.bytes_up or Bytes()) + (reply.bytes_up or Bytes()), _added(before, reply)
            after = replace(reply if step == TRAIN else before, bytes_up=up, bytes_down=down)
            lost = step not in (AGREE, UNMASK) and not reply.accepted
            self.replies[reply.client] = replace(after, status=reply.status) if lost else after
        self.phases[step] = {
            "asked": len(replies),
            "answered": sum(reply.accepted for reply in replies),
            "bytes_up": sum(reply.bytes_up.total for reply in replies if reply.bytes_up),
            "bytes_down": sum(reply.bytes_down.total for reply in replies if reply.bytes_down),
            "seconds": seconds,
        }


def _added(before: Reply, reply: Reply) -> Bytes | None:
    if before.bytes_down and reply.bytes_down:
        return before.bytes_down + reply.bytes_down
    return before.bytes_down or reply.bytes_down


def _asked(asked: Asked, content: RecordDict) -> Asked:
    """Return another message to the same client."""
    was = asked.message.metadata
    return Asked(asked.client, Message(content, was.dst_node_id, was.message_type, ttl=was.ttl, group_id=was.group_id))


def played(
    session: Session, asked: Sequence[Asked], keep: Callable[[NDArray[np.uint64], Exchange], None]
) -> tuple[NDArray[np.uint64], Exchange]:
    """Return the sum of the survivors' words, and the exchange that carried them.

    Args:
        session: At its beginning.
        asked: The broadcast, for each client.
        keep: Is given the sum as soon as it is unmasked.

    Raises:
        RoundFailed: If too few clients are left at some step, or one of those that are left lied.
    """
    adverts = session.advertise()
    session.require(len(adverts), "advertised keys")
    boxes = session.share(adverts)
    session.require(len(boxes), "shared their secrets")
    found = session.train(asked, boxes)
    masked = {reply.client: reply.angles for reply in found.replies if reply.accepted}
    session.require(len(masked), "sent a masked update")
    survivors = sorted(masked)
    agreements = session.agree(survivors)
    session.require(len(agreements), "agreed on the survivors")
    shares = session.unmask(agreements)
    session.require(len(shares), "gave shares")
    total, seconds = clocked(lambda: _sum(Collected(session.start, adverts, boxes, survivors), masked, shares))
    session.phases["recover"] = {"seconds": seconds}
    keep(total, found)
    return total, found


def _sum(
    collected: Collected, masked: Mapping[int, NDArray[np.uint64]], shares: Mapping[int, Mapping[int, bytes]]
) -> NDArray[np.uint64]:
    first, *others = masked.values()
    total = sum(others, first.copy())
    try:
        return recover(collected, total, shares)
    except Rejection as reason:
        raise RoundFailed(f"the sum of the masked updates could not be unmasked: {reason}") from None
