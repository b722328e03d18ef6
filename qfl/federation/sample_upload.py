"""What clients tell the server of their samples before they train: lines 2 and 4 of Algorithm 1 (`Uploading`).

::

    call      "qfl.samples"  ConfigRecord  {"cose": the server's `SampleCall`, signed}
    answer    "arrays"       ArrayRecord   what the samples have to tell, by name
              "qfl.samples"  ConfigRecord  {"cose": the client's `SampleReport` over the arrays, signed}

The server is told once in the life of its process, by clients that come later when they come, and keeps it in memory: a
run that is resumed asks again. Whose answer is refused, or does not come, is asked again before a later round, up to
three times in all; the task says what it does without it.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, MessageType, RecordDict
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.errors import ConfigError, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.grids.encryption import ALGORITHM, PUBLIC, sealed
from qfl.federation.grids.radio import make_radio
from qfl.federation.grids.signature import ServerIdentity
from qfl.federation.grids.stack import Transport
from qfl.federation.records.messages import ARRAYS, SAMPLES_RECORD, read_array
from qfl.federation.records.reply import Asked, Reply
from qfl.federation.records.reply_status import refused
from qfl.federation.records.round_metrics import clocked
from qfl.federation.runtime.context import run_settings
from qfl.federation.runtime.keys import client_signers, load_roster
from qfl.federation.runtime.parallel import on_all_cores
from qfl.results import RunFolder
from qfl.security.claims import tensor_digest
from qfl.security.sample_statements import SampleCall, SampleReport, open_call, verify_report
from qfl.security.session import NO_SEAL, signed
from qfl.security.updates import Form
from qfl.tasks.build import build
from qfl.tasks.federation import Federation, Uploading

TRIES = 3
HEADER = "sample_upload"  # in run.json
UNHURRIED: dict[str, Any] = {"objective": "round_time", "solver": "auto", "variant": "all_active", "pool": ""} | {
    "deadline_s": None,
    "enough": None,
    "frame_s": None,
}


def is_call(message: Message) -> bool:
    """Tell whether a message asks a client to tell of its samples."""
    return SAMPLES_RECORD in message.content


def answer_calls(messages: Sequence[Message], contexts: Sequence[Context]) -> list[Message]:
    """Return one reply per call, in order: what the client's samples have to tell, or why it tells nothing.

    Args:
        messages: Each for another client.
        contexts: Their clients' contexts.
    """
    settings = run_settings(contexts[0])
    federation, roster = build(settings, as_read=True), load_roster(settings)

    def reply(message: Message, context: Context) -> Message:
        try:
            call = open_call(_cose(message.content), roster, bytes.fromhex(federation.digest))
            client = int(context.node_config[PARTITION_ID_KEY])
            return Message(_told(settings, federation, client, call), reply_to=message)
        except Rejection as reason:
            return refused(message, reason)

    return on_all_cores(reply, messages, contexts)


def _told(settings: Settings, federation: Federation, client: int, call: SampleCall) -> RecordDict:
    """Return a client's answer to a call that it has verified."""
    samples = federation.samples
    if not isinstance(samples, Uploading):
        raise Rejection("nothing-to-tell", f"samples of task = {settings.task!r} have nothing to tell")
    arrays = samples.upload(client)
    (signer,) = client_signers(settings, [client], call.round)
    report = SampleReport(call.run_id, call.round, call.nonce, client, tensor_digest(arrays))
    content = RecordDict(
        {
            ARRAYS: ArrayRecord({name: Array(np.ascontiguousarray(array)) for name, array in arrays.items()}),
            SAMPLES_RECORD: ConfigRecord({"cose": signed(report, signer)}),
        }
    )
    named = {} if call.seal == NO_SEAL else {ALGORITHM: call.seal, PUBLIC: call.seal_key}
    return sealed(content, ConfigRecord(named), call.run_id, call.round, client)


