"""The server's end of a socket to the fleet's front: it tells whom there is work for, and hears who has answered.

Both would otherwise ask the SuperLink again and again, and each question takes some of the processor time of which a
round between hosts consists. A notification is a hint: whoever hears none asks all the same, only seldom, so that
without a front, or between the end of one and the start of the next, everything goes on as it did before.

One line is one notification: the number of a node that there is work for, or the id of a message that is answered.
"""

import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from qfl.federation.runtime.unix_socket import socket_address

SOCKET = "notifications.sock"  # in the server's folder, where the front listens
SELDOM_S = 2.0  # between two questions of whoever would hear
MOST_HEARD = 10_000  # answered messages that are remembered for those that will wait for them


class Notifications:
    """What the front tells about replies.

    Args:
        path: The front's socket; None where there is no front.

    Example:
        >>> Notifications().wait("a message", 0.0)  # without a front it is a pause
        False
    """

    def __init__(self, path: Path | None = None):
        self._path, self._socket = path, None
        self._heard: dict[str, threading.Event] = {}

    @property
    def connected(self) -> bool:
        """Whether the front was there when it was last told something."""
        return self._socket is not None

    def forget(self) -> None:
        """Begin anew, with a connection if there is a front: what was heard so far was about other messages."""
        self._heard = {}
        if self._path and not self._socket:
            self._connect(self._path)

    def tell(self, nodes: Iterable[int]) -> None:
        """Say that there is work for nodes."""
        if connection := self._socket:
            try:
                connection.sendall(b"".join(b"%d\n" % node for node in nodes))
            except OSError:
                self._drop(connection)

    def wait(self, message_id: str, seconds: float) -> bool:
        """Wait until a message is answered, or for a time; tell whether it is known to be answered."""
        if self._path is None:
            time.sleep(seconds)
            return False
        event = self._heard.setdefault(message_id, threading.Event())
        found = event.wait(seconds)
        event.clear()
        return found

    def _connect(self, path: Path) -> None:
        connection = socket.socket(socket.AF_UNIX)
        try:
            with socket_address(path) as address:
                connection.connect(address)
        except OSError:
            return connection.close()
        self._socket = connection
        threading.Thread(target=self._listen, args=(connection,), daemon=True).start()

    def _listen(self, connection: socket.socket) -> None:
        with suppress(OSError), connection.makefile("r", encoding="ascii", errors="replace") as lines:
            for line in lines:
                if len(self._heard) < MOST_HEARD:
                    self._heard.setdefault(line.strip(), threading.Event()).set()
        self._drop(connection)

    def _drop(self, connection: socket.socket) -> None:
        connection.close()
        if self._socket is connection:
            self._socket = None


def beside(keys: str) -> Notifications:
    """Return what the front tells that listens in the folder which holds the server's keys, if there is one.

    Args:
        keys: The setting ``security.keys``.
    """
    return Notifications(Path(keys).parent / SOCKET if keys else None)
