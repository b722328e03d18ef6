"""Flower's own commands, with the doors closed that they leave open to whoever has an account on the same machine.

``python -m qfl.federation.runtime.guarded NAME ...``; everything after NAME is Flower's, but for the SuperLink's first
word:

* ``superlink TOKEN_FILE``: operators' requests (start a run, list, stop, register a node) need the token in that file.
  Flower's own plugin lets everybody in. ``flwr`` sends the token when it stands in its ``credentials.yaml``.
* ``local-superlink TOKEN_FILE``: the same for a SuperLink that simulates its nodes; it starts a SuperExec itself.
* ``superexec``: what it starts gets its token through a file that is open and has no name, not on a command line, where
  ``ps`` shows it to everybody.
* ``supernode``: starts such a SuperExec itself, once its own port is bound, because Flower's own (``--isolation
  subprocess``) hands tasks to whoever asks.

SuperLinks and SuperNodes are given ``--isolation process --superexec-auth-secret-file FILE``.

What SuperLink and SuperNode write (databases, apps, logs) is for their owner alone. Like `qfl.federation.adapter`, this
file depends on names that Flower does not promise to keep; ``tests/federation/runtime/test_guarded.py`` says which.
"""

import hmac
import importlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flwr.common.constant import ACCESS_TOKEN_KEY
from flwr.superlink.auth_plugin import NoOpControlAuthnPlugin

from qfl.errors import Damaged
from qfl.reading import read_text

PRIVATE = 0o077  # umask
MOST_TOKEN_BYTES = 4096


class TokenPlugin(NoOpControlAuthnPlugin):
    """Let in who shows the token.

    Args:
        token: What an operator's request carries as its bearer token.
    """

    def __init__(self, token: str):
        super().__init__()
        self._token = token.encode()

    def validate_tokens_in_metadata(self, metadata: Sequence[tuple[str, str | bytes]]) -> Any:
        """Return whether the request may pass, and Flower's one account if so."""
        shown = dict(metadata).get(ACCESS_TOKEN_KEY, "")
        if hmac.compare_digest(shown.encode() if isinstance(shown, str) else shown, self._token):
            return super().validate_tokens_in_metadata(metadata)
        return False, None


def superlink(token_file: str, *options: str) -> None:
    """Be ``flower-superlink``, with a token for operators."""
    os.umask(PRIVATE)
    _serve_with_token(token_file, options)


def local_superlink(token_file: str, *options: str) -> None:
    """Be a SuperLink for this host alone, with a token for operators and a SuperExec of its own.

    It leaves the umask as it is, for the ServerApp that it starts writes the run's results.
    """

    def start(lifespan: Any) -> None:
        lifespan.superexec_process = _start_superexec(f"{lifespan.config.host}:{lifespan.config.port}", None, options)

    _superlink_module().SuperLinkLifespan._start_superexec_if_needed = start
    _serve_with_token(token_file, options)


def superexec(*options: str) -> None:
    """Be ``flower-superexec``, with tokens in files."""
    executor: Any = importlib.import_module("flwr.supercore.superexec.executor.subprocess_executor")
    executor.subprocess = SimpleNamespace(Popen=started_with_token_file, DEVNULL=subprocess.DEVNULL)
    command: Any = importlib.import_module("flwr.supercore.cli.flower_superexec")
    sys.argv = ["flower-superexec", *options]
    command.flower_superexec()


def supernode(*options: str) -> None:
    """Be ``flower-supernode``, with a SuperExec that alone may take its tasks."""
    os.umask(PRIVATE)
    importlib.import_module("qfl.federation.adapter")  # it shortens waits of Flower's
    command: Any = importlib.import_module("flwr.supernode.cli.flower_supernode")
    connect = command.start_client_internal

    def start(*, runtime_api_address: str, runtime_root_certificates_path: str | None, **settings: Any) -> None:
        _start_superexec(runtime_api_address, runtime_root_certificates_path, options)
        connect(
            runtime_api_address=runtime_api_address,
            runtime_root_certificates_path=runtime_root_certificates_path,
            **settings,
        )

    command.start_client_internal = start
    sys.argv = ["flower-supernode", *options]
    command.flower_supernode()


def launcher(name: str) -> list[str]:
    """Return the words that start one of these commands; its options follow."""
    return [sys.executable, "-m", "qfl.federation.runtime.guarded", name]


def started_with_token_file(words: Sequence[str], **options: Any) -> subprocess.Popen:
    """Start a command of Flower's with ``--token-file`` in place of ``--token``; the file is gone when it ends."""
    place = words.index("--token")
    with tempfile.TemporaryFile() as file:  # no name, no other process: the child inherits it open
        file.write(words[place + 1].encode())
        file.flush()
        file.seek(0)
        hidden = ["--token-file", f"/dev/fd/{file.fileno()}"]
        command = [*words[:place], *hidden, *words[place + 2 :]]
        return subprocess.Popen(command, pass_fds=[file.fileno()], **options)


def _serve_with_token(token_file: str, options: Sequence[str]) -> None:
    plugin = TokenPlugin(_token_in(Path(token_file)))
    command = _superlink_module()
    command.load_control_authn_plugin = lambda: plugin
    sys.argv = ["flower-superlink", *options]
    command.flower_superlink()


def _start_superexec(address: str, ca: str | None, options: Sequence[str]) -> subprocess.Popen:
    """Start a SuperExec that ends with this process and shares the secret among this process's options."""
    words = ["--runtime-api-address", address, *(["--root-certificates", ca] if ca else ["--insecure"])]
    words += ["--superexec-auth-secret-file", options[options.index("--superexec-auth-secret-file") + 1]]
    return subprocess.Popen([*launcher("superexec"), *words, "--parent-pid", str(os.getpid())])


def _superlink_module() -> Any:
    return importlib.import_module("flwr.superlink.cli.flower_superlink")


def _token_in(path: Path) -> str:
    try:
        token = read_text(path, MOST_TOKEN_BYTES).strip()
    except Damaged as error:
        raise SystemExit(f"{path} {error}; delete it and start again: a new one is made") from None
    if not token:
        raise SystemExit(f"{path} holds no token; delete it and start again: a new one is made")
    return token


COMMANDS = {"superlink": superlink, "local-superlink": local_superlink, "superexec": superexec, "supernode": supernode}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
