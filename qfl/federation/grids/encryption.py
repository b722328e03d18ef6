"""Replies sealed to the server: what the broadcast says about it, what a client does, what the server undoes.

::

    broadcast   "config"       ... and {"seal": algorithm, "seal-key": the server's public key}, signed with the rest
    reply       "qfl.sealed"   ConfigRecord {"box": the records of an ordinary reply, sealed}
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flwr.app import ConfigRecord, RecordDict

from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.adapter import pack, serialized_size, unpack
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.records.messages import require_small
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import Bytes, measure
from qfl.security.reasons import rejection
from qfl.security.sealing import HYBRID, SealKey, context_info, new_seal_key, seal, unseal

SEALED, ALGORITHM, PUBLIC = "qfl.sealed", "seal", "seal-key"
OVERHEAD_BYTES = 64 * 1024  # of a reply beside its angles: records, signature, claims, seal


def run_seal_key(settings: Settings) -> SealKey | None:
    """Return a new key for the run, if its updates are to be sealed; ``auto`` seals what travels between hosts."""
    chosen = settings.security.seal
    if chosen == "auto":
        chosen = HYBRID if settings.backend == "deployed" else "none"
    return None if chosen == "none" else new_seal_key(chosen)


def seal_config(key: SealKey | None) -> ConfigRecord:
    """Return what a broadcast's config says about sealing."""
    return ConfigRecord({ALGORITHM: key.algorithm, PUBLIC: key.public} if key else {})


def sealed(content: RecordDict, config: ConfigRecord, run_id: bytes, round_number: int, client: int) -> RecordDict:
    """Return a reply's records as a verified broadcast wants them: sealed, if it names a key (the client's half).

    Args:
        content: The reply's records.
        config: The broadcast's, verified.
        run_id: The run's 16 random bytes.
        round_number: The round.
        client: The client's number.

    Raises:
        Rejection: ``bad-seal`` if the named key is none.
    """
    if ALGORITHM not in config:
        return content
    match config[ALGORITHM], config.get(PUBLIC):
        case str(algorithm), bytes(public):
            box = seal(pack(content), algorithm, public, context_info(run_id, round_number, client))
            return RecordDict({SEALED: ConfigRecord({"box": box})})
        case _:
            raise rejection("bad-seal", "the broadcast names no key")


@dataclass(frozen=True)
class OpeningGrid:
    """Open every reply by itself; what is not sealed, or not to this server for this round, is rejected.

    Args:
        base: The grid within.
        key: The run's.
        run_id: The run's 16 random bytes.
        round_number: The round.
        angle_bytes: Length of the angle vector; a sealed reply that is much longer is not opened.
    """

    base: ReplyGrid
    key: SealKey
    run_id: bytes
    round_number: int
    angle_bytes: int

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return the replies, opened, with their bytes by what is inside."""
        return self.base.exchange(asked).verified(self._opened)

    def _opened(self, reply: Reply) -> Reply:
        """Return a reply with what is inside; what the seal adds to its bytes is envelope."""
        opened = self._open(reply.content, reply.client)
        require_small(opened)
        inside, sent = measure(opened), serialized_size(reply.content)
        bytes_up = Bytes(inside.model, inside.signature, sent - inside.model - inside.signature)
        return replace(reply, content=opened, bytes_up=bytes_up)

    def _open(self, content: RecordDict, client: int) -> RecordDict:
        record = content.get(SEALED)
        box = record.get("box") if isinstance(record, ConfigRecord) else None
        if set(content) != {SEALED} or not isinstance(box, bytes):
            raise Rejection("unsealed", "the reply is not sealed, though the broadcast asked for it")
        if len(box) > self.angle_bytes + OVERHEAD_BYTES:
            raise Rejection(
                "too-large", f"{len(box)} bytes sealed; at most {self.angle_bytes + OVERHEAD_BYTES} are opened"
            )
        return unpack(unseal(box, self.key, context_info(self.run_id, self.round_number, client)))
