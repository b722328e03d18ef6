"""Both directions are signed: the broadcast by the server, every reply by its client, each verified on arrival."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flwr.app import ConfigRecord, Message, MetricRecord, RecordDict
from flwr.serverapp import Grid
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.adapter import redelivered
from qfl.federation.grids.base import GridDecorator
from qfl.federation.records.messages import (
    ANGLES,
    ARRAYS,
    BROADCAST,
    CONFIG,
    METRICS,
    UPDATE,
    own_copy,
    read_angles,
    to_record,
)
from qfl.federation.records.reply_status import checked
from qfl.federation.records.round_metrics import Ledger
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.claims import BroadcastClaims, config_digest, tensor_digest
from qfl.security.registry import Roster
from qfl.security.sealing import SealKey
from qfl.security.signing import Signer
from qfl.security.updates import BurnSet, Expected, form_of, sign_broadcast, verify_update


@dataclass(frozen=True)
class ServerIdentity:
    """What the server signs and verifies with, for a whole run.

    Args:
        signer: The server's private key.
        roster: The enrolled clients' keys.
        run_id: The run's 16 random bytes.
        task: Digest of what both ends must train alike.
        source: Digest of the source code that this server runs.
        burned: The replies accepted so far.
        seal: The key to which replies are sealed; None where they are not.
        started: Unix time in ns at which this process took up the run; a process that resumes it begins later.
    """

    signer: Signer
    roster: Roster
    run_id: bytes
    task: bytes
    source: str
    burned: BurnSet
    seal: SealKey | None = None
    started: int = 0


class VerifyingGrid(GridDecorator):
    """Sign what goes out, once per round; verify every reply by itself.

    A reply counts if the key enrolled for the asked client signed it, for this run, this round, this broadcast, and
    these very angles and metrics; and if the client ran the same source code. All others become error replies.

    Args:
        base: The grid within.
        identity: The server's.
        clients: Client number of each node id.
        round_number: The round.
        angles: The angles that are broadcast.
        ledger: Takes the phases ``broadcast`` and ``verify``.
    """

    def __init__(
        self,
        base: Grid,
        identity: ServerIdentity,
        clients: Mapping[int, int],
        round_number: int,
        angles: NDArray,
        ledger: Ledger,
    ):
        super().__init__(base)
        self._identity, self._clients, self._ledger = identity, clients, ledger
        self._round, self._angles = round_number, angles

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return one reply per message, the refused ones replaced."""
        messages = list(messages)
        with self._ledger.clock("broadcast"):
            claims = self._claims(messages[0].content.config_records[CONFIG] if messages else ConfigRecord())
            stamp = ConfigRecord({"cose": sign_broadcast(claims, self._identity.signer)})
            signed = [redelivered(m, RecordDict({**own_copy(m.content), BROADCAST: stamp})) for m in messages]
        replies = list(self.base.send_and_receive(signed, timeout=timeout))
        with self._ledger.clock("verify"):
            return on_all_cores(lambda reply: self._verified(reply, claims), replies)

    def _claims(self, config: ConfigRecord) -> BroadcastClaims:
        return BroadcastClaims(
            run_id=self._identity.run_id,
            round=self._round,
            nonce=os.urandom(16),
            model=tensor_digest({ANGLES: self._angles}),
            task=self._identity.task,
            roster_version=self._identity.roster.version,
            config=config_digest(dict(config)),
            started=self._identity.started,
        )

    def _verified(self, reply: Message, claims: BroadcastClaims) -> Message:
        own, client = self._identity, self._clients[reply.metadata.src_node_id]
        expected = Expected(claims, own.signer.key.thumbprint, client, form_of({ANGLES: self._angles}))

        def check(content: RecordDict) -> None:
            cose, source = _signature(content)
            if source != own.source:
                shown = f"the client ran source {source[:12]!r}, the server {own.source[:12]}"
                raise Rejection("stale-source", shown)
            angles = read_angles(content, len(self._angles), str(self._angles.dtype))
            verify_update(cose, {ANGLES: angles}, _metrics(content), expected, own.roster, own.burned)
            verified.update({**content, ARRAYS: to_record(angles)})

        verified: dict[str, Any] = {}
        verdict = checked(reply, check)
        # a strategy gets the verified vector alone: what Flower writes beside an array's bytes is not signed
        return verdict if verdict.has_error() else redelivered(reply, RecordDict(verified))


def _signature(content: RecordDict) -> tuple[bytes, str]:
    record = content.get(UPDATE)
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"cose": bytes(cose), "source": str(source), **rest} if not rest:
            return cose, source
        case _:
            raise Rejection("unsigned", "expected a record 'qfl.update' of cose and source")


def _metrics(content: RecordDict) -> dict:
    record = content.get(METRICS)
    if not isinstance(record, MetricRecord):
        raise Rejection("wrong-metrics", "expected a record 'metrics'")
    return dict(record)
