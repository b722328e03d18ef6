"""What runs on a host: one JSON file in the host's folder, written once and edited by whoever moves the folder."""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from qfl.errors import ConfigError, Damaged
from qfl.reading import read_object
from qfl.results import write_atomically

FILE = "host.json"
OWN, FLOWER = NODES = ("own", "flower")
USUAL = OWN  # where nothing is said


@dataclass(frozen=True)
class ServerHost:
    """The server's host.

    Args:
        clients: Clients that were enrolled when the deployment was made.
        address: Name or address under which the nodes reach the server.
        port: Port of the front, which the nodes reach.
        listen: Address that the front listens on.
        superlink_port: Port of the SuperLink, on the loopback interface.
        max_request_mb: The front takes no larger request, in 10^6 bytes.
    """

    clients: int
    address: str
    port: int
    listen: str
    superlink_port: int
    max_request_mb: float = 4.0
    role: ClassVar[str] = "server"


@dataclass(frozen=True)
class NodeHost:
    """One client's host.

    Args:
        client: Which client lives here.
        clients: Clients that were enrolled when the deployment was made.
        server: ``address:port`` of the server's front.
        runtime_port: Port, on the loopback interface, that the processes of Flower's SuperNode use.
        data: Folder of the client's data sets, relative to this folder or absolute.
        node: What carries its messages: ``own`` (`qfl.federation.worker.node`), or ``flower`` (Flower's SuperNode).
    """

    client: int
    clients: int
    server: str
    runtime_port: int
    data: str = "data"
    node: str = USUAL
    role: ClassVar[str] = "node"

    def __post_init__(self):
        if self.node not in NODES:
            raise ValueError(f"node: expected one of {', '.join(NODES)}, not {str(self.node)[:20]!r}")


Host = ServerHost | NodeHost


def write_host(folder: Path, host: Host) -> None:
    """Write a host's file."""
    text = json.dumps({"role": host.role, **asdict(host)}, indent=2)
    write_atomically(folder / FILE, text.encode() + b"\n")


def read_host(folder: Path) -> Host:
    """Return what a host's file says.

    Raises:
        ConfigError: If there is none, or it is damaged.
    """
    path = folder / FILE
    try:
        entries = read_object(path)
        kind = {"server": ServerHost, "node": NodeHost}[entries.pop("role")]
        return kind(**entries)
    except Damaged as error:
        raise ConfigError(
            f"{str(folder)!r} is no host's folder ({path} {error}); take it from the deployment that made it, or make "
            "one with `qfl deploy init`"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"{path} is damaged ({error!r}); take it from the deployment that made it") from None


def hosts_in(folder: str | Path) -> list[tuple[Path, Host]]:
    """Return the hosts of a folder, the server first: of a whole deployment, or the one whose folder it is.

    Raises:
        ConfigError: If there is none.
    """
    try:
        folder = Path(folder).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # links in a circle, a NUL
        raise ConfigError(f"{str(folder)!r} is no folder ({error}); give a deployment's, or one host's") from None
    if os.path.lexists(folder / FILE):
        return [(folder, read_host(folder))]
    places = [folder / "server", *sorted((folder / "nodes").glob("*"), key=lambda path: (len(path.name), path.name))]
    found = [(place, read_host(place)) for place in places if os.path.lexists(place / FILE)]
    if not found:
        raise ConfigError(f"{str(folder)!r} is no deployment and no host's folder; make one with `qfl deploy init DIR`")
    return found


def server_in(folder: str | Path) -> tuple[Path, ServerHost]:
    """Return the server's folder and what runs there.

    Raises:
        ConfigError: If the server is not in this folder.
    """
    for place, host in hosts_in(folder):
        if isinstance(host, ServerHost):
            return place, host
    raise ConfigError(f"{str(folder)!r} holds no server; give the deployment's folder, or its server/, on the server")
