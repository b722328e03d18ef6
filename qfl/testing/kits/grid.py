"""What every grid must be: one reply for each client that is asked, whatever becomes of it on the way.

::

    assert run(checks(lambda base: AdmissionGrid(base, form), broadcast)) == []
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flwr.app import ConfigRecord, Message, MessageType, RecordDict
from numpy.typing import NDArray

from qfl.airtime.simulation import RadioRound
from qfl.federation.adapter import become_server
from qfl.federation.grids.base import ReplyGrid
from qfl.federation.records.messages import CONFIG, ROUND, metric_names, reply_content, to_record
from qfl.federation.records.reply import Asked, Exchange, Reply
from qfl.federation.records.reply_status import ACCEPTED, ReplyStatus, missing
from qfl.federation.records.round_metrics import PHASES, Bytes
from qfl.federation.records.rows import STATUSES
from qfl.testing.kits import Check

CLIENTS, FIRST_NODE = 5, 1000
METRICS = {name: 2 if name == "num-examples" else 0.5 for name in metric_names("accuracy")}
DROPPED = {1: ReplyStatus("failed", "client-error", "ill"), 3: missing("deadline", "no reply within 5 s")}
"""What becomes of two clients below the grid that is tried."""


def checks(
    make: Callable[[ReplyGrid], ReplyGrid],
    broadcast: NDArray,
    *,
    lowest: bool = False,
    radio: bool = False,
    leaves_out: Sequence[int] = (),
) -> Iterator[Check]:
    """Yield what must be true of a grid of replies.

    Args:
        make: Makes the grid over another.
        broadcast: The angles that it is made for; five clients are sent them, clients 0 to 4 on nodes from 1000 on.
        lowest: Whether the grid stands on Flower's messages and looks at no grid within.
        radio: Whether the grid says what the radio made of the round.
        leaves_out: Clients to which the grid sends nothing.
    """
    kit = _Kit(make, broadcast, frozenset(leaves_out))
    yield "there is one reply for every message, in the order of asking", kit.one_each
    yield "it does not matter in which order clients are asked", kit.order
    yield "if nobody is asked, nobody answers", kit.nobody
    yield "every reply says what became of it, and why where it is dropped", kit.words
    yield "what is sent is not changed for whoever asked", kit.unchanged
    yield "seconds are not negative, and of known phases", kit.seconds
    yield "asked again, it says the same of every client", kit.again
    if not lowest:
        yield "what was dropped below stays dropped, for the same reason", kit.dropped
        yield "what was found out below is kept", kit.kept
        if not radio:
            yield "what the radio made of the round is passed on", kit.passed_on


@dataclass(frozen=True)
class Scripted:
    """A grid of clients of whom some are dropped, and the others answer with angles that have moved a little.

    Args:
        broadcast: What they received.
        dropped: What became of those that are dropped.
        radio: What the radio made of the round.
    """

    broadcast: NDArray
    dropped: dict[int, ReplyStatus]
    radio: RadioRound | None = None

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message."""
        return Exchange(tuple(map(self._reply, asked)), radio=self.radio).spent(train=1.5)

    def _reply(self, asked: Asked) -> Reply:
        if status := self.dropped.get(asked.client):
            return Reply(asked, status, bytes_down=Bytes(1, 2, 3))
        angles = (self.broadcast + (asked.client + 1) / 100).astype(self.broadcast.dtype)
        content = reply_content(angles, METRICS, b"not signed", "source")
        found = Reply(asked, ACCEPTED, content, seconds=0.5, bytes_down=Bytes(1, 2, 3), bytes_up=Bytes(32, 10, 100))
        return found.decoded(self.broadcast)


