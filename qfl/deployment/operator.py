"""The server's SuperLink as its operator sees it: whether it answers, and Flower's commands against it."""

import json
import time
from contextlib import suppress
from pathlib import Path

from qfl.deployment.certificates import trusting
from qfl.deployment.credentials import log_in
from qfl.deployment.host import ServerHost
from qfl.deployment.pieces import environment
from qfl.errors import ConfigError
from qfl.federation.runtime.environment import open_here
from qfl.federation.runtime.superlink import SuperLink
from qfl.results import write_atomically

START_S = 300.0


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
