"""``qfl deploy init``: make the folders of all hosts, each with its own keys and nothing of anybody else's."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from qfl.deployment.certificates import issue, make_ca, make_node_key, require_host
from qfl.deployment.host import NODES, USUAL, NodeHost, ServerHost, write_host
from qfl.errors import ConfigError
from qfl.federation.runtime.environment import free_ports
from qfl.security import keystore
from qfl.security.outside_git import keep_out
from qfl.writing import draft_of

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PORT = 9443
PUBLIC = ("authority.pub", "roster.cbor")


@dataclass(frozen=True)
class Plan:
    """What a deployment is to be.

    Args:
        clients: How many.
        address: Name or address under which the nodes reach the server.
        port: Port of the front; the SuperLink takes the next one, the nodes ``port + 10 + client``. 0 takes free ports.
        algorithm: Of the signatures.
        days: Until certificates and roster expire.
        tokens: Leave the clients' keys to their own hosts (`qfl.deployment.joining`).
        node: What carries a client's messages: ``own``, or ``flower`` for Flower's SuperNode.
    """

    clients: int
    address: str = "127.0.0.1"
    port: int = PORT
    algorithm: str = "ML-DSA-65"
    days: int = 365
    tokens: bool = False
    node: str = USUAL


def create(folder: Path, plan: Plan, passphrase: str | None = None) -> None:
    """Make a deployment in a new folder.

    Args:
        folder: Must not exist, or be empty.
        plan: What it is to be.
        passphrase: Seals every ML-DSA key.

    Raises:
        ConfigError: If the folder is not empty, or the plan cannot be.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(f"{str(folder)!r} is not empty; give a new folder")
    if not 1 <= plan.clients <= 1000:
        raise ConfigError(f"--clients {plan.clients}: expected 1 to 1000")
    if not (plan.port == 0 or 1024 <= plan.port <= 60_000):
        raise ConfigError(f"--port {plan.port}: expected 1024 to 60000, or 0 for any free one")
    if plan.node not in NODES:
        raise ConfigError(f"--node {plan.node}: expected {' or '.join(NODES)}")
    require_host(plan.address)
    with draft_of(folder) as draft:
        _fill(draft, plan, passphrase)


def _fill(folder: Path, plan: Plan, passphrase: str | None) -> None:
    front, superlink, *runtime = _ports(plan)
    authority, server = folder / "authority", folder / "server"
    keep_out(folder)
    authority.mkdir()
    make_ca(authority / "ca.crt", authority / "ca.key", plan.days)
    enrolled = 0 if plan.tokens else plan.clients
    keystore.new(authority / "keys", plan.algorithm, enrolled, passphrase=passphrase, days=plan.days)
    _server(server, authority, plan, front, superlink)
    for client in range(plan.clients):
        node = folder / "nodes" / str(client)
        host = NodeHost(client, plan.clients, f"{bracketed(plan.address)}:{front}", runtime[client], node=plan.node)
        _node(node, authority, host)
        if not plan.tokens:
            _give_keys(node, authority, host)
            shutil.copyfile(node / "node.pub", server / "nodes" / f"{client}.pub")


def _ports(plan: Plan) -> list[int]:
    if plan.port == 0:
        return free_ports(2 + plan.clients)
    return [plan.port, plan.port + 1, *(plan.port + 10 + client for client in range(plan.clients))]


def _server(folder: Path, authority: Path, plan: Plan, port: int, superlink_port: int) -> None:
    for name in ("keys", "nodes", "home", "empty"):
        (folder / name).mkdir(mode=0o700, parents=True)
    names = [plan.address, *LOOPBACK]
    issue(authority / "ca.crt", authority / "ca.key", names, folder / "tls.crt", folder / "tls.key", plan.days)
    shutil.copyfile(authority / "ca.crt", folder / "ca.crt")
    share_public(authority / "keys", folder / "keys")
    os.replace(authority / "keys" / "server.key", folder / "keys" / "server.key")
    listen = plan.address if plan.address in LOOPBACK else "0.0.0.0"
    keep_out(folder)  # it will be copied elsewhere, by itself
    write_host(folder, ServerHost(plan.clients, plan.address, port, listen, superlink_port))


def _node(folder: Path, authority: Path, host: NodeHost) -> None:
    for name in ("keys/clients", "home", "state", "data"):
        (folder / name).mkdir(mode=0o700, parents=True)
    shutil.copyfile(authority / "ca.crt", folder / "ca.crt")
    share_public(authority / "keys", folder / "keys")
    keep_out(folder)
    write_host(folder, host)


def _give_keys(folder: Path, authority: Path, host: NodeHost) -> None:
    make_node_key(folder / "node.key", folder / "node.pub")
    secret = f"clients/{host.client}.key"
    os.replace(authority / "keys" / secret, folder / "keys" / secret)


def share_public(source: Path, target: Path) -> None:
    """Copy what everybody may know: the authority's public key and its roster."""
    for name in PUBLIC:
        shutil.copyfile(source / name, target / name)


def bracketed(address: str) -> str:
    """Return an address as it stands before a colon and a port.

    Example:
        >>> bracketed("::1"), bracketed("192.0.2.7")
        ('[::1]', '192.0.2.7')
    """
    return f"[{address}]" if ":" in address else address
