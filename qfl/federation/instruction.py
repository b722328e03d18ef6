"""What a verified broadcast asks of a client: read once where several have the same, its signature verified by each.

Clients that live in one process are handed the same records as long as nobody on the way gives one of them others.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

from flwr.app import ConfigRecord, Context, RecordDict
from numpy.typing import NDArray

from qfl.errors import Rejection
from qfl.federation.adapter import PARTITION_ID_KEY
from qfl.federation.client_state import memory_of
from qfl.federation.guidance import Request, number, request_of
from qfl.federation.kept import Drawer, drawer_of
from qfl.federation.privacy.plan import Plan
from qfl.federation.records.messages import ANGLES, BROADCAST, CONFIG, ROUND, read_angles
from qfl.security.claims import BroadcastClaims
from qfl.security.envelope import BROADCAST as PURPOSE
from qfl.security.envelope import Unverified, read_envelope
from qfl.security.roster import Roster
from qfl.security.updates import verify_broadcast
from qfl.tasks.federation import Federation


@dataclass(frozen=True)
class Broadcast:
    """What a verified broadcast says to all clients that it goes to; equal ones say the same.

    Args:
        claims: What the server signed.
        federation: The client's federation, with what the broadcast announced (the claims hold its digest).
        angles: The angles to start from; the claims hold their digest.
        config: The round's settings, as signed; the claims hold their digest.
        request: What the config asks of the client's steps besides.
    """

    claims: BroadcastClaims
    federation: Federation = field(compare=False)
    angles: NDArray = field(compare=False)
    config: ConfigRecord = field(compare=False)
    request: Request = field(default=Request(), compare=False)


@dataclass(frozen=True, eq=False)
class TrainInstruction:
    """What a client is to do; those of equal broadcasts are trained together.

    Args:
        broadcast: What it was told, like others.
        drawer: Where the client keeps things from round to round; None where the broadcast speaks of none.
        kept: What it kept, by name.
    """

    broadcast: Broadcast
    drawer: Drawer | None = None
    kept: Mapping[str, NDArray] = field(default_factory=dict)


class Listener:
    """The clients of one process in one round: each verifies its own broadcast, nobody reads one that is known.

    Args:
        federation: The clients', before any broadcast.
        roster: The enrolled keys.
        plan: What noise keeps them private; None = none.
    """

    def __init__(self, federation: Federation, roster: Roster, plan: Plan | None):
        self._federation, self._roster, self._plan = federation, roster, plan
        self._known: dict[int, tuple[RecordDict, Unverified, Broadcast]] = {}  # by the identity of the records
        self._reading = Lock()

    def instruct(self, content: RecordDict, context: Context) -> TrainInstruction | Rejection:
        """Return what a client is to do, or why it does not accept the broadcast.

        Args:
            content: The records of its message.
            context: The client's.
        """
        try:
            broadcast = self.hear(content)
            claims, config = broadcast.claims, broadcast.config
            if memory := memory_of(context):
                memory.require_new(claims, self._federation.parts[int(context.node_config[PARTITION_ID_KEY])])
                if self._plan:
                    memory.require_budget(self._plan.own, self._plan.multiplier)
            drawer = drawer_of(context, config, claims.run_id)
            return TrainInstruction(broadcast, drawer, drawer.load() if drawer else {})
        except Rejection as rejection:
            return rejection

    def hear(self, content: RecordDict) -> Broadcast:
        """Return what a broadcast says, once its signature holds.

        Raises:
            Rejection: If it is none of the enrolled server for this federation.
        """
        with self._reading:
            if (known := self._known.get(id(content))) is None:
                broadcast = self._read(content)
                self._known[id(content)] = content, read_envelope(envelope_of(content), PURPOSE), broadcast
                return broadcast
        _, envelope, broadcast = known
        envelope.verify(self._roster.server_key)
        return broadcast

    def _read(self, content: RecordDict) -> Broadcast:
        own, config = self._federation, content.get(CONFIG)
        angles = read_angles(content, len(own.model.layout), str(own.dtype).removeprefix("torch.")).copy()
        envelope = envelope_of(content)
        if not isinstance(config, ConfigRecord):
            raise Rejection("unsigned", "expected the records 'config' and 'qfl.broadcast'")
        claims = verify_broadcast(
            envelope,
            {ANGLES: angles},
            self._roster,
            task=bytes.fromhex(own.digest),
            config=dict(config),
            round_number=int(number(config, ROUND)),
        )
        return Broadcast(claims, _announced(own, config), angles, config, request_of(config, angles, own))


def _announced(federation: Federation, config: ConfigRecord) -> Federation:
    try:
        return federation.receive_broadcast(dict(config))
    except ValueError as fault:
        raise Rejection("bad-config", str(fault)) from None


def envelope_of(content: RecordDict) -> bytes:
    """Return the server's envelope in the records of a broadcast.

    Raises:
        Rejection: ``unsigned`` if there is none.
    """
    match dict(stamp) if isinstance(stamp := content.get(BROADCAST), ConfigRecord) else {}:
        case {"cose": bytes(cose)}:
            return cose
        case _:
            raise Rejection("unsigned", "expected bytes under 'cose' of a record 'qfl.broadcast'")
