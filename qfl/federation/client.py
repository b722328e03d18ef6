"""What a client does with a training message: verify the broadcast, train, sign, and seal where that is asked for.

One function serves a Flower client (a list of one message) and the vectorised execution (all messages of a round):
training is one tensor program, but every broadcast is verified and every reply is signed for its own client.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from flwr.app import Context, Message, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.attacking.training import train_and_attack
from qfl.federation.client_state import memory_of
from qfl.federation.grids.encryption import sealed
from qfl.federation.instruction import Broadcast, Listener, TrainInstruction, envelope_of
from qfl.federation.privacy.plan import LOCAL, Plan, plan_of
from qfl.federation.privacy.release import ALONE, DP, noisy_angles
from qfl.federation.records.messages import ANGLES, WEIGHT, metric_names, reply_content
from qfl.federation.records.reply_status import refused
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.federation.runtime.parallel import on_all_cores
from qfl.federation.runtime.quantum_keys import client_source
from qfl.federation.runtime.timing import timed
from qfl.federation.sample_upload import answer_calls, is_call
from qfl.federation.summed import ANSWERS, answer_steps, is_step, summed_update
from qfl.provenance import source_digest
from qfl.security.roster import Roster
from qfl.security.signing import Signer
from qfl.security.updates import answer, sign_update
from qfl.tasks.build import build
from qfl.tasks.federation import Federation
from qfl.tasks.local import ClientUpdate


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
        listener = Listener(federation, roster, plan)
        instructions = on_all_cores(listener.instruct, [message.content for message in messages], contexts)
    groups = _by_broadcast(clients, instructions)
    with timed("train"):
        updates = _train_together(groups)

    def reply(
        message: Message, context: Context, instruction: TrainInstruction | Rejection, client: int, signer: Signer
    ) -> Message:
        if isinstance(instruction, Rejection):
            return refused(message, instruction)
        memory, claims = memory_of(context), instruction.broadcast.claims
        if memory:
            memory.note(claims, federation.parts[client], plan.multiplier if plan else None)
        if instruction.drawer:
            instruction.drawer.save(claims.round, _to_keep(instruction, updates[client]))
        try:
            arrays, metrics = _payload(message, context, instruction, updates[client], federation, roster, plan)
        except Rejection as rejection:
            return refused(message, rejection)
        content, envelope = _signed(instruction.broadcast, client, arrays, metrics, signer, roster)
        if memory:
            memory.witness(claims.run_id, envelope_of(message.content), envelope)
        return Message(content, reply_to=message)

    with timed("crypto"):
        number = next((broadcast.claims.round for broadcast in groups), None)
        return on_all_cores(reply, messages, contexts, instructions, clients, client_signers(settings, clients, number))


def _train_together(groups: Mapping[Broadcast, Mapping[int, TrainInstruction]]) -> dict[int, ClientUpdate]:
    done: dict[int, ClientUpdate] = {}
    for broadcast, members in groups.items():
        guidance = broadcast.request.guidance([own.kept for own in members.values()])
        round_number, angles = broadcast.claims.round, broadcast.angles
        updates = train_and_attack(broadcast.federation, angles, round_number, list(members), guidance)
        done |= {update.client: update for update in updates}
    return done


def _by_broadcast(
    clients: Sequence[int], instructions: Sequence[TrainInstruction | Rejection]
) -> dict[Broadcast, dict[int, TrainInstruction]]:
    """Return the instructions of each broadcast, by client."""
    found: dict[Broadcast, dict[int, TrainInstruction]] = {}
    for client, own in zip(clients, instructions, strict=True):
        if isinstance(own, TrainInstruction):
            found.setdefault(own.broadcast, {})[client] = own
    return found


def _to_keep(instruction: TrainInstruction, update: ClientUpdate) -> dict[str, NDArray]:
    told, kept = instruction.broadcast, instruction.kept
    return told.request.to_keep(told.federation.settings, told.claims.round, kept, told.angles, update)


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
    claims, received = instruction.broadcast.claims, instruction.broadcast.angles
    if federation.settings.security.aggregation in ANSWERS:
        return summed_update(message, context, claims, received, update, federation, roster, plan), {}
    if plan and plan.own.mechanism == LOCAL:
        return noisy_angles(plan, update, received, claims.round), dict(ALONE)
    means = (update.num_examples, update.train_loss, update.loss, update.score, update.noise)
    numbers = (*means, update.shots, update.extra_shots)
    return update.angles, dict(zip(metric_names(federation.metric.name), numbers, strict=True))


def _signed(
    told: Broadcast,
    client: int,
    array: NDArray,
    metrics: dict[str, int | float],
    signer: Signer,
    roster: Roster,
) -> tuple[RecordDict, bytes]:
    """Return the records of a reply, sealed where that is asked for, and the envelope in them."""
    own, run_id, number = told.federation.settings, told.claims.run_id, told.claims.round
    plain = DP if own.privacy.mechanism == LOCAL else "plain"
    mode, samples = (plain, int(metrics[WEIGHT])) if metrics else (own.security.aggregation, 1)  # the sum says how many
    claims = answer(told.claims, roster.server.thumbprint, client, samples, {ANGLES: array}, metrics, mode)
    envelope = sign_update(claims, signer)
    content = reply_content(array, metrics, envelope, source_digest())
    keys = partial(client_source, own, client, number)
    return sealed(content, told.config, run_id, number, client, keys), envelope
