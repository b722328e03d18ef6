"""A local SuperLink for one run: a home and ports of its own, an empty working directory, and gone at the end.

``flwr run`` would start one by itself, but that one is shared by all of a user's runs, outlives them, and keeps the
working directory and environment of the first.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qfl.errors import ConfigError
from qfl.federation.runtime.environment import (
    child_environment,
    credentials,
    free_ports,
    isolated,
    open_here,
    short_folder,
)

START_S = 60.0
STOP_S = 10.0
COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class SuperLink:
    """A running SuperLink.

    Args:
        folder: Holds the Flower home, the log, and ``empty``, the working directory.
        environment: What a ``flwr`` command needs to find it.
    """

    folder: Path
    environment: dict[str, str]

    def command(self, *words: str) -> str:
        """Return what ``flwr`` with these words prints.

        Raises:
            ConfigError: If Flower refuses the command.
        """
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "encoding": "utf-8", "errors": "replace"}
        done = subprocess.run(["flwr", *words], cwd=self.folder / "empty", env=self.environment, **pipes)
        if done.returncode:
            raise ConfigError(f"Flower refused `flwr {words[0]}`: {(done.stdout + done.stderr).strip()[-800:]}")
        return done.stdout

    def answer(self, *words: str) -> dict[str, Any]:
        """Return what a ``flwr`` command answers in JSON.

        Raises:
            ConfigError: If Flower refuses the command, in so many words or in its answer with exit code 0, as while a
                SuperLink starts; or if it answers without JSON.
        """
        text = self.command(*words, "--format", "json")
        answer = json_object(text)
        if answer is None:
            raise ConfigError(f"`flwr {words[0]}` answered without JSON: {text.strip()[-800:]!r}")
        if not answer.get("success", True):
            raise ConfigError(f"Flower refused `flwr {words[0]}`: {str(answer.get('error-message', answer))[-800:]}")
        return answer


def json_object(text: str) -> dict[str, Any] | None:
    r"""Return the last JSON object that begins a line of a text, whatever stands around it; None without one.

    Example:
        >>> json_object('note: {braces}\n\x1b[1m{\x1b[0m"run-id": "7"}\nbye')
        {'run-id': '7'}
    """
    plain, found, at = COLOUR.sub("", text), None, 0
    while (place := plain.find("{", at)) >= 0:
        at = place + 1
        if plain[plain.rfind("\n", 0, place) + 1 : place].strip():
            continue
        with suppress(ValueError, RecursionError):
            value, at = json.JSONDecoder().raw_decode(plain, place)
            found = value if isinstance(value, dict) else found
    return found


@contextmanager
def local_superlink() -> Iterator[SuperLink]:
    """Start a SuperLink that simulates its nodes with Ray; stop it and all its processes at the end.

    Raises:
        ConfigError: If it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="qfl-flwr-", dir=short_folder()))  # mode 0700
    (folder / "empty").mkdir()
    port, legacy_port = free_ports(2)
    environment = isolated(folder / "home", port, legacy_port)
    with _termination_as_exit():
        process = _start(folder, environment, port, legacy_port)
        try:
            _wait_until_healthy(process, folder, port)
            yield SuperLink(folder, environment)
        finally:
            _stop(process)
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _termination_as_exit() -> Iterator[None]:
    """Let SIGTERM end this process by an exception, as Ctrl-C does, so that nothing of ours is left running."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python delivers signals to the main thread only
        return
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _start(folder: Path, environment: dict[str, str], port: int, legacy_port: int) -> subprocess.Popen:
    token, secret = folder / "token", folder / "secret"  # other accounts of this machine start nothing here
    for path in (token, secret):
        path.write_text(secrets.token_hex(32))
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "credentials.yaml").write_text(credentials(f"127.0.0.1:{port}", token.read_text()))
    command = [sys.executable, "-m", "qfl.federation.runtime.guarded", "local-superlink", str(token), "--insecure"]
    command += ["--simulation", "--isolation", "process", "--superexec-auth-secret-file", str(secret)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--control-api-address", f"127.0.0.1:{legacy_port}"]
    with open(folder / "superlink.log", "wb") as log:
        return subprocess.Popen(
            command, cwd=folder / "empty", env=environment, stdout=log, stderr=log, start_new_session=True
        )


def _wait_until_healthy(process: subprocess.Popen, folder: Path, port: int) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), open_here(f"http://127.0.0.1:{port}/health", 1.0) as response:
            if response.status == 200:
                return
        time.sleep(0.1)
    tail = (folder / "superlink.log").read_text(errors="replace")[-800:]
    raise ConfigError(f"Flower's SuperLink did not start within {START_S:.0f} s; its log ends with: {tail}")


def _stop(process: subprocess.Popen) -> None:
    family = [process.pid, *descendants(process.pid)]
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    for pid in family:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def descendants(pid: int) -> list[int]:
    """Return the ids of a process's children, their children and so on (Ray's among them), the oldest first."""
    words = ["ps", "-A", "-o", "pid=,ppid="]
    ps = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=child_environment())
    table = list(map(int, ps.communicate()[0].split()))
    pairs = [(child, parent) for child, parent in zip(table[::2], table[1::2], strict=True) if child != ps.pid]
    found, generation = [], [pid]
    while generation:
        generation = [child for child, parent in pairs if parent in generation]
        found += generation
    return found
