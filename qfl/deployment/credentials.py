"""What a host's own processes know one another by, and nobody else on the same machine: made there, once, mode 0600.

::

    server/control.token     operators' requests to the SuperLink (`flwr`, `qfl deploy run`, `register`) show it
    server/tasks.secret      the SuperExec signs its questions for tasks with it
    nodes/0/tasks.secret     the same between Flower's SuperNode and its SuperExec
    nodes/0/runtime.*        TLS between those two: no other account can take the port's place while it is free

Our own node has no secret of the kind, since nothing of it listens.

Every command that starts something makes what is missing, so there is nothing to move between hosts.
"""

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from qfl.deployment.certificates import PEM_BYTES, issue, make_ca, read_certificate, read_private_key
from qfl.deployment.host import FLOWER, Host, ServerHost
from qfl.errors import ConfigError, Damaged
from qfl.federation.runtime.environment import credentials
from qfl.reading import read_text

CONTROL, TASKS = "control.token", "tasks.secret"
RUNTIME_CA, RUNTIME_CERTIFICATE, RUNTIME_KEY = "runtime-ca.crt", "runtime.crt", "runtime.key"
SECRET_BYTES = 32
DAYS = 3650


def keep_private(folder: Path, host: Host) -> None:
    """Make a host's folder its owner's alone, and the secrets of its processes where there are none yet.

    Flower's processes and TLS open these files and the host's own key and certificates by themselves; so they are read
    here once before.

    Raises:
        ConfigError: If the folder is somebody else's, a secret can be read by others, or a file is not what it is for.
    """
    try:
        folder.chmod(0o700)
    except PermissionError:
        raise ConfigError(f"{folder} belongs to somebody else; its owner starts and controls what runs there") from None
    read_certificate(folder / "ca.crt")
    if isinstance(host, ServerHost):
        _make_secrets(folder, TASKS, CONTROL)
        read_certificate(folder / "tls.crt")
        read_private_key(folder / "tls.key")
        return
    read_private_key(folder / "node.key", load_ssh_private_key)
    if host.node == FLOWER:
        _make_secrets(folder, TASKS)
        _make_secrets_of_its_port(folder)


def _make_secrets_of_its_port(folder: Path) -> None:
    if not (folder / RUNTIME_KEY).exists():
        _make_runtime_certificate(folder)
    read_token(folder / RUNTIME_KEY)
    for name in (RUNTIME_CA, RUNTIME_CERTIFICATE):
        read_certificate(folder / name)
    read_private_key(folder / RUNTIME_KEY)


def _make_secrets(folder: Path, *names: str) -> None:
    for name in names:
        _make_once(folder / name, secrets.token_hex(SECRET_BYTES).encode())
        read_token(folder / name)


def read_token(path: Path) -> str:
    """Return a secret that `keep_private` made.

    Raises:
        ConfigError: If it cannot be read, is empty, or can be read by others.
    """
    try:
        token = read_text(path, PEM_BYTES).strip()
        if not token:
            raise Damaged("is empty")
        if (mode := path.stat().st_mode & 0o777) & 0o077:
            raise Damaged(f"can be read by others (mode {mode:o})")
    except Damaged as error:
        raise ConfigError(f"{path} {error}; delete it, then `down` and `up` renew it") from None
    return token


def log_in(folder: Path, host: ServerHost) -> None:
    """Write the token where ``flwr`` looks for one, in the Flower home of the server's folder."""
    keep_private(folder, host)
    text = credentials(f"127.0.0.1:{host.superlink_port}", read_token(folder / CONTROL))
    (folder / "home").mkdir(mode=0o700, exist_ok=True)
    os.replace(_draft(folder / "home", text.encode()), folder / "home" / "credentials.yaml")


def _make_once(path: Path, content: bytes) -> None:
    """Write a file unless there is one: of two processes that start at once, one writes and both read the same."""
    if path.exists():
        return
    draft = _draft(path.parent, content)
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()


def _draft(folder: Path, content: bytes) -> Path:
    """Return a new file, mode 0600."""
    handle, name = tempfile.mkstemp(dir=folder, prefix=".draft.")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    return Path(name)


def _make_runtime_certificate(folder: Path) -> None:
    """Write a certificate for this host's loopback interface, and that of its authority, whose key nobody keeps."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".runtime.") as name:
        draft = Path(name)
        ca, key = draft / RUNTIME_CA, draft / "ca.key"
        make_ca(ca, key, DAYS)
        issue(ca, key, ["127.0.0.1", "localhost"], draft / RUNTIME_CERTIFICATE, draft / RUNTIME_KEY, DAYS)
        for file in (RUNTIME_CA, RUNTIME_CERTIFICATE, RUNTIME_KEY):  # the key last: it says that all are there
            os.replace(draft / file, folder / file)
