"""The client's half of a masked round: it answers each step once, and masks what it trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from flwr.app import ConfigRecord, Context, Message, RecordDict
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.encryption import ALGORITHM, PUBLIC, sealed
from qfl.federation.masking.member_file import MemberFile, member_file
from qfl.federation.masking.records import (
    ADVERTISE,
    AGREE,
    SESSION,
    SHARE,
    UNMASK,
    Request,
    answer_content,
    boxes_in,
    request_in,
)
from qfl.federation.records.reply_status import refused
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.claims import BroadcastClaims
from qfl.security.masking.member import Member, advertise, agree, join, mask, share, unmask
from qfl.security.masking.statements import Start, Survivors
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import NO_SEAL, Statement, from_server, require_session, signed

MASKED = "masked"


@dataclass(frozen=True)
class Own:
    """What one client answers with.

    Args:
        client: Its number.
        file: What it holds of the run's masked rounds.
        roster: The enrolled keys.
    """

    client: int
    file: MemberFile
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


def is_step(message: Message) -> bool:
    """Tell whether a message asks for a step of a masked round other than training."""
    try:
        return request_in(message.content) is not None
    except Rejection:
        return True


def answer_steps(messages: Sequence[Message], contexts: Sequence[Context]) -> list[Message]:
    """Return one reply per message, in order: the client's statement, or why it says nothing.

    Args:
        messages: Each for another client.
        contexts: Their clients' contexts.
    """
    settings = run_settings(contexts[0])
    roster = load_roster(settings)

    def reply(message: Message, context: Context) -> Message:
        try:
            return Message(_answer(message, context, settings, roster), reply_to=message)
        except Rejection as reason:
            return refused(message, reason)

    return on_all_cores(reply, messages, contexts)


def _answer(message: Message, context: Context, settings: Settings, roster: Roster) -> RecordDict:
    if (request := request_in(message.content)) is None or settings.security.aggregation != MASKED:
        raise rejection("wrong-mode", "a masked round was begun where updates are not masked")
    client = int(context.node_config[PARTITION_ID_KEY])
    member, statement = Own(client, member_file(context, request.run_id), roster).answer(request)
    (signer,) = client_signers(settings, [client], member.start.round)
    return _sealed(answer_content(signed(statement, signer)), member)


def _sealed(content: RecordDict, member: Member) -> RecordDict:
    start = member.start
    named = {} if start.seal == NO_SEAL else {ALGORITHM: start.seal, PUBLIC: start.seal_key}
    return sealed(content, ConfigRecord(named), start.run_id, start.round, member.client)


def masked_update(
    content: RecordDict,
    config: ConfigRecord,
    claims: BroadcastClaims,
    file: MemberFile,
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
    member, masked = mask(member, words(member.start), boxes)
    file.save(member)
    return masked


def _require_of(member: Member, claims: BroadcastClaims, config: ConfigRecord) -> None:
    nonce = config.get(SESSION)
    named = Statement(claims.run_id, claims.round, nonce if isinstance(nonce, bytes) else b"")
    require_session(named, member.start)
