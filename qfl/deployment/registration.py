"""Which nodes the SuperLink lets in: the keys in ``nodes/``, less those of clients that the roster shuts out."""

import json
import os
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

from qfl.deployment.certificates import LINE_BYTES, line_of, node_key, read_node_key
from qfl.deployment.host import ServerHost
from qfl.deployment.operator import operator
from qfl.errors import ConfigError, Damaged, KeyFolderError
from qfl.federation.runtime.superlink import SuperLink
from qfl.reading import read_bytes, read_object, read_text
from qfl.results import write_atomically
from qfl.security import keystore

REVOKED, MOST_REVOKED_BYTES = "revoked.pub", 2**22


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
    return [client for client in sorted(revoked_in(folder)) if forget(folder, client)]


def revoked_in(folder: Path) -> set[int]:
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
