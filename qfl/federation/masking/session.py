"""One masked round as the server plays it: step after step, with whoever is still there."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qfl.config.subjects import SecuritySettings
from qfl.errors import Rejection, RoundFailed
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.masking.records import (
    ADVERTISE,
    AGREE,
    BOXES,
    SESSION,
    SHARE,
    UNMASK,
    boxes_record,
)
from qfl.federation.masking.steps import Steps, again
from qfl.federation.masking.sums import Keep
from qfl.federation.masking.words import Words
from qfl.federation.records.messages import CONFIG, own_copy
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import clocked
from qfl.security.envelope import MASK_BOXES
from qfl.security.masking.graph import default_threshold, num_holders
from qfl.security.masking.recovery import Collected, boxes_for, recover
from qfl.security.masking.statements import Advert, Agreement, Boxes, Shares, Start, Survivors
from qfl.security.session import FEWEST, NO_SEAL, packed, signed
from qfl.security.signing import Signer
from qfl.seeds import stream


@dataclass(frozen=True)
class Masking:
    """What all masked rounds of a run have in common.

    Args:
        security: Gives ``neighbours`` and ``threshold``.
        seed: The run's: it orders the ring of neighbours.
        words: How updates become words.
    """

    security: SecuritySettings
    seed: int
    words: Words
    mode = "masked"
    longest_statement = MASK_BOXES.limit_bytes

    @property
    def upload_form(self) -> NDArray[np.uint64]:
        """An array as a masked update has it."""
        return np.zeros(self.words.count, dtype=np.uint64)

    def session(
        self, identity: ServerIdentity, number: int, asked: Sequence[Asked], control: ReplyGrid, upload: ReplyGrid
    ) -> "Session":
        """Return a round at its beginning.

        Args:
            identity: The server's.
            number: The round.
            asked: The broadcast, for each client.
            control: Carries the steps' messages.
            upload: Carries the broadcast and the masked updates.
        """
        start = self._start(identity, number, [each.client for each in asked])
        steps = Steps(start, identity.roster, control, {each.client: Reply(each) for each in asked})
        return Session(start, identity.signer, upload, steps)

    def words_of(self, report: Mapping[str, Any]) -> Words:
        """Return how the updates of a round became words: as in all."""
        del report
        return self.words

    def _start(self, identity: ServerIdentity, number: int, clients: Sequence[int]) -> Start:
        ring = stream(self.seed, "masking", number).permutation(sorted(clients)).tolist()
        neighbours, seal = self.security.neighbours or 0, identity.seal
        threshold = self.security.threshold or default_threshold(num_holders(len(ring), neighbours))
        return Start(
            identity.run_id,
            number,
            os.urandom(16),
            identity.started,
            identity.roster.version,
            packed(ring),
            neighbours,
            threshold,
            seal.algorithm if seal else NO_SEAL,
            seal.public if seal else b"",
        )


@dataclass
class Session:
    """A masked round in progress.

    Args:
        start: What the server announced.
        signer: The server's key.
        upload: Carries the broadcast and the masked updates.
        steps: Carry everything else, and keep what is known of each client.
    """

    start: Start
    signer: Signer
    upload: ReplyGrid
    steps: Steps

    def play(self, asked: Sequence[Asked], keep: Keep) -> tuple[NDArray[np.uint64], Exchange]:
        """Return the sum of the survivors' words, and the exchange that carried them.

        Args:
            asked: The broadcast, for each client.
            keep: Is given the sum as soon as it is unmasked.

        Raises:
            RoundFailed: If too few clients are left at some step, or one of those that are left lied.
        """
        adverts = self._advertise()
        self._require(len(adverts), "advertised keys")
        boxes = self._share(adverts)
        self._require(len(boxes), "shared their secrets")
        found = self._train(asked, boxes)
        masked = {reply.client: reply.angles for reply in found.replies if reply.accepted}
        self._require(len(masked), "sent a masked update")
        survivors = sorted(masked)
        agreements = self._agree(survivors)
        self._require(len(agreements), "agreed on the survivors")
        shares = self._unmask(agreements)
        self._require(len(shares), "gave shares")
        total, seconds = clocked(lambda: _sum(Collected(self.start, adverts, boxes, survivors), masked, shares))
        self.steps.phases["recover"] = {"seconds": seconds}
        keep(total, found)
        return total, found

    def report(self) -> dict[str, Any]:
        """Return what the round's row says of it."""
        return {
            "threshold": self.start.threshold,
            "neighbours": self.start.neighbours,
            "phases": self.steps.phases,
        }

    def _advertise(self) -> dict[int, Advert]:
        told = signed(self.start, self.signer)
        return self.steps.ask(ADVERTISE, Advert, {client: (told,) for client in self.start.members})

    def _share(self, adverts: Mapping[int, Advert]) -> dict[int, Boxes]:
        known = self.steps.envelopes[ADVERTISE]
        told = {client: self._of_holders(client, known) for client in adverts}
        return self.steps.ask(SHARE, Boxes, told, check=lambda boxes: boxes.by_receiver)

    def _train(self, asked: Sequence[Asked], boxes: Mapping[int, Boxes]) -> Exchange:
        going = [self._with_boxes(each, boxes) for each in asked if each.client in boxes]
        return self.steps.train(lambda: self.upload.exchange(going))

    def _agree(self, survivors: Sequence[int]) -> dict[int, Agreement]:
        start = self.start
        named = Survivors(start.run_id, start.round, start.nonce, packed(survivors))
        told = signed(named, self.signer)
        return self.steps.ask(AGREE, Agreement, {client: (told,) for client in survivors}, loses=False)

    def _unmask(self, agreed: Mapping[int, Agreement]) -> dict[int, Mapping[int, bytes]]:
        """Return the shares that clients gave, by client and owner."""
        known = self.steps.envelopes[AGREE]
        told = {client: self._of_holders(client, known, most=True) for client in agreed}
        shares = self.steps.ask(UNMASK, Shares, told, check=Shares.by_owner, loses=False)
        return {client: each.by_owner() for client, each in shares.items()}

    def _require(self, number: int, what: str) -> None:
        self.steps.require(number, max(FEWEST, self.start.threshold), what)

    def _of_holders(self, client: int, known: Mapping[int, bytes], *, most: bool = False) -> tuple[bytes, ...]:
        """Return what a client's neighbours said; of agreements no more than are needed."""
        others = [known[each] for each in self.start.holders(client) if each in known and each != client]
        return tuple(others[: self.start.threshold - 1] if most else others)

    def _with_boxes(self, asked: Asked, boxes: Mapping[int, Boxes]) -> Asked:
        content = own_copy(asked.message.content)
        content[BOXES] = boxes_record(boxes_for(self.start, boxes, asked.client))
        content.config_records[CONFIG][SESSION] = self.start.nonce
        return again(asked, content)


def _sum(
    collected: Collected, masked: Mapping[int, NDArray[np.uint64]], shares: Mapping[int, Mapping[int, bytes]]
) -> NDArray[np.uint64]:
    first, *others = masked.values()
    total = sum(others, first.copy())
    try:
        return recover(collected, total, shares)
    except Rejection as reason:
        raise RoundFailed(f"the sum of the masked updates could not be unmasked: {reason}") from None
