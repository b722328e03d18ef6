"""What all grids share: they hold another grid and pass on everything they do not change.

Those below carry Flower's messages, so that Flower's own apps run on them (`GridDecorator`); those above turn a round's
messages into one `Reply` each (`ReplyGrid`).
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, runtime_checkable

from flwr.app import Message, RecordDict
from flwr.serverapp import Grid

from qfl.federation.adapter import NodeInfo, Run
from qfl.federation.records.reply import Asked, Exchange


@runtime_checkable
class ReplyGrid(Protocol):
    """What asks clients and says what became of each."""

    def exchange(self, asked: Sequence[Asked]) -> Exchange:
        """Return one reply per message, in their order, whatever becomes of the clients."""
        ...


class GridDecorator(Grid):
    """Forward every call to the grid within.

    A decorator is one concern of transport: it overrides the one or two calls it is about, and works over every grid.

    Args:
        base: The grid within: another decorator, `InProcessGrid`, or one of Flower's.
    """

    def __init__(self, base: Grid):
        self.base = base

    @property
    def run(self) -> Run:  # noqa: D102
        return self.base.run

    def set_run(self, run: Run) -> None:  # noqa: D102
        self.base.set_run(run)

    def create_message(
        self, content: RecordDict, message_type: str, dst_node_id: int, group_id: str, ttl: float | None = None
    ) -> Message:
        """Return a message from the server to a node.

        Args:
            content: Its records.
            message_type: Such as ``train``.
            dst_node_id: The node.
            group_id: Flower's name of what belongs together, such as a round.
            ttl: Seconds until nobody should read it any more; None takes Flower's.
        """
        return self.base.create_message(content, message_type, dst_node_id, group_id, ttl)

    def get_node_ids(self) -> Iterable[int]:  # noqa: D102
        return self.base.get_node_ids()

    def get_nodes(self) -> Iterable[NodeInfo]:  # noqa: D102
        return self.base.get_nodes()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:  # noqa: D102
        return self.base.push_messages(messages)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:  # noqa: D102
        return self.base.pull_messages(message_ids)

    def send_and_receive(self, messages: Iterable[Message], *, timeout: float | None = None) -> Iterable[Message]:  # noqa: D102
        return self.base.send_and_receive(messages, timeout=timeout)
