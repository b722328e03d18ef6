"""A node of our own: it takes a client's messages from the SuperLink, has its trainer work, and answers.

``python -m qfl.federation.worker.node SERVER CA KEY CONFIG``, where CONFIG is the node config in JSON.

Flower's SuperNode keeps every message in a second SuperLink on the client's host, for a process that it starts to ask
for it there over HTTP. Here nothing listens, and nothing is started for a message. What may crash (torch, the user's
code) is in the trainer, a process of its own: when that dies the message is answered with an error at once, the node
stays, and the next message starts another trainer.

The app is the one that the SuperLink hands out, as with Flower's node. One message is worked on at a time.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key
from flwr.app import Context, Error, Message, RecordDict

from qfl.federation.adapter import ErrorCode, RunNotRunningException
from qfl.federation.records.reply_status import failed
from qfl.federation.runtime.context import HOME
from qfl.federation.worker.fleet import App, Fleet, connected
from qfl.federation.worker.resident import Stay, TrainerEnded, ask
from qfl.printable import printable

PRIVATE = 0o077  # umask
PAUSE_S = 0.1  # after an empty answer, which the front gives once it has kept the question for 10 s


@dataclass
class Node:
    """One client's node.

    Args:
        fleet: The connection to the SuperLink.
        config: The node config: who the client is, and where its files are.
    """

    fleet: Fleet
    config: Mapping[str, Any]
    _app: Any = field(init=False)

    def __post_init__(self):
        self._app = lru_cache(maxsize=4)(self._unpacked)

    def step(self) -> bool:
        """Take a message, if one waits, and answer it; tell whether there was one.

        Of what goes wrong with one message only the log knows: the server hears of it, or its run is over.
        """
        announced = self.fleet.receive()
        if announced is None:
            return False
        try:
            message = self.fleet.whole(*announced)
            began = time.monotonic()
            reply = self._worked(message)
            self.fleet.answer(reply, time.monotonic() - began)
            _tell(message, f"answered after {time.monotonic() - began:.2f} s{_fault(reply)}")
        except RunNotRunningException:
            _tell(announced[0], "dropped: the run is over")
        except Exception as error:
            _tell(announced[0], f"not answered: {type(error).__name__}: {error}")
        return True

    def _worked(self, message: Message) -> Message:
        """Return the trainer's reply, or an error in its place."""
        run_id = message.metadata.run_id
        try:
            app: App = self._app(run_id)
            context = Context(run_id, self.fleet.node_id, dict(self.config), RecordDict(), dict(app.config))
            return ask(message, context, Stay(app.root, app.component))
        except TrainerEnded as fault:
            return Message(Error(ErrorCode.CLIENT_APP_CRASHED, str(fault)), reply_to=message)
        except Exception as error:
            return failed(message, f"{type(error).__name__}: {error}")

    def _unpacked(self, run_id: int) -> App:
        return self.fleet.app(run_id, Path(str(self.config[HOME])) / "home" / "apps")


def serve(fleet: Fleet, config: Mapping[str, Any]) -> None:
    """Answer messages for as long as the connection lasts."""
    node = Node(fleet, config)
    while True:
        if not node.step():
            time.sleep(PAUSE_S)


def _tell(message: Message, what: str) -> None:
    about = message.metadata
    print(printable(f"run {about.run_id}, {about.message_type}: {what}"), flush=True)


def _fault(reply: Message) -> str:
    return f", with an error: {reply.error.reason}" if reply.has_error() else ""


def _end(number: int, frame: Any) -> None:
    """End by an exception, so that the SuperLink is told."""
    sys.exit(0 if number == signal.SIGTERM else 128 + number)


def main(server: str, ca: str, key_file: str, config: str) -> None:
    """Be a client's node until stopped; Flower itself stops it, by SIGINT, when the SuperLink knows its key no more.

    Args:
        server: Host and port of the SuperLink or of its front.
        ca: File with the certificate that its own is signed by.
        key_file: OpenSSH private key of the node.
        config: The node's configuration, a JSON object.
    """
    os.umask(PRIVATE)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    key = load_ssh_private_key(Path(key_file).read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)  # as `up` has checked
    code: Any = 1
    try:
        with connected(server, Path(ca), key) as fleet:
            print(f"SuperNode ID: {fleet.node_id}", flush=True)
            serve(fleet, json.loads(config))
    except SystemExit as end:
        code = end.code
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1)  # threads of Flower's may still be trying again


if __name__ == "__main__":
    main(*sys.argv[1:])
