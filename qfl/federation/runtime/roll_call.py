"""Which node is which client: asked once at the start, because Flower's node ids are random.

A node's answer is a claim. The signature proves it in every round: the key must be the one enrolled for that client.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable

from flwr.app import ConfigRecord, Context, Message, MessageType, RecordDict
from flwr.serverapp import Grid

from qfl.errors import ConfigError, Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.records.reply_status import answered, judged

IDENTITY, CHALLENGE = "qfl.identity", "qfl.challenge"


def answer(message: Message, context: Context) -> Message:
    """Say which client this node is, and prove it if the server sends a challenge (the client's half)."""
    client = int(context.node_config[PARTITION_ID_KEY])
    identity = ConfigRecord({"client": client})
    challenge = message.content.get(CHALLENGE)
    if isinstance(challenge, ConfigRecord):
        identity["proof"] = _prove(context, client, challenge)
    return Message(RecordDict({IDENTITY: identity}), reply_to=message)


def _prove(context: Context, client: int, record: ConfigRecord) -> bytes:
    from qfl.federation.runtime.context import run_settings
    from qfl.federation.runtime.keys import client_signers
    from qfl.security.challenge_response import CHALLENGE_BYTES, prove_presence

    challenge, number = record.get("challenge"), record.get("round")
    if not isinstance(challenge, bytes) or len(challenge) != CHALLENGE_BYTES:
        raise Rejection("bad-challenge", f"expected {CHALLENGE_BYTES} bytes")
    (signer,) = client_signers(run_settings(context), [client], number if isinstance(number, int) else None)
    return prove_presence(signer, client, context.node_id, challenge)


def proof_of(record: object) -> tuple[int, bytes]:
    """Return the client number and the proof of an answer to a challenge (the server's half).

    Raises:
        Rejection: ``unsigned`` if the answer holds no proof.
    """
    match dict(record) if isinstance(record, ConfigRecord) else {}:
        case {"client": int(client), "proof": bytes(proof)}:
            return client, proof
        case _:
            raise Rejection("unsigned", "expected a client number and a proof")


def call_roll(
    grid: Grid,
    count: int,
    answer_s: float = 600.0,
    patience_s: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[int, int]:
    """Return the node id of each client, by ascending client number (the server's half).

    Args:
        grid: The base grid.
        count: Clients the run is made of.
        answer_s: Seconds to wait for the nodes' answers.
        patience_s: Seconds to wait for nodes to connect.
        sleep: How to wait.

    Raises:
        ConfigError: If the grid does not hold exactly ``count`` nodes, or they are not clients 0 to ``count`` - 1.
    """
    node_ids = _gather(grid, count, patience_s, sleep)
    queries = [Message(RecordDict(), node_id, MessageType.QUERY) for node_id in node_ids]
    replies = list(grid.send_and_receive(queries, timeout=answer_s))
    asked = {query.metadata.message_id: query.metadata.dst_node_id for query in queries}
    pairs = [(claim_of(reply), asked.pop(answered(reply), None)) for reply in replies]
    claims = [(client, node) for client, node in pairs if client is not None and node is not None]
    if sorted(client for client, _ in claims) != list(range(count)):
        raise ConfigError(
            f"{len(node_ids)} nodes are connected, but {_fault([client for client, _ in claims], count)}; "
            f"give each node its own partition-id from 0 to {count - 1}"
        )
    return dict(sorted(claims))


def _gather(grid: Grid, count: int, patience_s: float, sleep: Callable[[float], None]) -> list[int]:
    node_ids: list[int] = []
    for _ in range(max(int(patience_s / 0.5), 1)):
        node_ids = list(grid.get_node_ids())
        if len(node_ids) >= count:
            break
        sleep(0.5)
    if len(node_ids) != count:
        raise ConfigError(
            f"clients.count = {count}, but {len(node_ids)} nodes are connected; start {count} nodes (for `flwr run`: "
            f"--federation-config num-supernodes={count}) or set clients.count = {len(node_ids)}"
        )
    return node_ids


def claim_of(reply: Message) -> int | None:
    """Return which client a reply says that its node is; None if it says nothing of the kind."""

    def read() -> object:
        record = None if reply.has_error() else reply.content.get(IDENTITY)
        return record.get("client") if isinstance(record, ConfigRecord) else None

    claim = judged(read)
    return claim if type(claim) is int else None


def _fault(claims: Iterable[int], count: int) -> str:
    seen = Counter(claims)
    silent = sorted(set(range(count)) - set(seen))
    doubled = sorted(client for client, times in seen.items() if times > 1)
    return f"no node says it is client {silent[:5]}" + (f" and several say they are {doubled[:5]}" if doubled else "")
