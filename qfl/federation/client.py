"""What a client does with a training message: verify the broadcast, train, sign, and seal where that is asked for.

One function serves a Flower client (a list of one message) and the vectorised execution (all messages of a round):
training is one tensor program, but every broadcast is verified and every reply is signed for its own client.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flwr.app import ConfigRecord, Context, Message, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.attacking.training import train_and_attack
from qfl.federation.client_state import memory_of
from qfl.federation.grids.encryption import sealed
from qfl.federation.guidance import Request, number, request_of
from qfl.federation.kept import Drawer, drawer_of
from qfl.federation.privacy.plan import LOCAL, Plan, plan_of
from qfl.federation.privacy.release import ALONE, DP, noisy_angles
from qfl.federation.records.messages import (
    ANGLES,
    BROADCAST,
    CONFIG,
    ROUND,
    WEIGHT,
    metric_names,
    read_angles,
    reply_content,
)
from qfl.federation.records.reply_status import refused
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.federation.runtime.parallel import on_all_cores
from qfl.federation.runtime.quantum_keys import client_source
from qfl.federation.runtime.timing import timed
from qfl.federation.sample_upload import answer_calls, is_call
from qfl.federation.summed import ANSWERS, answer_steps, is_step, summed_update
from qfl.provenance import source_digest
from qfl.security.claims import BroadcastClaims
from qfl.security.roster import Roster
from qfl.security.signing import Signer
from qfl.security.updates import answer, sign_update, verify_broadcast
from qfl.tasks.build import build
from qfl.tasks.federation import Federation
from qfl.tasks.local import ClientUpdate


@dataclass(frozen=True)
class TrainInstruction:
    """What a verified broadcast asks for; equal instructions are trained together.

    Args:
        claims: What the server signed.
        federation: The client's federation, with what the broadcast announced (the claims hold its digest).
        angles: The angles to start from; the claims hold their digest.
        config: The round's settings, as signed; the claims hold their digest.
        drawer: Where the client keeps things from round to round; None where the broadcast speaks of none.
        kept: What it kept, by name.
        request: What the config asks of the client's steps besides.
    """

    claims: BroadcastClaims
    federation: Federation = field(compare=False)
    angles: NDArray = field(compare=False)
    config: ConfigRecord = field(compare=False)
    drawer: Drawer | None = field(default=None, compare=False)
    kept: Mapping[str, NDArray] = field(default_factory=dict, compare=False)
    request: Request = field(default=Request(), compare=False)


def train(messages: Sequence[Message], contexts: Sequence[Context]) -> list[Message]:
    """Return one reply per message, in order; all ask for the same.

    That is training, one step of a masked or encrypted round, or what samples have to tell. A
    message that is no broadcast of the enrolled server is answered with an error that names the reason.

    Args:
        messages: Training messages, each for another client.
        contexts: Their clients' contexts; the run config is the same in all.
    """
    if is_step(messages[0]):
        with timed("crypto"):
            return answer_steps(messages, contexts)
    if is_call(messages[0]):
        return answer_calls(messages, contexts)
    settings = run_settings(contexts[0])
    with timed("build"):
        federation = build(settings, as_read=True)
    roster, plan = load_roster(settings), plan_of(settings, federation.model.layout)
    clients = [int(context.node_config[PARTITION_ID_KEY]) for context in contexts]
    with timed("crypto"):
        opened = partial(_open, federation=federation, roster=roster, plan=plan)
        instructions = on_all_cores(opened, messages, contexts)
    with timed("train"):
        updates = _train_together(clients, instructions)

    def reply(
        message: Message, context: Context, instruction: TrainInstruction | Rejection, client: int, signer: Signer
    ) -> Message:
        if isinstance(instruction, Rejection):
            return refused(message, instruction)
        memory = memory_of(context)
        if memory:
            memory.note(instruction.claims, federation.parts[client], plan.multiplier if plan else None)
        if instruction.drawer:
            instruction.drawer.save(instruction.claims.round, _to_keep(instruction, updates[client]))
        try:
            arrays, metrics = _payload(message, context, instruction, updates[client], federation, roster, plan)
        except Rejection as rejection:
            return refused(message, rejection)
        content, envelope = _signed(instruction, client, arrays, metrics, signer, roster)
        if memory:
            memory.witness(instruction.claims.run_id, _envelope(message.content.config_records[BROADCAST]), envelope)
        return Message(content, reply_to=message)

    with timed("crypto"):
        number = next(
            (instruction.claims.round for instruction in instructions if isinstance(instruction, TrainInstruction)),
            None,
        )
        return on_all_cores(reply, messages, contexts, instructions, clients, client_signers(settings, clients, number))


def _open(
    message: Message, context: Context, federation: Federation, roster: Roster, plan: Plan | None
) -> TrainInstruction | Rejection:
    try:
        content = message.content
        angles = read_angles(content, len(federation.model.layout), str(federation.dtype).removeprefix("torch."))
        stamp, config = content.get(BROADCAST), content.get(CONFIG)
        if not (isinstance(stamp, ConfigRecord) and isinstance(config, ConfigRecord)):
            raise Rejection("unsigned", "expected the records 'config' and 'qfl.broadcast'")
        claims = verify_broadcast(
            _envelope(stamp),
            {ANGLES: angles},
            roster,
            task=bytes.fromhex(federation.digest),
            config=dict(config),
            round_number=int(number(config, ROUND)),
        )
        if memory := memory_of(context):
            memory.require_new(claims, federation.parts[int(context.node_config[PARTITION_ID_KEY])])
            if plan:
                memory.require_budget(plan.own, plan.multiplier)
        drawer = drawer_of(context, config, claims.run_id)
        kept = drawer.load() if drawer else {}
        heard, request = _heard(federation, config), request_of(config, angles, federation)
        return TrainInstruction(claims, heard, angles, config, drawer, kept, request)
    except Rejection as rejection:
        return rejection


def _heard(federation: Federation, config: ConfigRecord) -> Federation:
    try:
        return federation.receive_broadcast(dict(config))
    except ValueError as fault:
        raise Rejection("bad-config", str(fault)) from None


def _envelope(record: ConfigRecord) -> bytes:
    cose = record.get("cose")
    if not isinstance(cose, bytes):
        raise Rejection("unsigned", "expected bytes under 'cose'")
    return cose


def _train_together(
    clients: Sequence[int], instructions: Sequence[TrainInstruction | Rejection]
) -> dict[int, ClientUpdate]:
    done: dict[int, ClientUpdate] = {}
    for instruction in _distinct(instructions):
        members = {
            client: own
            for client, own in zip(clients, instructions, strict=True)
            if isinstance(own, TrainInstruction) and own == instruction
        }
        guidance = instruction.request.guidance([own.kept for own in members.values()])
        updates = train_and_attack(
            instruction.federation, instruction.angles, instruction.claims.round, list(members), guidance
        )
        done |= {update.client: update for update in updates}
    return done


def _to_keep(instruction: TrainInstruction, update: ClientUpdate) -> dict[str, NDArray]:
    settings, claims = instruction.federation.settings, instruction.claims
    return instruction.request.to_keep(settings, claims.round, instruction.kept, instruction.angles, update)


def _distinct(instructions: Iterable[TrainInstruction | Rejection]) -> Iterable[TrainInstruction]:
    return dict.fromkeys(instruction for instruction in instructions if isinstance(instruction, TrainInstruction))


def _payload(
    message: Message,
    context: Context,
    instruction: TrainInstruction,
    update: ClientUpdate,
    federation: Federation,
    roster: Roster,
    plan: Plan | None,
) -> tuple[NDArray, dict[str, int | float]]:
    """Return what a reply holds: angles and metrics, or what only a sum of can be read, and no metrics."""
    claims, received = instruction.claims, instruction.angles
    if federation.settings.security.aggregation in ANSWERS:
        return summed_update(message, context, claims, received, update, federation, roster, plan), {}
    if plan and plan.own.mechanism == LOCAL:
        return noisy_angles(plan, update, received, claims.round), dict(ALONE)
    means = (update.num_examples, update.train_loss, update.loss, update.score, update.noise)
    numbers = (*means, update.shots, update.extra_shots)
    return update.angles, dict(zip(metric_names(federation.metric.name), numbers, strict=True))


def _signed(
    instruction: TrainInstruction,
    client: int,
    array: NDArray,
    metrics: dict[str, int | float],
    signer: Signer,
    roster: Roster,
) -> tuple[RecordDict, bytes]:
    """Return the records of a reply, sealed where that is asked for, and the envelope in them."""
    own = instruction.federation.settings
    plain = DP if own.privacy.mechanism == LOCAL else "plain"
    mode, samples = (plain, int(metrics[WEIGHT])) if metrics else (own.security.aggregation, 1)  # the sum says how many
    server = roster.server.thumbprint
    claims = answer(instruction.claims, server, client, samples, {ANGLES: array}, metrics, mode)
    envelope = sign_update(claims, signer)
    content = reply_content(array, metrics, envelope, source_digest())
    run_id, number, settings = instruction.claims.run_id, instruction.claims.round, instruction.federation.settings
    keys = partial(client_source, settings, client, number)
    return sealed(content, instruction.config, run_id, number, client, keys), envelope