@dataclass
class SampleUploads:
    """What the server was told of clients' samples.

    Args:
        federation: As it is before anybody told anything.
        transport: Carries the messages.
        folder: Of the run, whose run.json says what was sent, and what was refused.

    Attributes:
        told: Arrays by client, verified.
        current: The federation as the server has it now.
        rows: What run.json says of each client.
    """

    federation: Federation
    transport: Transport
    folder: RunFolder
    told: dict[int, Mapping[str, NDArray]] = field(default_factory=dict[int, Mapping[str, NDArray]], init=False)
    rows: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]], init=False)
    current: Federation = field(init=False)

    def __post_init__(self):
        self.current, self._tried = self.federation, dict[int, set[int]]()  # rounds in which a client was asked

    def begin(self, nodes: Mapping[int, int], identity: ServerIdentity, number: int) -> None:
        """Ask all clients, before anything else is done.

        Args:
            nodes: Node id of each client; negative where there is none.
            identity: What the server signs and verifies with.
            number: The round to come.

        Raises:
            ConfigError: If fewer than a quorum told anything.
        """
        if not isinstance(self.federation.samples, Uploading):
            return
        self.gather(nodes, identity, number)
        needed = max(ceil(self.federation.settings.round.quorum * len(nodes)), 1)
        if len(self.told) < needed:
            faults = [f"client {client}: {row['reason']}: {row['detail']}" for client, row in self._refused().items()]
            raise ConfigError(
                f"{len(self.told)} of {len(nodes)} clients told of their samples, the quorum is {needed}; "
                f"{'; '.join(faults[:3])}; see that the clients run, with the keys that are enrolled for them"
            )

    def gather(self, nodes: Mapping[int, int], identity: ServerIdentity, number: int) -> None:
        """Ask the clients that are there and have not told yet; what they tell changes `current`.

        Args:
            nodes: Node id of each client; negative where there is none.
            identity: What the server signs and verifies with.
            number: The round to come.
        """
        if not isinstance(self.federation.samples, Uploading):
            return
        due = [client for client, node in nodes.items() if node >= 0 and self._is_due(client, number)]
        if not due:
            return
        self._tried |= {client: self._tried.get(client, set()) | {number} for client in due}
        replies, seconds = clocked(lambda: self._ask({client: nodes[client] for client in due}, identity, number))
        self.rows |= {reply.client: _row(reply) for reply in replies}
        self.current = self.federation.receive_uploads(dict(sorted(self.told.items())))
        for client, row in self._refused().items():
            print(f"samples: client {client} is refused: {row['reason']}: {row['detail']}", flush=True)
        clients = {str(client): row for client, row in sorted(self.rows.items())}
        self.folder.update(**{HEADER: {"clients": clients, "seconds": seconds, "radio_s": self._on_air(replies)}})

    def _ask(self, nodes: Mapping[int, int], identity: ServerIdentity, number: int) -> tuple[Reply, ...]:
        samples: Any = self.federation.samples
        forms: dict[int, Form] = {client: samples.upload_form(client) for client in nodes}
        call = _call(self.federation, identity, number)
        content = RecordDict({SAMPLES_RECORD: ConfigRecord({"cose": signed(call, identity.signer)})})
        asked = [Asked(client, Message(content, node, MessageType.TRAIN)) for client, node in nodes.items()]

        def read(reply: Reply) -> Reply:
            arrays = _arrays(reply.content, forms[reply.client])
            verify_report(_cose(reply.content), arrays, reply.client, forms[reply.client], identity.roster, call)
            self.told[reply.client] = arrays
            return reply

        most = max(_size(form) for form in forms.values())
        return self.transport.statements(identity, number, most).exchange(asked).verified(read, on_all_cores).replies

    def _is_due(self, client: int, number: int) -> bool:
        tried = self._tried.get(client, set())
        return client not in self.told and number not in tried and len(tried) < TRIES

    def _refused(self) -> dict[int, dict[str, Any]]:
        return {client: row for client, row in self.rows.items() if row["status"] != "accepted"}

    def _on_air(self, replies: Sequence[Reply]) -> float | None:
        """Return how long the uploads take on the radio's sub-channels, in the order of the least total time.

        This is before the first round: the rounds' clock begins when they are in, and no deadline drops any.
        """
        settings = self.federation.settings
        sizes = {reply.client: reply.bytes_up.total for reply in replies if reply.accepted and reply.bytes_up}
        unhurried = replace(settings.radio, **UNHURRIED)
        radio = make_radio(replace(self.federation, settings=replace(settings, radio=unhurried)))
        if radio is None or not sizes:
            return None
        clients = sorted(sizes)
        return radio.carry(0, np.array(clients), np.array([8.0 * sizes[client] for client in clients])).seconds


def _call(federation: Federation, identity: ServerIdentity, number: int) -> SampleCall:
    seal = identity.seal
    named = (seal.algorithm, seal.public) if seal else (NO_SEAL, b"")
    task, version = bytes.fromhex(federation.digest), identity.roster.version
    return SampleCall(identity.run_id, number, os.urandom(16), task, version, *named)


def _cose(content: RecordDict) -> bytes:
    record = content.get(SAMPLES_RECORD)
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"cose": bytes(cose), **rest} if not rest:
            return cose
        case _:
            raise Rejection("unsigned", f"expected a record {SAMPLES_RECORD!r} of cose")


def _arrays(content: RecordDict, form: Form) -> dict[str, NDArray]:
    """Return the arrays of an answer that may come from anybody; only what has the asked size is read."""
    record = content.get(ARRAYS)
    if not isinstance(record, ArrayRecord) or set(record) != set(form):
        raise Rejection("wrong-array-key", f"expected the arrays {', '.join(form)}")
    return {name: read_array(record[name], *form[name]).copy() for name in form}


def _row(reply: Reply) -> dict[str, Any]:
    sent = reply.bytes_up.row() if reply.bytes_up else None
    status = reply.status
    return {"status": status.status, "reason": status.reason, "detail": status.detail, "bytes_up": sent}


def _size(form: Form) -> int:
    return sum(np.dtype(kind).itemsize * int(np.prod(shape)) for kind, shape in form.values())
