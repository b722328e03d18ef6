"""The environment that keeps Flower and Ray offline and apart from other runs.

Without it ``flwr run`` installs the app's dependencies from the package index for every run (and fails without one),
reports usage, looks for updates, and shares one long-lived local SuperLink per user, which keeps the working directory
and the environment of whoever started it first.
"""

import os
import socket
import sysconfig
from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

OFFLINE = {
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}


def wait_passively() -> None:
    """Let idle torch threads sleep instead of spin, unless the user says otherwise; call it before ``import torch``.

    On cores that other programs use too, spinning threads wait for one another: a training step of 200 clients took ten
    times as long and four times the processor time, on two cores with six programs running.
    """
    for name, value in PASSIVE.items():
        os.environ.setdefault(name, value)


def go_offline() -> None:
    """Set the offline variables for this process; call it before the first ``import flwr``."""
    os.environ.update(OFFLINE)


def isolated(home: Path, port: int, legacy_port: int) -> dict[str, str]:
    """Return an environment for a ``flwr`` command with its own home and a local SuperLink of its own.

    This environment's own commands come first on the path: ``flwr run`` looks for ``flower-superlink`` there.

    Args:
        home: Folder that takes the place of ``~/.flwr``.
        port: The SuperLink's port.
        legacy_port: A second port that Flower reserves.
    """
    return at_home(home) | {
        "FLWR_LOCAL_SUPERLINK_HTTP_API_PORT": str(port),
        "FLWR_LOCAL_CONTROL_API_PORT": str(legacy_port),
    }


def at_home(home: Path) -> dict[str, str]:
    """Return this process's environment, offline, with Flower's home elsewhere and our own commands first on the path.

    Args:
        home: Folder that takes the place of ``~/.flwr``.
    """
    folders = _unique([sysconfig.get_path("scripts"), *os.environ.get("PATH", "").split(os.pathsep)])
    return PASSIVE | os.environ | OFFLINE | {"FLWR_HOME": str(home), "PATH": os.pathsep.join(folders)}


def credentials(address: str, token: str) -> str:
    """Return what ``credentials.yaml`` in Flower's home says for ``flwr`` to show a token to a SuperLink.

    Args:
        address: Of the SuperLink, as ``config.toml`` or ``flwr run`` name it.
        token: What `qfl.federation.guarded` asks operators for.
    """
    fields = {"authn-type": "oidc", "oidc-access-token": token, "oidc-refresh-token": token}
    lines = [(f"flower.account-auth.{address}.{name}", b64encode(value.encode())) for name, value in fields.items()]
    return "".join(f'"{name}": {value.decode()}\n' for name, value in lines)


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback interface that nobody listens on at the moment.

    Example:
        >>> len(set(free_ports(2)))
        2
    """
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _unique(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for part in parts if part))
