"""The client's half of a masked round: it answers each step once, and masks what it trained."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from flwr.app import ConfigRecord, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.masking.member_file import MemberFile
from qfl.federation.masking.records import (
    ADVERTISE,
    AGREE,
    SESSION,
    SHARE,
    UNMASK,
    Request,
    boxes_in,
)
from qfl.security.claims import BroadcastClaims
from qfl.security.masking.member import Member, advertise, agree, join, mask, share, unmask
from qfl.security.masking.statements import Start, Survivors
from qfl.security.roster import Roster
from qfl.security.session import Statement, from_server, require_session


@dataclass(frozen=True)
class Own:
    """What one client answers with.

    Args:
        client: Its number.
        file: What it holds of the run's masked rounds.
        roster: The enrolled keys.
    """

    client: int
    file: MemberFile[Member]
    roster: Roster

    def answer(self, request: Request) -> tuple[Member, Statement]:
        """Return the client after a step, written down, and what it says.

        Raises:
            Rejection: Why it does not take the step.
        """
        member, statement = self._step(request)
        self.file.save(member)
        return member, statement

    def _step(self, request: Request) -> tuple[Member, Statement]:
        match request:
            case Request(step=str(step), statements=(told,)) if step == ADVERTISE:
                member = join(from_server(Start, told, self.roster), self.client, self.roster, self.file.load())
                return member, advertise(member)
            case Request(step=str(step)) if step == SHARE:
                return share(self.file.require(), request.statements, self.roster)
            case Request(step=str(step), statements=(told,)) if step == AGREE:
                member, survivors = self.file.require(), from_server(Survivors, told, self.roster)
                require_session(survivors, member.start)
                return agree(member, survivors)
            case Request(step=str(step)) if step == UNMASK:
                return unmask(self.file.require(), request.statements, self.roster)
            case _:
                raise Rejection("malformed", f"there is no step {request.step[:40]!r} of that form")


def masked_update(
    content: RecordDict,
    config: ConfigRecord,
    claims: BroadcastClaims,
    file: MemberFile[Member],
    words: Callable[[Start], NDArray[np.uint64]],
) -> NDArray[np.uint64]:
    """Return an update's words under the client's masks, after that is written down.

    Args:
        content: The broadcast's records, with the neighbours' boxes.
        config: Its settings, verified.
        claims: What the server signed.
        file: What the client holds.
        words: Gives the update's, for a round that was begun so.

    Raises:
        Rejection: ``wrong-mode`` for a broadcast of no masked round, ``wrong-run``, ``wrong-round`` or ``wrong-nonce``
            for one of another, or why nothing is masked.
    """
    boxes, member = boxes_in(content), file.require()
    _require_of(member, claims, config)
    member, masked = mask(member, words(member.start), boxes, claims.ledger)
    file.save(member)
    return masked


def _require_of(member: Member, claims: BroadcastClaims, config: ConfigRecord) -> None:
    nonce = config.get(SESSION)
    named = Statement(claims.run_id, claims.round, nonce if isinstance(nonce, bytes) else b"")
    require_session(named, member.start)
