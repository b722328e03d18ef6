"""``qfl deploy``: a federation whose clients are on hosts of their own, from making its keys to stopping it."""

from qfl.cli import deploy_commands as commands
from qfl.cli.parsing import Commands, Parser, add_command, add_in_git
from qfl.cli.run import add_run_options

EXAMPLES = """
qfl deploy init fleet --clients 4                            on this machine, to try it
qfl deploy init fleet --clients 4 --host radio.example.org   clients reach the server under that name
qfl deploy init fleet --clients 4 --tokens                   each client makes its own keys:
qfl deploy init fleet --clients 4 --node flower              Flower's SuperNodes carry messages: slower, one port each
qfl deploy join 3                                            ... on its host, in its folder; asks for the token
qfl deploy admit fleet 3/application                         ... and the authority admits it
qfl deploy invite fleet 3                                    another token: the first expired, or its keys are revoked
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


def register(group: Commands) -> None:
    """Declare ``qfl deploy`` and its commands."""
    parser = add_command(group, "deploy", "run a federation whose clients are on hosts of their own", EXAMPLES)
    parser.description = (
        f"{parser.description} Flower's SuperLink carries it, over TLS; every message is ML-DSA signed. "
        "The environment variable QFL_PASSPHRASE seals and opens the signing keys."
    )
    inner = parser.add_subparsers(
        metavar="init|join|admit|invite|up|status|run|publish|exec|register|down", required=True
    )
    _register_init(
        add_command(inner, "init", "make folders, certificates and keys of all hosts", EXAMPLES, commands.init)
    )
    joining = add_command(inner, "join", "make a client's keys on its own host", EXAMPLES, commands.join)
    joining.add_argument("folder", metavar="DIR", help="the client's folder")
    joining.add_argument(
        "--token-file", metavar="FILE", help="holds what init printed for this client; - reads the standard input"
    )
    joining.add_argument("--token", metavar="HEX", help="the token itself, which others then see in the process list")
    add_in_git(joining)
    admitting = add_command(inner, "admit", "take a client that has joined into the roster", EXAMPLES, commands.admit)
    admitting.add_argument("folder", metavar="DIR", help="the deployment, with its authority")
    admitting.add_argument("application", metavar="FILE", help="what join wrote")
    inviting = add_command(inner, "invite", "print a new token for a client", EXAMPLES, commands.invite)
    inviting.add_argument("folder", metavar="DIR", help="the deployment, with its authority")
    inviting.add_argument("client", metavar="CLIENT", type=int, help="partition id of the client")
    for name, about, execution in (
        ("up", "start the processes of a deployment, or of one host's folder, that do not run yet", commands.up),
        ("status", "show which processes run", commands.status),
        (
            "register",
            "tell a SuperLink that runs which nodes there are; `up` does it by itself",
            commands.register_nodes,
        ),
        ("down", "stop the processes of a deployment, or of one host's folder", commands.down),
    ):
        _with_folder(add_command(inner, name, about, EXAMPLES, execution))
    single = add_command(inner, "exec", "be one process of a host, in the foreground", EXAMPLES, commands.be_piece)
    single.add_argument("folder", metavar="DIR", help="one host's folder")
    single.add_argument("name", metavar="NAME", help="superlink, superexec, front, or node-3")
    publishing = add_command(
        inner, "publish", "hand the authority's roster to the hosts here", EXAMPLES, commands.publish
    )
    publishing.add_argument("folder", metavar="DIR", help="the deployment")
    publishing.add_argument(
        "--client", metavar="ID", type=int, action="append", help="to these clients only (default: all)"
    )
    running = add_command(inner, "run", "train on a deployment that is up", EXAMPLES, commands.run)
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
    parser.add_argument("--tokens", action="store_true", help="let every client make its keys on its own host")
    parser.add_argument(
        "--node", metavar="KIND", default="own", help="own, or flower for Flower's SuperNode (default own)"
    )
    add_in_git(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _with_folder(parser: Parser) -> None:
    parser.add_argument("folder", metavar="DIR", help="the deployment, or one host's folder")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
