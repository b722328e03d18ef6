"""A server's whole way for replies, with an honest client and any number of strangers that send what they like."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pytest
from flwr.app import ConfigRecord, Message, MessageType, RecordDict
from jaxtyping import config

from qfl.federation.adapter import become_server, pack, set_message_id
from qfl.federation.grids.admission import AdmissionGrid, Form
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.caps import Caps
from qfl.federation.grids.concurrent_pull import SeparateGrid
from qfl.federation.grids.deadline import DeadlineGrid
from qfl.federation.grids.encryption import OpeningGrid, seal_config, sealed
from qfl.federation.grids.notifications import Notifications
from qfl.federation.grids.signature import ServerIdentity, VerifyingGrid
from qfl.federation.records.messages import ANGLES, BROADCAST, CONFIG, metric_names, reply_content, to_record
from qfl.federation.records.reply import Asked
from qfl.federation.records.rows import client_rows
from qfl.security.claims import BroadcastClaims, decode
from qfl.security.envelope import BROADCAST as PURPOSE
from qfl.security.envelope import open_envelope
from qfl.security.profiles import ML_DSA_44
from qfl.security.roster import Roster, RosterRow
from qfl.security.sealing import SealKey, context_info, new_seal_key, seal
from qfl.security.signing import Signer, generate
from qfl.security.updates import ReplayGuard, answer, sign_update

ANGLES_SENT = np.linspace(-1, 1, 40)
SOURCE = hashlib.sha256(b"source").hexdigest()
METRICS = {name: 2 if name == "num-examples" else 0.5 for name in metric_names("accuracy")}
FAR = 2**40  # Unix time in seconds
Reply = Callable[[Message, RecordDict], Message]  # what a stranger makes of its message and of an honest reply to it


class Prompt(Notifications):
    """Every message is answered at once."""

    def wait(self, message_id, seconds):
        return True


class Wire(GridDecorator):
    """Flower's grid: one reply for each message, made when it is fetched, with whatever that raises."""

    def __init__(self, answers: Sequence[Callable[[Message], Message]]):
        self.answers = answers

    def push_messages(self, messages):
        self.sent = {}
        for message in messages:
            set_message_id(message, f"message-{message.metadata.dst_node_id}")
            self.sent[message.metadata.message_id] = message
        return list(self.sent)

    def pull_messages(self, message_ids):
        (message_id,) = message_ids
        message = self.sent[message_id]
        return [self.answers[message.metadata.dst_node_id - 1000](message)]

    def get_node_ids(self):
        return list(range(1000, 1000 + len(self.answers)))


@dataclass
class Exposed:
    """A server with client 0, which is honest, and clients from 1 on, each with an enrolled key; one round is asked."""

    strangers: int
    algorithm: str = ""
    signers: list[Signer] = field(init=False)

    def __post_init__(self):
        self.signers = [generate(ML_DSA_44) for _ in range(self.strangers + 2)]

    @cached_property
    def server(self) -> ServerIdentity:
        rows = tuple(RosterRow(k, signer.key, 100) for k, signer in enumerate(self.signers[1:]))
        roster, seal = (
            Roster(1, FAR, self.signers[0].key, rows),
            new_seal_key(self.algorithm) if self.algorithm else None,
        )
        return ServerIdentity(self.signers[0], roster, bytes(16), bytes(32), SOURCE, ReplayGuard(), seal)

    @property
    def key(self) -> SealKey | None:
        return self.server.seal

    def honest(self, message: Message) -> RecordDict:
        """The records of an honest reply to a message, before they are sealed."""
        client = message.metadata.dst_node_id - 1000
        payload, _ = open_envelope(message.content[BROADCAST]["cose"], PURPOSE, self.server.roster.server_key)
        arrays = {ANGLES: ANGLES_SENT + 0.1}
        claims = answer(decode(BroadcastClaims, payload), self.signers[0].key.thumbprint, client, 2, arrays, METRICS)
        return reply_content(arrays[ANGLES], METRICS, sign_update(claims, self.signers[client + 1]), SOURCE)

    def box(self, message: Message, content: RecordDict) -> RecordDict:
        """What travels of an honest reply."""
        return sealed(content, message.content[CONFIG], bytes(16), 1, message.metadata.dst_node_id - 1000)

    def shut(self, message: Message, packed: bytes) -> bytes:
        """Any bytes, sealed as a reply's records are."""
        config, client = message.content[CONFIG], message.metadata.dst_node_id - 1000
        return seal(packed, config["seal"], config["seal-key"], context_info(bytes(16), 1, client))

    def round(self, replies: Sequence[Reply], deadline_s: float = 60.0) -> list[dict]:
        """Ask everybody once; return one row per client, what the strategy would get as ``"passed"``."""
        become_server(1)
        identity = ServerIdentity(**{**vars(self.server), "burned": ReplayGuard()})
        first: Reply = lambda message, content: Message(self.box(message, content), reply_to=message)  # noqa: E731
        answers = [lambda m, reply=reply: reply(m, self.honest(m)) for reply in (first, *replies)]
        grid = DeadlineGrid(SeparateGrid(Wire(answers), Prompt()), deadline_s, poll_s=0.001)
        if self.key:
            grid = OpeningGrid(grid, self.key, bytes(16), 1, ANGLES_SENT.nbytes)
        grid = VerifyingGrid(grid, identity, 1, ANGLES_SENT)
        grid = AdmissionGrid(grid, Form(ANGLES_SENT, Caps(10.0, 100)))
        shared = {"arrays": to_record(ANGLES_SENT), CONFIG: ConfigRecord({"server-round": 1, **seal_config(self.key)})}
        asked = [Asked(k, Message(RecordDict(shared), 1000 + k, MessageType.TRAIN)) for k in range(len(answers))]
        replies = grid.exchange(asked).replies
        rows, messages = client_rows(1, replies, "accuracy"), [reply.to_message() for reply in replies]
        passed = [None if message.has_error() else pack(message.content) for message in messages]
        return [{**row, "passed": content} for row, content in zip(rows, passed, strict=True)]


@pytest.fixture(params=[1.0, 0.1], ids=["as-users-run-it", "with-types-checked"])
def share(request) -> Iterator[float]:
    """The share of the budget: all of it as users run the program, and a tenth with the types of every call checked.

    Such checks, which all other tests have, tell what no exception tells: a text where a number belongs. They take four
    times as long as the reading, and no user has them.
    """
    before = config.jaxtyping_disable
    config.update("jaxtyping_disable", before or request.param == 1.0)
    yield request.param
    config.update("jaxtyping_disable", before)


@pytest.fixture(scope="module")
def exposed() -> Callable[..., Exposed]:
    return Exposed
