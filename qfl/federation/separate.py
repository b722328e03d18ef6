"""Every reply is fetched by itself, so that one that never arrives whole keeps nobody else's waiting.

Flower's grid fetches all replies that are announced, one after another, and waits up to three minutes for the parts of
one whose sender stopped in the middle, by a crash or on purpose. Replies fetched before it would miss the deadline with
it. Here each asked node has a thread of its own; whoever is not done at the deadline is missing, alone.
"""

import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue

from flwr.app import Message
from flwr.serverapp import Grid

from qfl.federation.decorator import GridDecorator

SHORTEST_S, PER_REPLY_S = 0.2, 0.02  # between two looks for one reply; the more are waited for, the seldomer


class SeparateGrid(GridDecorator):
    """Fetch replies of one of Flower's grids in one thread per message.

    Args:
        base: The grid within; it may be called from several threads at once.
        sleep: How to wait.
    """

    def __init__(self, base: Grid, sleep: Callable[[float], None] = time.sleep):
        super().__init__(base)
        self._sleep, self._round = sleep, threading.Event()
        self._arrived: SimpleQueue[Message | Exception] = SimpleQueue()

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        """Send messages, and look for their replies from now on; those of the push before are given up."""
        self._round.set()
        self._round, self._arrived = threading.Event(), SimpleQueue()
        ids = list(self.base.push_messages(messages))
        pause_s = max(SHORTEST_S, PER_REPLY_S * len(ids))
        for message_id in ids:
            arguments = (message_id, pause_s, self._round, self._arrived)
            threading.Thread(target=self._fetch, args=arguments, daemon=True).start()
        return ids

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        """Return the replies that have arrived whole since the last call.

        Raises:
            Exception: What Flower's grid raised, for example because the run was stopped.
        """
        found: list[Message] = []
        while True:
            try:
                reply = self._arrived.get_nowait()
            except Empty:
                return found
            if isinstance(reply, Exception):
                raise reply
            found.append(reply)

    def _fetch(
        self, message_id: str, pause_s: float, over: threading.Event, arrived: SimpleQueue[Message | Exception]
    ) -> None:
        try:
            while not over.is_set():
                for reply in self.base.pull_messages([message_id]):
                    return arrived.put(reply)
                self._sleep(pause_s)
        except Exception as error:
            arrived.put(error)
