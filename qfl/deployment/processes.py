"""Processes that outlive the command that starts them: a log and a file with the id for each."""

import errno
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from qfl.errors import ConfigError, Damaged
from qfl.federation.runtime.environment import child_environment
from qfl.federation.runtime.superlink import descendants
from qfl.reading import plain_file, read_object

STOP_S = 15.0
MOST_PID = 2**31 - 1
MOST_LOG_BYTES = 2**18  # of the beginning and of the end
IN_USE = "address already in use"  # EADDRINUSE, in the words of every library
_children: dict[int, subprocess.Popen] = {}  # those that this process started: it must ask after them when they end


@dataclass(frozen=True)
class Piece:
    """One process of a deployment.

    Args:
        name: ``superlink``, ``superexec``, ``front``, or ``node-3``.
        folder: The folder of its host; logs and ids are below it.
        command: What to start.
        environment: Its whole environment.
        ready: A line of its log that holds this text says that it is up; empty if starting is enough.
        listens: Address and port on which it listens, if it does.
    """

    name: str
    folder: Path
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    ready: str = ""
    listens: tuple[str, int] | None = None

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.folder / "logs" / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        """Where its id is."""
        return self.folder / "pids" / f"{self.name}.json"


def require_free(piece: Piece, patience_s: float = 3.0) -> None:
    """Return if a piece runs, or nobody else listens where it is to listen.

    Args:
        piece: The piece; what a killed one left behind is ended first.
        patience_s: Seconds for a process that is ending to let go.

    Raises:
        ConfigError: If the port is in use, or the address is not this machine's.
    """
    if piece.listens is None or pid_of(piece):
        return
    _sweep(piece)
    (address, port), end = piece.listens, time.monotonic() + patience_s
    while fault := _binding_fault(address, port):
        if fault.errno != errno.EADDRINUSE or time.monotonic() > end:
            raise ConfigError(
                f"{piece.name} cannot listen on port {port} of {address} ({fault.strerror}); stop what listens there, "
                f"or give another port in {piece.folder / 'host.json'}"
            )
        time.sleep(0.1)


def _binding_fault(address: str, port: int) -> OSError | None:
    try:
        family, kind, _, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            probe.listen(1)
    except OSError as fault:
        return fault
    return None


def start(piece: Piece) -> bool:
    """Start a piece that does not run yet, in a session of its own; tell whether that was needed.

    Raises:
        ConfigError: If somebody else listens where it is to listen.
    """
    if pid_of(piece):
        return False
    _sweep(piece)
    require_free(piece)
    for path in (piece.log, piece.pid_file):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    (piece.folder / "empty").mkdir(exist_ok=True)
    if piece.log.exists():
        os.replace(piece.log, piece.log.with_suffix(".log.1"))
    with open(piece.log, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
        process = subprocess.Popen(
            piece.command,
            cwd=piece.folder / "empty",  # nothing lies there that Python could import by accident
            env=dict(piece.environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    _children[process.pid] = process
    piece.pid_file.write_text(json.dumps({"pid": process.pid, "started": started(process.pid)}))
    return True


def wait_until_ready(piece: Piece, limit_s: float) -> None:
    """Return when the piece's log says that it is up.

    Raises:
        ConfigError: If it ended, or did not say so in time; with the end of its log.
    """
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        log = log_of(piece)
        if piece.ready in log:
            return
        if not pid_of(piece):
            raise ConfigError(f"{piece.name} ended while starting; {piece.log} ends with: {tail(piece)}")
        if piece.listens and IN_USE in log.lower():
            raise ConfigError(
                f"{piece.name} found port {piece.listens[1]} in use; stop what listens there: {tail(piece)}"
            )
        time.sleep(0.1)
    raise ConfigError(f"{piece.name} was not up within {limit_s:.0f} s; {piece.log} ends with: {tail(piece)}")


def tail(piece: Piece) -> str:
    """Return the end of a piece's log, on one line."""
    return " / ".join(log_of(piece).split("\n")[-8:])[-600:].strip(" /")


def log_of(piece: Piece) -> str:
    """Return the beginning and the end of a piece's log, all of it unless it is very long.

    Raises:
        ConfigError: If it cannot be read.
    """
    try:
        with plain_file(piece.log) as file:
            begin = file.read(MOST_LOG_BYTES)
            file.seek(max(len(begin), os.fstat(file.fileno()).st_size - MOST_LOG_BYTES))
            return (begin + file.read(MOST_LOG_BYTES)).decode(errors="replace")
    except Damaged as error:
        raise ConfigError(f"the log {piece.log} {error}; delete it, then `down` and `up`") from None


def pid_of(piece: Piece) -> int | None:
    """Return the id of a piece's process, or None if it does not run (or its id is another process's by now)."""
    try:
        entries = read_object(piece.pid_file)
    except Damaged:
        return None
    pid, since = entries.get("pid"), entries.get("started")
    if type(pid) is not int or not 0 < pid <= MOST_PID or not isinstance(since, str):
        return None
    _reap(pid)
    return pid if since and started(pid) == since else None


def started(pid: int) -> str:
    """Return when a process was started (UTC, in the words of ``ps``); empty for one that is gone or a zombie."""
    words = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    found = subprocess.run(words, capture_output=True, text=True, env=child_environment()).stdout.strip()
    state, _, since = found.partition(" ")
    return "" if state.startswith("Z") else since.strip()


def stop(pieces: Sequence[Piece]) -> list[str]:
    """Ask pieces to end, then end what is left of them and all their processes; return the names of those that ran."""
    running = [(piece, pid) for piece in pieces if (pid := pid_of(piece))]
    families = {pid: [pid, *descendants(pid)] for _, pid in running}
    for _, pid in running:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_S
    while time.monotonic() < end and any(pid_of(piece) for piece, _ in running):
        time.sleep(0.1)
    for _, pid in running:
        _kill_session(pid, families[pid])
    for piece in pieces:
        _sweep(piece)
        piece.pid_file.unlink(missing_ok=True)
    return [piece.name for piece, _ in running]


def _sweep(piece: Piece) -> None:
    """Kill what a piece that was killed itself has left behind: the rest of the process group that it led."""
    with suppress(OSError, Damaged):
        leader = read_object(piece.pid_file).get("pid")
        if isinstance(leader, int) and 1 < leader <= MOST_PID and not started(leader):
            # its number is not given away again while the group is there
            os.killpg(leader, signal.SIGKILL)


def _kill_session(leader: int, family: Sequence[int]) -> None:
    """Kill what a piece left behind: its process group (it leads one), and descendants that left the group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)
    for pid in family:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    if child := _children.pop(leader, None):
        child.wait()


def _reap(pid: int) -> None:
    if (child := _children.get(pid)) and child.poll() is not None:
        del _children[pid]
