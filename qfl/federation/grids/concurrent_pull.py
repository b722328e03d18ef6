"""Every reply is fetched by itself, so that one that never arrives whole keeps nobody else's waiting.

Flower's grid fetches all replies that are announced, one after another, and waits up to three minutes for the parts of
one whose sender stopped in the middle, by a crash or on purpose. Replies fetched before it would miss the deadline with
it. Here each asked node has a thread of its own; whoever is not done at the deadline is missing, alone.

Flower raises where a reply cannot be read, and believes what a reply says about the message that it answers. Here
either is an error reply of the node that was asked. What ends the run is that it was stopped, or that the SuperLink no
longer answers a question that has nothing to do with the reply.
"""

import threading
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from typing import Any

from flwr.app import Message
from flwr.serverapp import Grid
from httpx import HTTPError

from qfl.errors import Rejection
from qfl.federation.adapter import STOPS
from qfl.federation.grids.base import GridDecorator
from qfl.federation.grids.notifications import SELDOM_S, Notifications
from qfl.federation.records.reply_status import unreadable

SHORTEST_S, PER_REPLY_S = 0.05, 0.02  # between two looks for one reply; the more are waited for, the seldomer
LONGEST_S, GROWTH = 0.5, 1.05  # ... and the longer it is waited for: a look is late by a twentieth of the wait


class SeparateGrid(GridDecorator):
    """Fetch replies of one of Flower's grids in one thread per message.

    Args:
        base: The grid within; it may be called from several threads at once.
        notifications: Tell who has answered; without them the SuperLink is asked again and again.
    """

    def __init__(self, base: Grid, notifications: Notifications | None = None):
        super().__init__(base)
        self._notifications, self._round = notifications or Notifications(), threading.Event()
        self._arrived: SimpleQueue[Message | BaseException] = SimpleQueue()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages, and look for their replies from now on; those of the push before are given up."""
        self._round.set()
        self._round, self._arrived = threading.Event(), SimpleQueue()
        self._notifications.forget()
        messages = list(messages)
        ids = [message_id for message_id in self.base.push_messages(messages) if message_id]  # None: Flower took it not
        self._notifications.tell({message.metadata.dst_node_id for message in messages})
        pause_s = max(SHORTEST_S, PER_REPLY_S * len(ids))
        for message_id in ids:
            arguments = (message_id, pause_s, self._round, self._arrived)
            threading.Thread(target=self._fetch, args=arguments, daemon=True).start()
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies that have arrived since the last call, error replies where they could not be read.

        Raises:
            BaseException: What Flower's grid raised because the run was stopped or the SuperLink is lost.
        """
        found: list[Message] = []
        while True:
            try:
                reply = self._arrived.get_nowait()
            except Empty:
                return found
            if isinstance(reply, BaseException):
                raise reply
            found.append(reply)

    def _fetch(
        self, message_id: str, pause_s: float, over: threading.Event, arrived: SimpleQueue[Message | BaseException]
    ) -> None:
        try:
            while True:
                self._notifications.wait(message_id, SELDOM_S if self._notifications.connected else pause_s)
                if over.is_set():
                    return
                for reply in self.base.pull_messages([message_id]):
                    arrived.put(_answering(message_id, reply))
                    return
                pause_s = max(pause_s, min(pause_s * GROWTH, LONGEST_S))
        except STOPS as stop:
            arrived.put(stop)
        except BaseException as error:
            arrived.put(error if self._lost(error) else unreadable(message_id, error))

    def _lost(self, error: BaseException) -> bool:
        """Tell whether the grid is gone; a reply's bytes raise no error of the network, or it is one among others."""
        if not isinstance(error, OSError | RuntimeError | HTTPError) or isinstance(error, RecursionError):
            return False
        try:
            self.base.get_node_ids()
        except BaseException:
            return True
        return False


def _answering(message_id: str, reply: Any) -> Any:
    """Return the reply if it answers the message for which it was fetched; nobody answers in another's place."""
    if isinstance(reply, Message) and reply.metadata.reply_to_message_id != message_id:
        return unreadable(
            message_id, Rejection("malformed", "it claims to answer another message than the one it was sent")
        )
    return reply
