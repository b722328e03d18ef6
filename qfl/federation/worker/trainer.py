"""The process that trains for one deployed client, message after message, until its node ends.

``python -m qfl.federation.worker.trainer SOCKET PID...``: listens on a UNIX socket, works on one request at a time, and
ends with the first of the processes PID, or when nobody has asked for a while. A bad request is hung up on.
"""

import os
import select
import socket
import struct
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from flwr.app import Context, Message, MessageType, RecordDict

from qfl.extend import load_object
from qfl.federation.adapter import become, pack, unpack
from qfl.federation.records.reply_status import failed
from qfl.federation.runtime.timing import collected
from qfl.federation.runtime.unix_socket import socket_address
from qfl.federation.worker.protocol import receive_frame, send_frame
from qfl.federation.worker.resident import train_here
from qfl.printable import printable

IDLE_S, REQUEST_S = 1800.0, 30.0
CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: struct ucred of Linux


def serve(path: Path, watched: Sequence[int]) -> None:
    """Answer requests until one of the processes ``watched`` ends or nobody asks for half an hour."""
    _clear(path)
    with socket.socket(socket.AF_UNIX) as listening:
        with socket_address(path) as address:
            listening.bind(address)
        os.chmod(path, 0o600)
        listening.listen(8)
        threading.Thread(target=_end_with, args=(watched, path), daemon=True).start()
        try:
            while select.select([listening], [], [], IDLE_S)[0]:
                connection, _ = listening.accept()
                with connection:
                    _answer(connection)
        finally:
            path.unlink(missing_ok=True)


def _clear(path: Path) -> None:
    """Remove the sockets of trainers that were killed: what they were to end with is gone."""
    for old in path.parent.glob("trainer-*.sock"):
        if old == path or not Path("/proc", old.stem.rpartition("-")[2]).exists():
            old.unlink(missing_ok=True)


def _end_with(watched: Sequence[int], path: Path) -> None:
    """End this process when one that is watched does, even in the middle of training."""
    with suppress(ProcessLookupError):
        select.select([os.pidfd_open(pid) for pid in watched], [], [])
    path.unlink(missing_ok=True)
    os._exit(0)


def _answer(connection: socket.socket) -> None:
    try:
        if _user(connection) != os.getuid():
            return
        connection.settimeout(REQUEST_S)
        request = receive_frame(connection)
        with collected() as seconds:
            reply = _work(request)
        connection.settimeout(REQUEST_S)
        send_frame(connection, {**reply, "seconds": dict(seconds)})
    except Exception as error:  # nobody who can connect may end the trainer
        print(f"a request failed: {type(error).__name__}: {printable(error)}", flush=True)


def _user(connection: socket.socket) -> int:
    _, user, _ = CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size))
    return user


def _work(request: dict[str, Any]) -> dict[str, Any]:
    """Return what a ClientApp would: records, or an error's code and reason."""
    become(request["run_id"], request["node_id"])
    context = Context(
        request["run_id"], request["node_id"], request["node_config"], RecordDict(), request["run_config"]
    )
    message = Message(unpack(request["content"]), request["node_id"], request["kind"])
    try:
        reply = _execute(message, context, str(request.get("component", "")))
    except Exception as error:
        traceback.print_exc()
        sys.stderr.flush()
        reply = failed(message, f"{type(error).__name__}: {error}")
    if reply.has_error():
        return {"code": reply.error.code, "reason": reply.error.reason}
    return {"content": pack(reply.content)}


def _execute(message: Message, context: Context, component: str) -> Message:
    """Call the app's own ClientApp where it is named; Flower has called it already where it is not."""
    if component:
        return load_object(component)(message=message, context=context)
    if message.metadata.message_type == MessageType.QUERY:
        from qfl.federation.runtime.roll_call import answer

        return answer(message, context)
    from qfl.federation.client import train

    return train([message], [context])[0]


if __name__ == "__main__":
    train_here()
    serve(Path(sys.argv[1]), list(map(int, sys.argv[2:])))
