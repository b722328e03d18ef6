"""``qfl deploy up``, ``status`` and ``down``: a folder's hosts on this machine."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qfl.deployment.create import bracketed
from qfl.deployment.credentials import keep_private
from qfl.deployment.host import Host, NodeHost, ServerHost, hosts_in, server_in
from qfl.deployment.locks import alone
from qfl.deployment.operator import START_S, superlink_answers
from qfl.deployment.pieces import NOT_LET_IN, pieces
from qfl.deployment.processes import Piece, log_of, pid_of, require_free, start, stop, wait_until_ready
from qfl.deployment.registration import register, revoked_in
from qfl.errors import ConfigError

REJOIN_S = 120.0


def up(folder: str | Path, tell: Callable[[str], None] = lambda line: None) -> None:
    """Start what does not run yet of the folder's hosts: the server first, then the nodes.

    Args:
        folder: A deployment, or one host's folder.
        tell: Called with a line for every process.

    Raises:
        ConfigError: If another `up` is at work, or somebody else has one of the ports: then nothing is started. If a
            process does not come up, with the end of its log; what has been started stays up.
    """
    with ExitStack() as locks:
        for place, host in hosts_in(folder):
            locks.enter_context(alone(place))
            for piece in pieces(place, host):
                require_free(piece)
        _up(hosts_in(folder), tell)


def _up(hosts: Sequence[tuple[Path, Host]], tell: Callable[[str], None]) -> None:
    nodes: list[Piece] = []
    for place, host in hosts:
        if isinstance(host, NodeHost) and not (place / "node.key").exists():
            raise ConfigError(f"client {host.client} has no keys yet; run `qfl deploy join {place}` first")
        keep_private(place, host)
        if isinstance(host, NodeHost) and host.client in revoked_in(place):
            tell(f"node-{host.client} is not started: its client's keys are revoked")
            continue
        for piece in pieces(place, host):
            new = start(piece)
            nodes += [] if isinstance(host, ServerHost) else [piece]
            if isinstance(host, ServerHost):
                wait_until_ready(piece, START_S)
                tell(f"{piece.name} {'started' if new else 'runs already'}")
                if piece.name == "superlink":
                    _register_all(place, host, tell)
    for piece in nodes:
        _connect(piece, tell)


def _register_all(place: Path, host: ServerHost, tell: Callable[[str], None]) -> None:
    try:
        register(place, host)
    except ConfigError as fault:  # one bad key keeps nobody else out
        tell(str(fault))


def _connect(piece: Piece, tell: Callable[[str], None]) -> None:
    """Wait until a node is connected; one that was killed is only let in again when Flower has missed its heartbeat."""
    end = time.monotonic() + REJOIN_S
    while True:
        try:
            wait_until_ready(piece, START_S)
            return tell(f"{piece.name} is connected")
        except ConfigError:
            if NOT_LET_IN not in log_of(piece) or time.monotonic() > end:
                raise
        tell(f"{piece.name} is not let in yet; tried again for up to {REJOIN_S:.0f} s")
        time.sleep(5.0)
        start(piece)


def piece_of(folder: str | Path, name: str) -> Piece:
    """Return one of a host's processes by its name; its working directory and its secrets exist.

    Raises:
        ConfigError: If the host has none of that name.
    """
    found = {piece.name: (piece, host) for place, host in hosts_in(folder) for piece in pieces(place, host)}
    if name not in found:
        raise ConfigError(f"{str(folder)!r} has no process {name!r}; it has {', '.join(found)}")
    piece, host = found[name]
    keep_private(piece.folder, host)
    (piece.folder / "empty").mkdir(exist_ok=True)
    return piece


def status(folder: str | Path) -> list[dict[str, Any]]:
    """Return one row per process: its host, name, id (None if it does not run) and log."""
    rows = []
    for place, host in hosts_in(folder):
        for piece in pieces(place, host):
            rows.append({"host": place.name if host.role == "server" else f"nodes/{place.name}", "name": piece.name})
            rows[-1] |= {"pid": pid_of(piece), "log": str(piece.log)}
    return rows


def down(folder: str | Path) -> list[str]:
    """Stop the folder's processes, nodes first, and return their names."""
    found = [piece for place, host in hosts_in(folder) for piece in pieces(place, host)]
    return stop(found[::-1])


def start_lines(folder: Path) -> list[str]:
    """Return what to do on each host, one line per host."""
    lines = []
    for place, host in hosts_in(folder):
        if isinstance(host, ServerHost):
            lines.append(f"{bracketed(host.address)}: copy {place} there, then `qfl deploy up server`")
        else:
            lines.append(f"client {host.client}: copy {place} there, then `qfl deploy up {place.name}`")
    return lines


def describe(folder: str | Path) -> dict[str, Any]:
    """Return the hosts of a folder and what is on them, ready for JSON."""
    return {"hosts": [{"folder": str(place), "role": host.role, **asdict(host)} for place, host in hosts_in(folder)]}


def require_up(folder: str | Path) -> tuple[Path, ServerHost]:
    """Return the server's folder and host if its SuperLink answers, whoever started it.

    Raises:
        ConfigError: If it does not.
    """
    place, host = server_in(folder)
    superlink_answers(place, host, limit_s=10.0)
    return place, host
