"""The client's half of rounds whose updates the server sees as a sum alone: masked, or encrypted.

Training goes as it always does (`qfl.federation.client`); here are the steps around it, and the form of an update.
"""

from collections.abc import Callable, Sequence

from flwr.app import ConfigRecord, Context, Message, RecordDict
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.encryption import ALGORITHM, PUBLIC, sealed
from qfl.federation.homomorphic.client import answer_keyholder, encrypted_update
from qfl.federation.masking.client import Own, masked_update
from qfl.federation.masking.member_file import keyholder_file, member_file
from qfl.federation.masking.records import Request, answer_content, request_in
from qfl.federation.masking.words import words_of
from qfl.federation.privacy.plan import DISTRIBUTED, Plan
from qfl.federation.privacy.release import noisy_words
from qfl.federation.records.messages import CONFIG
from qfl.federation.records.reply_status import refused
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.claims import BroadcastClaims
from qfl.security.homomorphic.statements import KeyCall
from qfl.security.masking.statements import Start
from qfl.security.reasons import rejection
from qfl.security.roster import Roster
from qfl.security.session import NO_SEAL, Statement, signed
from qfl.tasks.federation import Federation
from qfl.tasks.local import ClientUpdate

MASKED, CKKS = "masked", "ckks"
Began = Start | KeyCall  # the server's statement that began a round


def is_step(message: Message) -> bool:
    """Tell whether a message asks for a step of such a round other than training."""
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


def summed_update(
    message: Message,
    context: Context,
    claims: BroadcastClaims,
    received: NDArray,
    update: ClientUpdate,
    federation: Federation,
    roster: Roster,
    plan: Plan | None = None,
) -> NDArray:
    """Return an update in the form of which the server sees the sum alone.

    Args:
        message: The broadcast.
        context: The client's.
        claims: What the server signed.
        received: The angles that the client started from.
        update: What it trained.
        federation: Its own.
        roster: The enrolled keys.
        plan: What noise is added; None = none.

    Raises:
        Rejection: Why it sends nothing.
    """
    words, config = words_of(federation.model.layout, federation.metric.name), message.content.config_records[CONFIG]
    if federation.settings.security.aggregation == MASKED:

        def own(start: Start) -> NDArray:
            if plan and plan.own.mechanism == DISTRIBUTED:
                return noisy_words(plan, words, update, received, start)
            return words.of_update(update, received, len(start.members))

        return masked_update(message.content, config, claims, member_file(context, claims.run_id), own)
    client = int(context.node_config[PARTITION_ID_KEY])
    return encrypted_update(message.content, config, claims, client, roster, words, update, received)


def _answer(message: Message, context: Context, settings: Settings, roster: Roster) -> RecordDict:
    answers, request = ANSWERS.get(settings.security.aggregation), request_in(message.content)
    if request is None or answers is None:
        raise rejection("wrong-mode", "a sum was begun where updates are plain")
    client = int(context.node_config[PARTITION_ID_KEY])
    began, statement = answers(context, client, request, roster)
    (signer,) = client_signers(settings, [client], began.round)
    named = {} if began.seal == NO_SEAL else {ALGORITHM: began.seal, PUBLIC: began.seal_key}
    return sealed(answer_content(signed(statement, signer)), ConfigRecord(named), began.run_id, began.round, client)


def _masked(context: Context, client: int, request: Request, roster: Roster) -> tuple[Began, Statement]:
    member, statement = Own(client, member_file(context, request.run_id), roster).answer(request)
    return member.start, statement


def _encrypted(context: Context, client: int, request: Request, roster: Roster) -> tuple[Began, Statement]:
    return answer_keyholder(request, client, keyholder_file(context, request.run_id), roster)


ANSWERS: dict[str, Callable[[Context, int, Request, Roster], tuple[Began, Statement]]] = {
    MASKED: _masked,
    CKKS: _encrypted,
}
"""What answers a step, by ``security.aggregation``."""
