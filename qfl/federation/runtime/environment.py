"""The environment of every process that we start: the same whatever shell, notebook or service we run in.

What a child prints is read, and what it computes is compared, so nothing of the caller's taste reaches it: colours and
widths (``FORCE_COLOR``, which Jupyter sets, puts colour codes into JSON), warnings as errors, encodings, time zones,
proxies on the way to this very machine, leftovers of another Flower. Without what is set here ``flwr run`` installs the
app's dependencies from the package index for every run (and fails without one), reports usage, looks for updates, and
shares one long-lived local SuperLink per user, which keeps the working directory and the environment of whoever started
it first.
"""

import os
import socket
import ssl
import sysconfig
import tempfile
import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Mapping
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

OFFLINE = {
    "FLWR_DISABLE_RUNTIME_DEPENDENCY_INSTALLATION": "1",
    "FLWR_TELEMETRY_ENABLED": "0",
    "FLWR_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",  # what Ray will do from its next version on, and says so until then
}

PASSIVE = {"OMP_WAIT_POLICY": "PASSIVE"}  # as `import qfl` has it, unless the user says otherwise

PLAIN = {
    "NO_COLOR": "1",
    "TERM": "dumb",
    "COLUMNS": "200",
    "LC_ALL": "C.UTF-8",
    "PYTHONUTF8": "1",
    "PYTHONIOENCODING": "utf-8",
    "TZ": "UTC",
}
"""So that output can be read: no colours, no folding, one encoding, one language, one time zone."""

TASTE = frozenset(
    {
        *("FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "PY_COLORS", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"),
        *("LINES", "LANG", "LANGUAGE"),
        *("PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONSTARTUP", "PYTHONDEVMODE", "PYTHONVERBOSE"),
        *("PYTHONDEBUG", "PYTHONPROFILEIMPORTTIME", "PYTHONTRACEMALLOC", "PYTHONSAFEPATH", "PYTHONHOME"),
        *("RAY_ADDRESS", "RAY_TMPDIR", "TYPER_USE_RICH"),
    }
)
"""What is not passed on; so is everything that begins with ``FLWR_``, and every other ``LC_``."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
LONGEST_FOLDER = 24  # bytes; Ray puts UNIX sockets 70 bytes below, whose addresses end at 107


def go_offline() -> None:
    """Set the offline variables for this process; call it before the first ``import flwr``."""
    os.environ.update(OFFLINE)


def child_environment(own: Mapping[str, str] | None = None, direct: Iterable[str] = ()) -> dict[str, str]:
    """Return the environment for a process that we start and whose output we read.

    Args:
        own: What it needs besides, and has the last word.
        direct: Hosts that are reached without a proxy, as this machine is.

    Example:
        >>> found = child_environment({"FLWR_HOME": "/srv/home"}, ["192.0.2.7"])
        >>> found["NO_COLOR"], found["FLWR_HOME"], "192.0.2.7" in found["NO_PROXY"].split(",")
        ('1', '/srv/home', True)
    """
    kept = {key: value for key, value in os.environ.items() if _passed_on(key)}
    kept.setdefault("HOME", tempfile.gettempdir())  # a service may have none
    return PASSIVE | kept | _proxies(direct) | PLAIN | OFFLINE | dict(own or {})


def isolated(home: Path, port: int, legacy_port: int) -> dict[str, str]:
    """Return an environment for a ``flwr`` command with its own home and a local SuperLink of its own.

    This environment's own commands come first on the path: ``flwr run`` looks for ``flower-superlink`` there. Ray's
    files are beside the home, which `short_folder` keeps short enough for its sockets.

    Args:
        home: Folder that takes the place of ``~/.flwr``.
        port: The SuperLink's port.
        legacy_port: A second port that Flower reserves.
    """
    return at_home(home) | {
        "FLWR_LOCAL_SUPERLINK_HTTP_API_PORT": str(port),
        "FLWR_LOCAL_CONTROL_API_PORT": str(legacy_port),
        "RAY_TMPDIR": str(home.parent),
    }


def at_home(home: Path, direct: Iterable[str] = ()) -> dict[str, str]:
    """Return the environment of a child whose Flower has its home elsewhere and which finds our own commands first.

    Args:
        home: Folder that takes the place of ``~/.flwr``.
        direct: Hosts that are reached without a proxy, as this machine is.
    """
    folders = _unique([sysconfig.get_path("scripts"), *os.environ.get("PATH", os.defpath).split(os.pathsep)])
    return child_environment({"FLWR_HOME": str(home), "PATH": os.pathsep.join(folders)}, direct)


def short_folder() -> str:
    """Return a folder for temporary files whose path is short and plain enough for UNIX sockets below it.

    ``TMPDIR`` where that will do, else the first of the usual ones that can be written.
    """
    usual = tempfile.gettempdir()
    for folder in (usual, "/tmp", "/var/tmp", "/dev/shm"):
        plain = folder.isascii() and not any(map(str.isspace, folder)) and len(folder) <= LONGEST_FOLDER
        if plain and os.access(folder, os.W_OK | os.X_OK):
            return folder
    return usual


def open_here(address: str, timeout_s: float, context: ssl.SSLContext | None = None) -> HTTPResponse:
    """Return the response of an HTTP server of this machine or fleet, asked past every proxy.

    Args:
        address: A URL.
        timeout_s: Seconds to wait, above 0.
        context: Which certificates count, where the address begins with https; None takes the system's.

    Raises:
        OSError: If it does not answer so.
    """
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    handlers += [urllib.request.HTTPSHandler(context=context)] if context else []
    return urllib.request.build_opener(*handlers).open(address, timeout=timeout_s)


def credentials(address: str, token: str) -> str:
    """Return what ``credentials.yaml`` in Flower's home says for ``flwr`` to show a token to a SuperLink.

    Args:
        address: Of the SuperLink, as ``config.toml`` or ``flwr run`` name it.
        token: What `qfl.federation.runtime.guarded` asks operators for.
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


def _passed_on(key: str) -> bool:
    return key not in TASTE and not key.startswith(("FLWR_", "LC_")) and key.lower() not in PROXIES


def _proxies(direct: Iterable[str]) -> dict[str, str]:
    """Return the caller's proxies for what is far away, and what is reached without them.

    A proxy of another kind than HTTP is left out: Flower's client refuses to start where one is named, even if nothing
    would go through it.
    """
    found = {key: value for key, value in os.environ.items() if key.lower() in PROXIES and _is_http(value)}
    listed = ",".join(os.environ.get(key, "") for key in ("no_proxy", "NO_PROXY"))
    names = _unique([*(each.strip() for each in listed.split(",")), *LOOPBACK, *direct])
    past = "*" if "*" in names else ",".join(names)  # beside others, a star means nothing to some readers
    return found | {"no_proxy": past, "NO_PROXY": past}


def _is_http(proxy: str) -> bool:
    """Tell whether a proxy's address is one that Flower's client takes; one without a scheme is HTTP."""
    try:
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _unique(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for part in parts if part))
