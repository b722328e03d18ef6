"""The server's half of masked and of encrypted rounds: a grid that gives one sum in place of single updates.

What the radio carries is the update; the other steps' bytes are in the round's row, and not on the air.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from flwr.app import ConfigRecord, MetricRecord, RecordDict
from numpy.typing import NDArray

from qfl.angles import angle_digest
from qfl.errors import RoundFailed
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.masking.kept_sum import KeptSum, load_sum, save_sum
from qfl.federation.masking.sums import Sums, SumSession
from qfl.federation.masking.words import CLIPPED, require_plausible
from qfl.federation.records.ledger_writer import envelopes_of
from qfl.federation.records.messages import ARRAYS, METRICS, UPDATE, to_record
from qfl.federation.records.reply import Asked, Exchange, MaskedSum, Reply
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus, missing

FILE = "masked-sum.npz"


@dataclass(frozen=True)
class SumRules:
    """What is asked of every sum of a run, however it came about.

    Args:
        sums: The protocol.
        caps: Of each client, of which a sum can show a breach at most.
        folder: The run's, where a sum is kept until its round is.
        noisy: Whether each update carries a share of noise (`qfl.federation.privacy`).
    """

    sums: Sums
    caps: Caps
    folder: Path
    noisy: bool = False


@dataclass(frozen=True)
class SumGrid:
    """Play a round of which the server sees the sum alone, and give that.

    Args:
        control: Carries the steps' messages.
        upload: Carries the broadcast and the updates.
        air: Puts the radio over replies that are here already; gives them as they are where there is none.
        rules: The run's.
        identity: The server's.
        round_number: The round.
        broadcast: The angles that are sent.
    """

    control: ReplyGrid
    upload: ReplyGrid
    air: Callable[[ReplyGrid], ReplyGrid]
    rules: SumRules
    identity: ServerIdentity
    round_number: int
    broadcast: NDArray

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message, with no angles, and the sum of those that are accepted."""
        kept = load_sum(self.rules.folder / FILE, self.round_number, angle_digest(self.broadcast))
        return self._kept(asked, kept) if kept else self._played(asked)

    def _played(self, asked: Sequence[Asked]) -> Exchange:
        session = self.rules.sums.session(self.identity, self.round_number, asked, self.control, self.upload)
        steps = session.steps

        def keep(total: NDArray[np.uint64], found: Exchange) -> None:
            save_sum(self.rules.folder / FILE, self.round_number, self._to_keep(session, total, found))

        try:
            total, found = session.play(asked, keep)
        except RoundFailed as failure:
            lost = Exchange(_in_order(asked, steps.replies), steps.seconds)
            return _without_sum(lost, session.report(), failure)
        done = Exchange(_in_order(asked, steps.replies), steps.seconds, found.radio)
        return self._with_sum(done, total, session.report())

    def _kept(self, asked: Sequence[Asked], kept: KeptSum) -> Exchange:
        """Return a round whose sum was unmasked before the server was killed; the radio carries it as it did then."""
        arrived = tuple(_arrived(each, kept) for each in asked)
        found = self.air(Arrived(arrived)).exchange(asked)
        replies = tuple(_as_kept(reply, kept) for reply in found.replies)
        return self._with_sum(replace(found, replies=replies), kept.words, kept.report)

    def _to_keep(self, session: SumSession, total: NDArray[np.uint64], found: Exchange) -> KeptSum:
        uploads = {reply.client: reply.bytes_up for reply in found.replies if reply.bytes_up}
        lost = {client: reply.status for client, reply in session.steps.replies.items() if not reply.accepted}
        dropped = {client: (status.status, status.reason, status.detail) for client, status in lost.items()}
        updates = envelopes_of(tuple(session.steps.replies.values()))
        return KeptSum(total, uploads, dropped, updates, angle_digest(self.broadcast), session.report())

    def _with_sum(self, found: Exchange, total: NDArray[np.uint64], report: Any) -> Exchange:
        rules, accepted = self.rules, [reply for reply in found.replies if reply.accepted]
        most = sum(rules.caps.claim(reply.client) for reply in accepted)
        try:
            angles, metrics = self._mean(total, len(found.replies), report)
            require_plausible(angles, self.broadcast, metrics, rules.caps, most)
        except RoundFailed as failure:
            return _without_sum(found, report, failure)
        report = {**report, **({} if rules.noisy else {CLIPPED: metrics.pop(CLIPPED)})}
        return replace(found, masked=MaskedSum(_one(accepted[0].asked, angles, metrics), report))

    def _mean(
        self, total: NDArray[np.uint64], asked: int, report: Mapping[str, Any]
    ) -> tuple[NDArray, dict[str, int | float]]:
        words = self.rules.sums.words_of(report)
        if self.rules.noisy:
            return words.noisy_mean(total, self.broadcast, asked)
        return words.mean(total, self.broadcast)


@dataclass(frozen=True)
class Arrived:
    """A grid whose replies are here already.

    Args:
        replies: One for each message.
    """

    replies: tuple[Reply, ...]

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return the replies."""
        return Exchange(self.replies)


def _without_sum(found: Exchange, report: Any, failure: RoundFailed) -> Exchange:
    """Return a round in which no update was used, and which says so of every client that did its part."""
    lost = missing("no-sum", str(failure))
    replies = tuple(replace(reply, status=lost) if reply.accepted else reply for reply in found.replies)
    return replace(found, replies=replies, masked=MaskedSum(None, report, str(failure)))


def _one(asked: Asked, angles: NDArray, metrics: dict[str, int | float]) -> Reply:
    """Return the mean as one reply: a strategy that needs a weighted mean alone makes the same of it as of all."""
    content = RecordDict({ARRAYS: to_record(angles), METRICS: MetricRecord(dict(metrics))})
    return Reply(asked, ACCEPTED, content, angles=angles, metrics=metrics)


def _in_order(asked: Sequence[Asked], replies: dict[int, Reply]) -> tuple[Reply, ...]:
    return tuple(replies[each.client] for each in asked)


def _arrived(asked: Asked, kept: KeptSum) -> Reply:
    """Return a reply as it was before the radio carried it."""
    client = asked.client
    if client not in kept.uploads:
        return Reply(asked, ReplyStatus(*kept.dropped.get(client, ("missing", "not-asked", None))))
    record = ConfigRecord({"cose": kept.updates[client]} if client in kept.updates else {})
    return Reply(asked, ACCEPTED, RecordDict({UPDATE: record}), bytes_up=kept.uploads[client])


def _as_kept(reply: Reply, kept: KeptSum) -> Reply:
    """Return a reply with what became of it after the radio."""
    return replace(reply, status=ReplyStatus(*kept.dropped[reply.client])) if reply.client in kept.dropped else reply
