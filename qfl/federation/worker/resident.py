"""A deployed client's messages are handed to a trainer that stays.

Flower starts a new process for every message, which would import torch, load the data and compile the circuit each
time (3 s of processor time and more). So the first message starts a trainer, and the ClientApp only asks it over a UNIX
socket in the client's own folder. Our own node (`qfl.federation.worker.node`) does the same without a process for every
message. The trainer runs the run's source, is asked by this user alone, and ends with the node.
"""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from hashlib import sha256
from pathlib import Path
from typing import Any

from flwr.app import Context, Error, Message

import qfl
from qfl.federation.adapter import pack, unpack
from qfl.federation.runtime.context import HOME
from qfl.federation.runtime.environment import child_environment
from qfl.federation.runtime.unix_socket import socket_address
from qfl.federation.worker.protocol import BrokenFrame, receive_frame, send_frame
from qfl.shipped import running

START_S = 120.0
LOG_BYTES = 1_000_000
_started: list[subprocess.Popen] = []  # by this process: it must ask after them when they end
_trains_here: list[bool] = []


class TrainerEnded(Exception):
    """The trainer ended in the middle of a message."""


@dataclass(frozen=True)
class Stay:
    """What a process that stays from message to message says of an app, which is not its own code.

    Args:
        root: The app's folder.
        component: Its ClientApp, as ``module:name``, which the trainer calls.
    """

    root: Path
    component: str


def is_deployed(context: Context) -> bool:
    """Tell whether this client has a folder of its own, where a trainer listens that is not this process."""
    return HOME in context.node_config and not _trains_here


def train_here() -> None:
    """Let this process be a trainer: a ClientApp that is called in it does the work itself."""
    _trains_here.append(True)


def ask(message: Message, context: Context, stay: Stay | None = None) -> Message:
    """Return the trainer's reply to a message; start the trainer if none listens.

    Args:
        message: What the client is asked.
        context: Of the client.
        stay: What is to be run, if this process stays; None in a process that Flower started for the message, of the
            app's own code.

    Raises:
        RuntimeError: If it does not start; with the end of its log.
        TrainerEnded: If it died of the message, or was killed.
    """
    born, asked = 0.0 if stay else process_age_s(), time.monotonic()
    home = Path(str(context.node_config[HOME]))
    request = {
        "kind": message.metadata.message_type,
        "content": pack(message.content),
        "run_id": context.run_id,
        "node_id": context.node_id,
        "run_config": dict(context.run_config),
        "node_config": dict(context.node_config),
        "component": stay.component if stay else "",
    }
    with _connected(home, stay.root if stay else None) as trainer:
        connected = time.monotonic()
        found = _exchanged(trainer, request)
    spent = {"process_start": born, "connect": connected - asked, "ask": time.monotonic() - connected}
    _note(home, {"kind": request["kind"], **spent, **found.get("seconds", {})})
    if "content" in found:
        return Message(unpack(found["content"]), reply_to=message)
    return Message(Error(found["code"], found["reason"]), reply_to=message)


def _exchanged(trainer: socket.socket, request: dict[str, Any]) -> dict[str, Any]:
    try:
        send_frame(trainer, request)
        return receive_frame(trainer)
    except (BrokenFrame, ConnectionError) as error:
        raise TrainerEnded(f"the trainer ended in the middle of a message ({error}); its log says why") from None


def socket_path(home: Path, watched: int, root: Path | None = None) -> Path:
    """Return where the trainer listens: every source has its own, and so has every process that it ends with.

    Args:
        home: The client's folder.
        watched: Process id of the process that it ends with.
        root: The app's folder; None is that of this process.
    """
    source = (root or source_root()).as_posix().encode()
    return home / "state" / f"trainer-{sha256(source).hexdigest()[:8]}-{watched}.sock"


def source_root() -> Path:
    """Return the folder of the app: that of the bundle which Flower unpacked."""
    return running()


@contextmanager
def _connected(home: Path, root: Path | None) -> Iterator[socket.socket]:
    path = socket_path(home, os.getpid() if root else os.getppid(), root)
    with socket.socket(socket.AF_UNIX) as trainer:
        if not _connect(trainer, path):
            with open(home / "state" / "trainer.lock", "w") as lock:
                flock(lock, LOCK_EX)
                if not _connect(trainer, path):
                    _start(trainer, path, home, root)
        yield trainer


def _connect(trainer: socket.socket, path: Path) -> bool:
    with suppress(FileNotFoundError, ConnectionRefusedError), socket_address(path) as address:
        trainer.connect(address)
        return True
    return False


def _ends_with(root: Path | None) -> list[int]:
    """Return the processes that a trainer ends with: this one if it stays, else the SuperExec and its SuperNode.

    A SuperExec is to end with its SuperNode, too, but Flower's may miss that while it waits to try again.
    """
    return [os.getpid()] if root else [os.getppid(), parent_of(os.getppid())]


def _start(trainer: socket.socket, socket_file: Path, home: Path, root: Path | None) -> None:
    """Start a trainer of an app, or of this process's own, and connect to it."""
    (home / "logs").mkdir(exist_ok=True)
    (home / "empty").mkdir(exist_ok=True)
    path = home / "logs" / "trainer.log"
    words = [sys.executable, "-m", "qfl.federation.worker.trainer", str(socket_file), *map(str, _ends_with(root))]
    with open(path, "wb") as log:
        process = subprocess.Popen(
            words,
            cwd=home / "empty",
            env=child_environment({"PYTHONPATH": _search_path(root or source_root())} | _of_flower()),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    end = time.monotonic() + START_S
    while not _connect(trainer, socket_file):
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"the trainer did not start: {path.read_text(errors='replace')[-600:]}")
        time.sleep(0.02)
    if root:
        _started[:] = [each for each in (*_started, process) if each.poll() is None]
    else:
        process.returncode = 0  # it outlives this process on purpose


def _of_flower() -> dict[str, str]:
    """Return what `qfl.federation.runtime.environment` set for Flower when this client's SuperNode was started."""
    return {key: value for key, value in os.environ.items() if key.startswith("FLWR_")}


def _search_path(root: Path) -> str:
    library = Path(qfl.__file__).resolve().parent.parent  # the same where the bundle holds it
    given = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return os.pathsep.join([str(root), str(library), *given])


def parent_of(pid: int) -> int:
    """Return the id of a process's parent (Linux; the process itself elsewhere, and for one that is an orphan)."""
    try:
        parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return pid
    return parent if parent > 1 else pid


def process_age_s() -> float:
    """Return for how long this process has existed (Linux; 0 elsewhere)."""
    try:
        ticks = int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19])
        uptime_s = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0
    return uptime_s - ticks / os.sysconf("SC_CLK_TCK")


def _note(home: Path, row: dict[str, Any]) -> None:
    """Append what a message cost to a log of bounded size; `qfl bench deploy` reads it."""
    path = home / "logs" / "messages.jsonl"
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        os.replace(path, path.with_suffix(".jsonl.1"))
    with open(path, "a") as file:
        file.write(json.dumps(row) + "\n")
