"""The processes of a host: which commands, in which environment."""

import json
import sys
from pathlib import Path
from typing import Any

from qfl.deployment import front
from qfl.deployment.credentials import CONTROL, RUNTIME_CA, RUNTIME_CERTIFICATE, RUNTIME_KEY, TASKS
from qfl.deployment.host import OWN, Host, NodeHost, ServerHost
from qfl.deployment.processes import Piece
from qfl.federation.runtime.environment import at_home

POLL = {"FLWR_SUPEREXEC_TASK_POLL_INTERVAL": "0.2"}  # seconds; Flower's own 1 s would come on top of every message
NOT_LET_IN = "Failed to activate SuperNode"  # not registered, or believed to be connected still
SUPERLINK_READY, NODE_READY = "Uvicorn running on", "SuperNode ID:"


def pieces(folder: Path, host: Host) -> list[Piece]:
    """Return a host's processes in the order in which they are started."""
    if isinstance(host, ServerHost):
        return _server(folder, host)
    return [_own_node(folder, host) if host.node == OWN else _flowers_node(folder, host)]


def environment(folder: Path, *direct: str) -> dict[str, str]:
    """Return the environment of a host's processes and of ``flwr`` commands there.

    Args:
        folder: The host's.
        direct: Hosts of the fleet, which are reached without a proxy.
    """
    return at_home(folder / "home", direct) | POLL


def _server(folder: Path, host: ServerHost) -> list[Piece]:
    """Return SuperLink, SuperExec and front.

    The SuperExec is apart from the SuperLink (``--isolation process``), and all that the SuperLink knows is in its
    database: so it can be killed and started again while a run goes on. Neither answers other accounts of this machine.
    """
    address, ca = f"127.0.0.1:{host.superlink_port}", str(folder / "ca.crt")
    secret = ["--superexec-auth-secret-file", str(folder / TASKS)]
    superlink = [*_guarded("superlink"), str(folder / CONTROL), "--host", "127.0.0.1"]
    superlink += ["--port", str(host.superlink_port), *secret]
    superlink += ["--ssl-ca-certfile", ca, "--ssl-certfile", str(folder / "tls.crt")]
    superlink += ["--ssl-keyfile", str(folder / "tls.key"), "--enable-supernode-auth", "--isolation", "process"]
    superlink += ["--database", str(folder / "state.db"), "--disable-runtime-dependency-installation"]
    superexec = [*_guarded("superexec"), "--root-certificates", ca, "--runtime-api-address", address, *secret]
    own = environment(folder)
    return [
        Piece("superlink", folder, superlink, own, SUPERLINK_READY, ("127.0.0.1", host.superlink_port)),
        Piece("superexec", folder, superexec, own),
        Piece(
            "front",
            folder,
            [sys.executable, "-m", front.__name__, str(folder)],
            own,
            front.READY,
            (host.listen, host.port),
        ),
    ]


def _own_node(folder: Path, host: NodeHost) -> Piece:
    """Return our own node, which listens nowhere."""
    command = [sys.executable, "-m", "qfl.federation.worker.node", host.server, str(folder / "ca.crt")]
    command += [str(folder / "node.key"), json.dumps(_entries(folder, host))]
    return Piece(f"node-{host.client}", folder, command, environment(folder, _name(host.server)), NODE_READY)


def _flowers_node(folder: Path, host: NodeHost) -> Piece:
    command = [*_guarded("supernode"), "--superlink", host.server, "--root-certificates", str(folder / "ca.crt")]
    command += ["--auth-supernode-private-key", str(folder / "node.key"), "--node-config", node_config(folder, host)]
    command += ["--host", "127.0.0.1", "--port", str(host.runtime_port), "--ssl-ca-certfile", str(folder / RUNTIME_CA)]
    command += ["--ssl-certfile", str(folder / RUNTIME_CERTIFICATE), "--ssl-keyfile", str(folder / RUNTIME_KEY)]
    command += ["--isolation", "process", "--superexec-auth-secret-file", str(folder / TASKS)]
    own, listens = environment(folder, _name(host.server)), ("127.0.0.1", host.runtime_port)
    return Piece(f"node-{host.client}", folder, command, own, NODE_READY, listens)


def _name(address: str) -> str:
    """Return the host of an address with a port.

    Example:
        >>> _name("192.0.2.7:9443"), _name("[2001:db8::7]:9443")
        ('192.0.2.7', '2001:db8::7')
    """
    return address.rpartition(":")[0].strip("[]")


def node_config(folder: Path, host: NodeHost) -> str:
    """Return a client's node config in the words of ``flower-supernode``.

    Example:
        >>> node_config(Path("/srv/node"), NodeHost(3, 4, "192.0.2.7:9443", 9456))
        'partition-id=3 num-partitions=4 home="/srv/node" data-root="/srv/node/data"'
    """
    return " ".join(f"{name}={json.dumps(value)}" for name, value in _entries(folder, host).items())


def _entries(folder: Path, host: NodeHost) -> dict[str, Any]:
    """Return what a client finds in ``context.node_config``: which client it is, and where its own files are."""
    own = {"home": str(folder), "data-root": str(folder / host.data)}
    return {"partition-id": host.client, "num-partitions": host.clients, **own}


def _guarded(name: str) -> list[str]:
    return [sys.executable, "-m", "qfl.federation.runtime.guarded", name]