class _Kit:
    """The checks of one grid."""

    def __init__(self, make: Callable[[ReplyGrid], ReplyGrid], broadcast: NDArray, left_out: frozenset[int]):
        self.make, self.broadcast, self.left_out = make, broadcast, left_out

    def exchange(self, clients: Sequence[int] = range(CLIENTS)) -> tuple[list[Asked], Exchange]:
        """Return who was asked, and what came back."""
        asked = [Asked(client, self.message(client)) for client in clients]
        return asked, self.make(Scripted(self.broadcast, DROPPED)).exchange(asked)

    def message(self, client: int) -> Message:
        """Return a training message to a client's node."""
        become_server(1)
        content = RecordDict({"arrays": to_record(self.broadcast), CONFIG: ConfigRecord({ROUND: 1})})
        return Message(content, FIRST_NODE + client, MessageType.TRAIN)

    def one_each(self) -> None:
        asked, found = self.exchange()
        assert len(found.replies) == len(asked), f"{len(found.replies)} replies to {len(asked)} messages"
        clients = [reply.client for reply in found.replies]
        assert clients == [each.client for each in asked], f"replies of clients {clients}"

    def order(self) -> None:
        _, found = self.exchange((4, 0, 3, 1, 2))
        _, straight = self.exchange()
        assert _statuses(found) == _statuses(straight), f"{_statuses(found)}, not {_statuses(straight)}"
        assert [reply.client for reply in found.replies] == [4, 0, 3, 1, 2], "replies are not in the order of asking"

    def nobody(self) -> None:
        _, found = self.exchange(())
        assert found.replies == (), f"{len(found.replies)} replies"

    def words(self) -> None:
        _, found = self.exchange()
        for reply in found.replies:
            status = reply.status
            assert status.status in STATUSES, f"client {reply.client} is {status.status!r}"
            assert reply.accepted or (status.reason and status.detail), f"client {reply.client}: no reason"
            assert reply.accepted == (status.reason is None), f"client {reply.client}: accepted for {status.reason!r}"

    def unchanged(self) -> None:
        asked = [Asked(client, self.message(client)) for client in range(CLIENTS)]
        before = [_text(each.message.content) for each in asked]
        self.make(Scripted(self.broadcast, DROPPED)).exchange(asked)
        assert before == [_text(each.message.content) for each in asked], "the records of a message were changed"

    def seconds(self) -> None:
        _, found = self.exchange()
        assert set(found.seconds) <= set(PHASES), f"{sorted(found.seconds)} are not all of {PHASES}"
        assert all(number >= 0 for number in found.seconds.values()), dict(found.seconds)

    def again(self) -> None:
        first, second = (_statuses(self.exchange()[1]) for _ in range(2))
        assert first == second, f"{second}, not {first}"

    def dropped(self) -> None:
        _, found = self.exchange()
        for client, status in DROPPED.items():
            own = found.replies[client].status
            assert own == status, (
                f"client {client} was {status.status}, {status.reason}; now {own.status}, {own.reason}"
            )

    def kept(self) -> None:
        _, found = self.exchange()
        assert found.seconds.get("train", 0.0) >= 1.5, f"1.5 s of training have become {found.seconds.get('train')}"
        for reply in found.replies:
            sent = None if reply.client in self.left_out else Bytes(1, 2, 3)
            assert reply.bytes_down == sent, f"client {reply.client} was sent {reply.bytes_down}"
            if reply.client in self.left_out:
                continue
            assert reply.client in DROPPED or reply.seconds == 0.5, f"client {reply.client} took {reply.seconds} s"

    def passed_on(self) -> None:
        on_air = object.__new__(RadioRound)
        asked = [Asked(client, self.message(client)) for client in range(CLIENTS)]
        found = self.make(Scripted(self.broadcast, DROPPED, on_air)).exchange(asked)
        assert found.radio is on_air, f"it is {found.radio!r}"


def _statuses(found: Exchange) -> dict[int, tuple[str, str | None]]:
    return {reply.client: (reply.status.status, reply.status.reason) for reply in found.replies}


def _text(content: RecordDict) -> str:
    return repr(sorted((name, sorted(map(repr, record.items()))) for name, record in content.items()))
