"""``qfl deploy up``, ``status`` and ``down``: a folder's hosts on this machine."""

import json
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from qfl.deployment.certificates import LINE_BYTES, line_of, node_key, read_node_key, trusting
from qfl.deployment.create import bracketed
from qfl.deployment.credentials import keep_private, log_in
from qfl.deployment.host import Host, NodeHost, ServerHost, hosts_in, server_in
from qfl.deployment.locks import alone
from qfl.deployment.pieces import NOT_LET_IN, environment, pieces
from qfl.deployment.processes import Piece, log_of, pid_of, require_free, start, stop, wait_until_ready
from qfl.errors import ConfigError, Damaged, KeyFolderError
from qfl.federation.runtime.environment import open_here
from qfl.federation.runtime.superlink import SuperLink
from qfl.reading import read_bytes, read_object, read_text
from qfl.results import write_atomically
from qfl.security import keystore

START_S, REJOIN_S = 300.0, 120.0
REVOKED, MOST_REVOKED_BYTES = "revoked.pub", 2**22


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
        if isinstance(host, NodeHost) and host.client in _revoked_in(place):
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


def register(folder: Path, host: ServerHost) -> list[str]:
    """Let the SuperLink know the keys in ``nodes/`` and no others; return the clients that are new.

    Whom the server's roster shuts out of every round is removed from ``nodes/`` first.

    Raises:
        ConfigError: If Flower refuses some of them; all others are registered.
    """
    shut_out(folder)
    superlink = operator(folder, host)
    record = folder / "home" / "registered.json"
    known = _registered(record)
    wanted, faults = _lines_in(folder / "nodes")
    for client in [client for client, entry in known.items() if entry["key"] != wanted.get(client)]:
        _unregister(superlink, known.pop(client).get("node"))
        write_atomically(record, json.dumps(known).encode())
    new = [client for client in wanted if client not in known]
    for client in new:
        try:
            known[client] = {"key": wanted[client], "node": _register(superlink, folder / "nodes" / f"{client}.pub")}
            write_atomically(record, json.dumps(known).encode())
        except ConfigError as fault:
            faults.append(f"{folder / 'nodes' / client}.pub is not registered: {fault}")
    if faults:
        raise ConfigError("; ".join(faults) + "; the others are")
    return new


def _lines_in(nodes: Path) -> tuple[dict[str, str], list[str]]:
    """Return the key of each client's node as its file holds it, and what is wrong with files that cannot be read."""
    found, faults = {}, []
    for path in sorted(nodes.glob("*.pub")):
        try:
            if not (line := read_text(path, LINE_BYTES)):
                raise Damaged("is empty")
            found[path.stem] = line
        except Damaged as error:
            faults.append(f"{path} is not registered: it {error}")
    return found, faults


def shut_out(folder: Path) -> list[int]:
    """Remove the node keys of clients whose every key is revoked from the first round on; return those clients.

    Args:
        folder: The server's, with its roster.
    """
    return [client for client in sorted(_revoked_in(folder)) if forget(folder, client)]


def _revoked_in(folder: Path) -> set[int]:
    """Return the clients of a host's roster of whose keys none counts in any round."""
    with suppress(KeyFolderError):  # a roster that is refused shuts out nobody here; no run starts with it
        rows = keystore.load_roster(folder / "keys").rows
        return {row.client for row in rows} - {row.client for row in rows if row.counts}
    return set()


def forget(folder: Path, client: int) -> bool:
    """Take a node's key away from the front, and note that it is not to come back; tell whether there was one.

    Args:
        folder: The server's.
        client: Whose node it is.
    """
    path = folder / "nodes" / f"{client}.pub"
    if not path.is_file():
        return False
    with suppress(Damaged, ValueError):  # what the front skips needs no note
        keys = [*revoked_node_keys(folder), read_node_key(path)]
        write_atomically(folder / REVOKED, b"".join(map(line_of, keys)))
    path.unlink()
    return True


def revoked_node_keys(folder: Path) -> list[ec.EllipticCurvePublicKey]:
    """Return the node keys that were shut out; Flower never registers one of them again.

    Raises:
        ConfigError: If the file, of one key per line, is damaged.
    """
    path = folder / REVOKED
    if not os.path.lexists(path):
        return []
    try:
        if not (lines := read_bytes(path, MOST_REVOKED_BYTES).splitlines(keepends=True)):
            raise Damaged("is empty")
        return list(map(node_key, lines))
    except (Damaged, ValueError) as error:
        raise ConfigError(f"{path}, the node keys that were shut out, is damaged ({error}); put it back") from None


def _registered(record: Path) -> dict[str, dict[str, str]]:
    """Return key and Flower's number of each client's node; deployments made before noted no numbers.

    Raises:
        ConfigError: If the file is damaged.
    """
    if not os.path.lexists(record):
        return {}
    try:
        entries = read_object(record)
        known = {client: {"key": entry} if isinstance(entry, str) else entry for client, entry in entries.items()}
        if not all(isinstance(entry, dict) and isinstance(entry.get("key"), str) for entry in known.values()):
            raise Damaged("does not say which key each client's node has")
    except Damaged as error:
        raise ConfigError(
            f"{record} {error}; put it back, or delete it: every node is then registered once more"
        ) from None
    return known


def _register(superlink: SuperLink, path: Path) -> str:
    return str(superlink.answer("supernode", "register", str(path), "--name", f"client-{path.stem}")["node-id"])


def _unregister(superlink: SuperLink, node: str | None) -> None:
    """Let the SuperLink forget a node that it knows; its key is never registered again."""
    nodes = superlink.answer("supernode", "list")["nodes"]
    if node in [entry["node-id"] for entry in nodes if entry["status"] != "unregistered"]:
        superlink.command("supernode", "unregister", str(node))


def superlink_answers(folder: Path, host: ServerHost, limit_s: float = START_S) -> None:
    """Wait until the SuperLink answers.

    Args:
        folder: The deployment's folder, with its certificate authority.
        host: The server's host.
        limit_s: How long to wait, in seconds.

    Raises:
        ConfigError: If it does not.
    """
    trust, end = trusting(folder / "ca.crt"), time.monotonic() + limit_s
    while time.monotonic() < end:
        with suppress(OSError), open_here(f"https://127.0.0.1:{host.superlink_port}/health", 2.0, trust):
            return
        time.sleep(0.2)
    raise ConfigError(f"no SuperLink answers on port {host.superlink_port}; start it with `qfl deploy up {folder}`")


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


def operator(folder: Path, host: ServerHost) -> SuperLink:
    """Return what runs ``flwr`` commands against the server's SuperLink."""
    config = f"""[superlink]
default = "deployment"
[superlink.deployment]
address = "127.0.0.1:{host.superlink_port}"
root-certificates = {json.dumps(str(folder / "ca.crt"))}
"""
    log_in(folder, host)
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
    """Return the server's folder and host if its SuperLink answers, whoever started it.

    Raises:
        ConfigError: If it does not.
    """
    place, host = server_in(folder)
    superlink_answers(place, host, limit_s=10.0)
    return place, host
