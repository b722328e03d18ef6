"""Replies sealed to the server: what the broadcast says about it, what a client does, what the server undoes.

::

    broadcast   "config"       ... and {"seal": algorithm, "seal-key": the server's public key}, signed with the rest
    reply       "qfl.sealed"   ConfigRecord {"box": the records of an ordinary reply, sealed}
"""

from collections.abc import Iterable, Mapping

from flwr.app import ConfigRecord, Message, RecordDict
from flwr.serverapp import Grid

from qfl.config import Settings
from qfl.errors import Rejection
from qfl.federation.adapter import pack, redelivered, serialized_size, unpack
from qfl.federation.grids.base import GridDecorator
from qfl.federation.records.messages import require_small
from qfl.federation.records.reply_status import checked
from qfl.federation.records.round_metrics import Bytes, Ledger, measure
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


class OpeningGrid(GridDecorator):
    """Open every reply by itself; what is not sealed, or not to this server for this round, becomes an error reply.

    Args:
        base: The grid within.
        key: The run's.
        run_id: The run's 16 random bytes.
        round_number: The round.
        clients: Client number of each node id.
        angle_bytes: Length of the angle vector; a sealed reply that is much longer is not opened.
        ledger: Takes the time, under ``verify``, and the bytes by what is inside.
    """

    def __init__(
        self,
        base: Grid,
        key: SealKey,
        run_id: bytes,
        round_number: int,
        clients: Mapping[int, int],
        angle_bytes: int,
        ledger: Ledger,
    ):
        super().__init__(base)
        self._key, self._run_id, self._round, self._clients = key, run_id, round_number, clients
        self._limit, self._ledger = angle_bytes + OVERHEAD_BYTES, ledger

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:
        """Return the replies, opened."""
        replies = list(self.base.send_and_receive(messages, timeout=timeout))
        with self._ledger.clock("verify"):
            return [self._opened(reply) for reply in replies]

    def _opened(self, reply: Message) -> Message:
        client, found = self._clients[reply.metadata.src_node_id], RecordDict()

        def check(content: RecordDict) -> None:
            opened = self._open(content, client)
            require_small(opened)
            self._account(client, serialized_size(content), measure(opened))
            for name, record in opened.items():
                found[name] = record

        verdict = checked(reply, check)
        return verdict if verdict.has_error() else redelivered(reply, found)

    def _open(self, content: RecordDict, client: int) -> RecordDict:
        record = content.get(SEALED)
        box = record.get("box") if isinstance(record, ConfigRecord) else None
        if set(content) != {SEALED} or not isinstance(box, bytes):
            raise Rejection("unsealed", "the reply is not sealed, though the broadcast asked for it")
        if len(box) > self._limit:
            raise Rejection("too-large", f"{len(box)} bytes sealed; at most {self._limit} are opened")
        return unpack(unseal(box, self._key, context_info(self._run_id, self._round, client)))

    def _account(self, client: int, sent: int, inside: Bytes) -> None:
        """Count a sealed reply's bytes by what is inside; what the seal adds is envelope."""
        self._ledger.up[client] = Bytes(inside.model, inside.signature, sent - inside.model - inside.signature)
