"""Replies sealed to the server: what the broadcast says about it, what a client does, what the server undoes.

::

    broadcast   "config"       ... and {"seal": algorithm, "seal-key": the server's public key}, signed with the rest
    reply       "qfl.sealed"   ConfigRecord {"box": the records of an ordinary reply, sealed}

Where the broadcast says ``"qkd"`` as well, a client mixes a quantum key into its seal and tells the key's id, or says
why it had none and seals under ML-KEM alone; the row of the client says which it was::

    reply       "qfl.sealed"   ConfigRecord {"box": ..., "key-id": "..."} or {"box": ..., "no-key": "No key: ..."}
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flwr.app import ConfigRecord, RecordDict

from qfl.config import Settings
from qfl.errors import ConfigError, Rejection
from qfl.federation.adapter import pack, serialized_size, unpack
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.records.messages import require_small
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.round_metrics import Bytes, measure
from qfl.printable import printable
from qfl.qkd.key_source import ID_CHARACTERS, SERVER, KeySource, NoKey, client_name
from qfl.security.mixing import seal_mixed, unseal_mixed
from qfl.security.reasons import rejection
from qfl.security.sealing import HYBRID, SealKey, context_info, new_seal_key, seal, unseal

SEALED, ALGORITHM, PUBLIC = "qfl.sealed", "seal", "seal-key"
QKD, BOX, KEY_ID, NO_KEY = "qkd", "box", "key-id", "no-key"
NOTE_CHARACTERS = 300  # of why there is no key
NOT_SET_UP = "No key: the key service of the client's host is not set up."
QuantumKeys = Callable[[int, int], KeySource]  # of a client and a round
OVERHEAD_BYTES = 64 * 1024  # of a reply beside its angles: records, signature, claims, seal


def run_seal_key(settings: Settings) -> SealKey | None:
    """Return a new key for the run, if its updates are to be sealed; ``auto`` seals what travels between hosts.

    It also seals where quantum keys are to be mixed into the seal.
    """
    chosen = settings.security.seal
    if chosen == "auto":
        chosen = HYBRID if settings.backend == "deployed" or settings.security.qkd != "none" else "none"
    return None if chosen == "none" else new_seal_key(chosen)


def seal_config(key: SealKey | None, qkd: str = "none") -> ConfigRecord:
    """Return what a broadcast's config says about sealing.

    Args:
        key: The run's; None where nothing is sealed.
        qkd: The setting ``security.qkd``.
    """
    if key is None:
        return ConfigRecord()
    return ConfigRecord({ALGORITHM: key.algorithm, PUBLIC: key.public, **({} if qkd == "none" else {QKD: qkd})})


def sealed(
    content: RecordDict,
    config: ConfigRecord,
    run_id: bytes,
    round_number: int,
    client: int,
    source: Callable[[], KeySource] | None = None,
) -> RecordDict:
    """Return a reply's records as a verified broadcast wants them: sealed, if it names a key (the client's half).

    Args:
        content: The reply's records.
        config: The broadcast's, verified.
        run_id: The run's 16 random bytes.
        round_number: The round.
        client: The client's number.
        source: Opens what is asked for a quantum key, if the broadcast wants one mixed in.

    Raises:
        Rejection: ``bad-seal`` if the named key is none.
    """
    if ALGORITHM not in config:
        return content
    match config[ALGORITHM], config.get(PUBLIC):
        case str(algorithm), bytes(public):
            context = context_info(run_id, round_number, client)
            if source is None or QKD not in config:
                record = ConfigRecord({BOX: seal(pack(content), algorithm, public, context)})
            else:
                record = _mixed(pack(content), algorithm, public, context, source)
            return RecordDict({SEALED: record})
        case _:
            raise rejection("bad-seal", "the broadcast names no key")


def _mixed(
    plain: bytes, algorithm: str, public: bytes, context: bytes, source: Callable[[], KeySource]
) -> ConfigRecord:
    """Return the box and either the id of the quantum key in it or why there is none; the seal is bound to both."""
    try:
        key = source().get_key(SERVER)
    except (NoKey, ConfigError) as error:
        why = str(error)[:NOTE_CHARACTERS] if isinstance(error, NoKey) else NOT_SET_UP
        logging.getLogger("qfl").warning(str(error))  # what is wrong with this host's files is its own affair
        return ConfigRecord({BOX: seal(plain, algorithm, public, _bound(context, NO_KEY, why)), NO_KEY: why})
    box = seal_mixed(plain, algorithm, public, _bound(context, KEY_ID, key.key_id), key.key)
    return ConfigRecord({BOX: box, KEY_ID: key.key_id})


def _bound(context: bytes, kind: str, words: str) -> bytes:
    return b"\0".join((context, kind.encode(), words.encode()))


@dataclass(frozen=True)
class OpeningGrid:
    """Open every reply by itself; what is not sealed, or not to this server for this round, is rejected.

    Args:
        base: The grid within.
        key: The run's.
        run_id: The run's 16 random bytes.
        round_number: The round.
        angle_bytes: Length of the angle vector; a sealed reply that is much longer is not opened.
        quantum_keys: Where the keys are asked for that clients mixed into their seals; None where none are mixed.
    """

    base: ReplyGrid
    key: SealKey
    run_id: bytes
    round_number: int
    angle_bytes: int
    quantum_keys: QuantumKeys | None = None

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return the replies, opened, with their bytes by what is inside."""
        return self.base.exchange(asked).verified(self._opened)

    def _opened(self, reply: Reply) -> Reply:
        """Return a reply with what is inside; what the seal adds to its bytes is envelope."""
        plain, words = self._open(reply.content, reply.client)
        opened = unpack(plain)
        require_small(opened)
        inside, sent = measure(opened), serialized_size(reply.content)
        bytes_up = Bytes(inside.model, inside.signature, sent - inside.model - inside.signature)
        return replace(reply, content=opened, bytes_up=bytes_up, seal=words)

    def _open(self, content: RecordDict, client: int) -> tuple[bytes, str]:
        """Return what is inside, and in words how it was sealed, where quantum keys are mixed in."""
        record = content.get(SEALED)
        fields = dict(record) if isinstance(record, ConfigRecord) and set(content) == {SEALED} else {}
        box = fields.pop(BOX, None)
        if not isinstance(box, bytes):
            raise Rejection("unsealed", "the reply is not sealed, though the broadcast asked for it")
        if len(box) > self.angle_bytes + OVERHEAD_BYTES:
            raise Rejection(
                "too-large", f"{len(box)} bytes sealed; at most {self.angle_bytes + OVERHEAD_BYTES} are opened"
            )
        context = context_info(self.run_id, self.round_number, client)
        match fields:
            case {"key-id": str(key_id), **rest} if self.quantum_keys and not rest and len(key_id) <= ID_CHARACTERS:
                return self._open_mixed(box, context, client, key_id)
            case {"no-key": str(why), **rest} if self.quantum_keys and not rest and len(why) <= NOTE_CHARACTERS:
                plain = unseal(box, self.key, _bound(context, NO_KEY, why))
                return plain, f"{self.key.algorithm} alone: {printable(why)}"
            case {**rest} if not rest and not self.quantum_keys:
                return unseal(box, self.key, context), ""
            case _:
                raise rejection("bad-seal", "it says neither which quantum key is in it nor why there is none")

    def _open_mixed(self, box: bytes, context: bytes, client: int, key_id: str) -> tuple[bytes, str]:
        assert self.quantum_keys
        try:
            source = self.quantum_keys(client, self.round_number)
            key = source.get_key_with_id(client_name(client), key_id)
        except (NoKey, ConfigError) as error:
            raise rejection("no-quantum-key", str(error)[:NOTE_CHARACTERS]) from None
        plain = unseal_mixed(box, self.key, _bound(context, KEY_ID, key_id), key.key)
        return plain, f"{self.key.algorithm} and a quantum key ({key.remark})"
