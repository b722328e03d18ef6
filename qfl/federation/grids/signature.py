"""Both directions are signed: the broadcast by the server, every reply by its client, each verified on arrival."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from flwr.app import ConfigRecord, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.adapter import redelivered
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.grids.encryption import QuantumKeys
from qfl.federation.records.ledger_writer import LedgerWriter
from qfl.federation.records.messages import ANGLES, BROADCAST, CONFIG, UPDATE, once_each, own_copy
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import clocked
from qfl.federation.runtime.parallel import on_all_cores
from qfl.security.claims import BroadcastClaims, config_digest, tensor_digest
from qfl.security.ledger import FIRST
from qfl.security.roster import Roster
from qfl.security.sealing import SealKey
from qfl.security.signing import Signer
from qfl.security.updates import Expected, ReplayGuard, form_of, sign_broadcast, verify_update


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
        ledger: Of the run, whose head every broadcast names.
        quantum_keys: Of a client and a round, where the key is asked for that the client mixed into its seal; None
            where none are mixed.
    """

    signer: Signer
    roster: Roster
    run_id: bytes
    task: bytes
    source: str
    burned: ReplayGuard
    seal: SealKey | None = None
    started: int = 0
    ledger: LedgerWriter | None = None
    quantum_keys: QuantumKeys | None = None


@dataclass(frozen=True)
class VerifyingGrid:
    """Sign what goes out, once per round; verify every reply by itself, and decode it.

    A reply counts if the key enrolled for the asked client signed it, for this run, this round, this broadcast, and
    these very angles and metrics; and if the client ran the same source code. All others are rejected.

    Args:
        base: The grid within.
        identity: The server's.
        round_number: The round.
        angles: The angles that are broadcast.
        form: An array as updates have it; None where they have that of the angles.
        mode: What updates claim to be, of `qfl.security.claims.MODES`.
    """

    base: ReplyGrid
    identity: ServerIdentity
    round_number: int
    angles: NDArray
    form: NDArray | None = None
    mode: str = "plain"

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message, those that pass with angles and metrics."""
        (signed, claims), broadcast_s = clocked(lambda: self._signed(asked))
        found = self.base.exchange(signed).spent(broadcast=broadcast_s)
        return found.verified(lambda reply: self._verified(reply, claims), on_all_cores)

    def _signed(self, asked: Sequence[Asked]) -> tuple[list[Asked], BroadcastClaims]:
        claims = self._claims(asked[0].message.content.config_records[CONFIG] if asked else ConfigRecord())
        stamp = ConfigRecord({"cose": sign_broadcast(claims, self.identity.signer)})
        contents = once_each(partial(_stamped, stamp=stamp), (each.message.content for each in asked))
        pairs = zip(asked, contents, strict=True)
        return [replace(each, message=redelivered(each.message, content)) for each, content in pairs], claims

    def _claims(self, config: ConfigRecord) -> BroadcastClaims:
        return BroadcastClaims(
            run_id=self.identity.run_id,
            round=self.round_number,
            nonce=os.urandom(16),
            model=tensor_digest({ANGLES: self.angles}),
            task=self.identity.task,
            roster_version=self.identity.roster.version,
            config=config_digest(dict(config)),
            started=self.identity.started,
            ledger=self.identity.ledger.head if self.identity.ledger else FIRST,
        )

    def _verified(self, reply: Reply, claims: BroadcastClaims) -> Reply:
        own = self.identity
        cose, source = _signature(reply.content)
        if source != own.source:
            raise Rejection("stale-source", f"the client ran source {source[:12]!r}, the server {own.source[:12]}")
        wanted = self.angles if self.form is None else self.form
        reply = reply.decoded(wanted)
        expected = Expected(claims, own.signer.key.thumbprint, reply.client, form_of({ANGLES: wanted}), self.mode)
        verify_update(cose, {ANGLES: reply.angles}, reply.metrics, expected, own.roster, own.burned)
        return reply


def _stamped(content: RecordDict, stamp: ConfigRecord) -> RecordDict:
    copy = own_copy(content)
    copy[BROADCAST] = stamp
    return copy


def _signature(content: RecordDict) -> tuple[bytes, str]:
    record = content.get(UPDATE)
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"cose": bytes(cose), "source": str(source), **rest} if not rest:
            return cose, source
        case _:
            raise Rejection("unsigned", "expected a record 'qfl.update' of cose and source")
