"""``qfl deploy``: a federation whose clients are on hosts of their own, from making its keys to stopping it."""

import json
import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qfl.cli.parsing import Commands, Parser, add_command
from qfl.cli.run import add_run_options, execute
from qfl.errors import ConfigError

if TYPE_CHECKING:
    from qfl.config import Settings
    from qfl.federation.progress import OnRound
    from qfl.results import RunFolder

EXAMPLES = """
qfl deploy init fleet --clients 4                            on this machine, to try it
qfl deploy init fleet --clients 4 --host radio.example.org   clients reach the server under that name
qfl deploy up fleet                                          start what does not run yet
qfl deploy up fleet/nodes/3                                  on a host of its own: that host's part
qfl deploy status fleet --json
qfl deploy run fleet examples/edge_federation/edge_federation.toml
qfl deploy run fleet --resume runs/edge_federation-20261126-081500-1f3a
qfl deploy publish fleet --client 2                          hand the authority's roster to the server and client 2
qfl deploy exec fleet/nodes/3 node-3                         one process, in the foreground: for systemd or a container
qfl deploy register fleet/server                             there: tell the SuperLink which nodes there are
qfl deploy down fleet
"""


def register(commands: Commands) -> None:
    """Declare ``qfl deploy`` and its commands."""
    parser = add_command(commands, "deploy", "run a federation whose clients are on hosts of their own", EXAMPLES)
    parser.description = (
        f"{parser.description} Flower's SuperLink and SuperNodes carry it, over TLS; every message is ML-DSA signed. "
        "The environment variable QFL_PASSPHRASE seals and opens the signing keys."
    )
    inner = parser.add_subparsers(metavar="init|up|status|run|publish|exec|register|down", required=True)
    _register_init(add_command(inner, "init", "make folders, certificates and keys of all hosts", EXAMPLES, init))
    for name, about, execution in (
        ("up", "start the processes of a deployment, or of one host's folder, that do not run yet", up),
        ("status", "show which processes run", status),
        ("register", "tell a SuperLink that runs which nodes there are; `up` does it by itself", register_nodes),
        ("down", "stop the processes of a deployment, or of one host's folder", down),
    ):
        _with_folder(add_command(inner, name, about, EXAMPLES, execution))
    single = add_command(inner, "exec", "be one process of a host, in the foreground", EXAMPLES, be_piece)
    single.add_argument("folder", metavar="DIR", help="one host's folder")
    single.add_argument("name", metavar="NAME", help="superlink, superexec, front, or node-3")
    publishing = add_command(inner, "publish", "hand the authority's roster to the hosts here", EXAMPLES, publish)
    publishing.add_argument("folder", metavar="DIR", help="the deployment")
    publishing.add_argument(
        "--client", metavar="ID", type=int, action="append", help="to these clients only (default: all)"
    )
    running = add_command(inner, "run", "train on a deployment that is up", EXAMPLES, run)
    running.add_argument("folder", metavar="DIR", help="the deployment, or its server's folder")
    add_run_options(running)


def _register_init(parser: Parser) -> None:
    parser.add_argument("folder", metavar="DIR", help="a new folder")
    parser.add_argument("--clients", metavar="N", type=int, required=True, help="how many clients")
    parser.add_argument(
        "--host", metavar="ADDR", default="127.0.0.1", help="name or address of the server (default 127.0.0.1)"
    )
    parser.add_argument(
        "--port", metavar="P", type=int, default=9443, help="port the clients reach (default 9443; 0: any free ones)"
    )
    parser.add_argument("--algorithm", default="ML-DSA-65", help="signature algorithm (default ML-DSA-65)")
    parser.add_argument("--days", metavar="N", type=int, default=365, help="until keys expire (default 365)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _with_folder(parser: Parser) -> None:
    parser.add_argument("folder", metavar="DIR", help="the deployment, or one host's folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def init(options: Namespace) -> int:
    """Make a deployment; print what to do on each host."""
    from qfl.deployment.control import describe, start_lines
    from qfl.deployment.create import Plan, create
    from qfl.security.keyfile import passphrase_given

    folder = Path(options.folder)
    plan = Plan(options.clients, options.host, options.port, options.algorithm, options.days)
    create(folder, plan, passphrase_given())
    if options.json:
        print(json.dumps(describe(folder)))
        return 0
    print(f"{folder} holds a server and {plan.clients} clients, each with its own keys")
    print(f"here, all of them: qfl deploy up {folder}")
    print("\n".join(start_lines(folder)))
    print(f"keep {folder / 'authority'} to yourself: it signs rosters and certificates, and no host needs it")
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

    if options.file is None and options.resume is None:
        raise ConfigError(f"give a run file after {options.folder}, or --resume RUN; see `qfl deploy run --help`")
    return execute(options, start, f"qfl deploy run {options.folder} --resume")


def publish(options: Namespace) -> int:
    """Copy the authority's roster, the server first."""
    from qfl.deployment.roster import publish as copy

    version, places = copy(Path(options.folder), options.client)
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
    from qfl.deployment.control import register, superlink_answers
    from qfl.deployment.host import server_in

    place, host = server_in(options.folder)
    superlink_answers(place, host)
    names = register(place, host)
    print(json.dumps({"registered": names}) if options.json else f"registered: {', '.join(names) or 'all were'}")
    return 0


def _line(row: dict[str, Any]) -> str:
    state = f"runs (process {row['pid']})" if row["pid"] else "does not run"
    return f"{row['host']:<12} {row['name']:<10} {state:<24} {row['log']}"
