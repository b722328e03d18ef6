"""``qfl deploy up``, ``status`` and ``down``: a folder's hosts on this machine."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from qfl.deployment.create import bracketed
from qfl.deployment.host import ServerHost, hosts_in
from qfl.deployment.pieces import environment, pieces
from qfl.deployment.processes import Piece, pid_of, start, stop, wait_until_ready
from qfl.errors import ConfigError
from qfl.federation.superlink import SuperLink
from qfl.results import write_atomically

START_S = 120.0


def up(folder: str | Path, tell: Callable[[str], None] = lambda line: None) -> None:
    """Start what does not run yet of the folder's hosts: the server first, then the nodes.

    Args:
        folder: A deployment, or one host's folder.
        tell: Called with a line for every process.

    Raises:
        ConfigError: If a process does not come up, with the end of its log; what has been started stays up.
    """
    nodes: list[Piece] = []
    for place, host in hosts_in(folder):
        for piece in pieces(place, host):
            new = start(piece)
            nodes += [] if isinstance(host, ServerHost) else [piece]
            if isinstance(host, ServerHost):
                wait_until_ready(piece, START_S)
                tell(f"{piece.name} {'started' if new else 'runs already'}")
                if piece.name == "superlink":
                    register(place, host)
    for piece in nodes:
        wait_until_ready(piece, START_S)
        tell(f"{piece.name} is connected")


def register(folder: Path, host: ServerHost) -> None:
    """Register the nodes' keys with the SuperLink, each once."""
    superlink = operator(folder, host)
    record = folder / "home" / "registered.json"
    known: dict[str, str] = json.loads(record.read_text()) if record.is_file() else {}
    for path in sorted((folder / "nodes").glob("*.pub")):
        line = path.read_text()
        if known.get(path.stem) != line:
            superlink.command("supernode", "register", str(path), "--name", f"client-{path.stem}")
            known[path.stem] = line
            write_atomically(record, json.dumps(known).encode())


def operator(folder: Path, host: ServerHost) -> SuperLink:
    """Return what runs ``flwr`` commands against the server's SuperLink."""
    config = f"""[superlink]
default = "deployment"
[superlink.deployment]
address = "127.0.0.1:{host.superlink_port}"
root-certificates = {json.dumps(str(folder / "ca.crt"))}
"""
    write_atomically(folder / "home" / "config.toml", config.encode())
    (folder / "empty").mkdir(exist_ok=True)
    return SuperLink(folder, environment(folder))


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
    """Return the server's folder and host if all its processes run here.

    Raises:
        ConfigError: If one does not.
    """
    rows = [row for row in status(folder) if row["host"] == "server"]
    if absent := [row["name"] for row in rows if row["pid"] is None]:
        raise ConfigError(f"{', '.join(absent)} of {folder} does not run; start it with `qfl deploy up {folder}`")
    return next((place, host) for place, host in hosts_in(folder) if isinstance(host, ServerHost))
