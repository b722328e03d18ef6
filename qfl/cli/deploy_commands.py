"""What each command of ``qfl deploy`` does; they are declared in `qfl.cli.deploy`."""

import json
import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.parsing import check_days
from qfl.cli.run import execute
from qfl.errors import ConfigError
from qfl.printable import printable

if TYPE_CHECKING:
    from qfl.config import Settings
    from qfl.federation.runtime.progress import OnRound
    from qfl.results import RunFolder


def init(options: Namespace) -> int:
    """Make a deployment; print what to do on each host."""
    from qfl.deployment.control import describe, start_lines
    from qfl.deployment.create import Plan, create
    from qfl.deployment.joining import invite_all
    from qfl.security.keyfile import passphrase_given
    from qfl.security.outside_git import require_uncommitted

    folder = Path(options.folder)
    require_uncommitted(folder, allowed=options.in_git)
    check_days(options.days)
    plan = Plan(
        options.clients, options.host, options.port, options.algorithm, options.days, options.tokens, options.node
    )
    create(folder, plan, passphrase_given())
    tokens = invite_all(folder, plan.clients) if plan.tokens else {}
    if options.json:
        print(json.dumps(describe(folder) | {"tokens": tokens}))
        return 0
    if tokens:
        return _show_tokens(folder, tokens)
    print(f"{folder} holds a server and {plan.clients} clients, each with its own keys")
    print(f"here, all of them: qfl deploy up {folder}")
    print("\n".join(start_lines(folder)))
    print(f"keep {folder / 'authority'} to yourself: it signs rosters and certificates, and no host needs it")
    return 0


def _show_tokens(folder: Path, tokens: dict[int, str]) -> int:
    from qfl.security.membership import INVITATION_DAYS

    print(f"{folder} holds a server, and a folder without keys for each client; each token is good once, for")
    print(f"{INVITATION_DAYS} days. Copy each client's folder to its host, where `qfl deploy join` asks for the token:")
    for client, token in tokens.items():
        print(f"client {client}: {folder / 'nodes' / str(client)}, token {token}")
    print(f"admit each with `qfl deploy admit {folder} APPLICATION`; keep {folder / 'authority'} to yourself")
    return 0


def join(options: Namespace) -> int:
    """Make a client's keys and its application."""
    from qfl.cli.tokens import read_token, warn_if_given
    from qfl.deployment.joining import join as make
    from qfl.security.keyfile import passphrase_given
    from qfl.security.outside_git import require_uncommitted

    require_uncommitted(Path(options.folder), allowed=options.in_git)
    token = read_token(options.token, options.token_file, "--token")
    path = make(Path(options.folder), token, passphrase_given())
    warn_if_given(options.token, "--token")
    print(f"keys are in {options.folder}; send {path} to the authority (it holds no secret)")
    return 0


def invite(options: Namespace) -> int:
    """Print a new token for a client."""
    from qfl.deployment.joining import invite as make
    from qfl.security.membership import INVITATION_DAYS

    token = make(Path(options.folder), options.client)
    print(f"client {options.client} is invited once, for {INVITATION_DAYS} days; there, `qfl deploy join` asks for")
    print(token)
    return 0


def admit(options: Namespace) -> int:
    """Take an applicant in."""
    from qfl.deployment.joining import admit as take
    from qfl.security.keyfile import passphrase_given

    client, changed = take(Path(options.folder), Path(options.application), passphrase_given())
    print(f"client {client} is in the roster; changed, for the server and for the client:")
    print("\n".join(map(str, changed)))
    print("then, where the server runs: qfl deploy register (`up` does it by itself)")
    return 0


def up(options: Namespace) -> int:
    """Start what does not run yet."""
    from qfl.deployment.control import up as start

    start(options.folder, (lambda line: None) if options.json else print)
    return status(options) if options.json else 0


def status(options: Namespace) -> int:
    """Print one row per process; the exit code is 1 if one does not run."""
    from qfl.deployment.control import status as rows_of

    rows = rows_of(options.folder)
    print(json.dumps({"processes": rows}) if options.json else "\n".join(map(_line, rows)))
    return 0 if all(row["pid"] for row in rows) else 1


def down(options: Namespace) -> int:
    """Stop everything of this folder."""
    from qfl.deployment.control import down as stop

    names = stop(options.folder)
    print(json.dumps({"stopped": names}) if options.json else f"stopped: {', '.join(names) or 'nothing ran'}")
    return 0


def run(options: Namespace) -> int:
    """Train as the run file says; print accuracy, run folder and report."""

    def start(settings: "Settings", app: Path, on_round: "OnRound") -> "RunFolder":
        from qfl.deployment.run import run_deployed

        return run_deployed(options.folder, settings, app, on_round)

    if options.file is options.resume is options.example is None:
        raise ConfigError(f"give a run file after {options.folder}, or --resume RUN; see `qfl deploy run --help`")
    return execute(options, start, f"qfl deploy run {options.folder} --resume")


def publish(options: Namespace) -> int:
    """Copy the authority's roster, the server first."""
    from qfl.deployment.roster import publish as copy

    version, places = copy(Path(options.folder), options.client, print)
    print(f"roster version {version} is now with {', '.join(places)}; a run takes it up at its next round")
    return 0


def be_piece(options: Namespace) -> int:
    """Replace this process by one of a host's, with the command and the environment that `up` would give it."""
    from qfl.deployment.control import piece_of

    piece = piece_of(options.folder, options.name)
    os.chdir(piece.folder / "empty")
    os.execve(piece.command[0], list(piece.command), dict(piece.environment))


def register_nodes(options: Namespace) -> int:
    """Register every node's key; wait for the SuperLink first."""
    from qfl.deployment.host import server_in
    from qfl.deployment.operator import superlink_answers
    from qfl.deployment.registration import register

    place, host = server_in(options.folder)
    superlink_answers(place, host)
    names = register(place, host)
    print(json.dumps({"registered": names}) if options.json else f"registered: {', '.join(names) or 'all were'}")
    return 0


def _line(row: dict[str, Any]) -> str:
    state = f"runs (process {row['pid']})" if row["pid"] else "does not run"
    return printable(f"{row['host']:<12} {row['name']:<10} {state:<24} {row['log']}", 1000)
