"""``qfl backbone``: the control plane as a service, and what a controller says to it."""

from qfl.cli import backbone_commands, template_commands
from qfl.cli.parsing import Commands, Parser, add_command

URL = "http://127.0.0.1:8750"


def register(commands: Commands) -> None:
    """Add the command and its commands."""
    parser = add_command(
        commands,
        "backbone",
        "let a control plane decide when a quantum computer is asked",
        """
        qfl backbone pool pool.toml
        qfl backbone serve pool.toml --folder backbone
        qfl backbone submit job.json --folder backbone --wait
        qfl backbone status --folder backbone
        qfl backbone register backbone --templates templates --keys keys
        qfl backbone templates templates --signed-by keys
        """,
    )
    own = parser.add_subparsers(metavar="COMMAND", required=True)
    _register_serve(own)
    _register_calls(own)
    _register_templates(own)


def _register_serve(commands: Commands) -> None:
    pool = add_command(
        commands,
        "pool",
        "read a pool and show its backends",
        "qfl backbone pool pool.toml",
        backbone_commands.show_pool,
    )
    pool.add_argument("pool", metavar="POOL.toml", help="a table [[backend]] for each backend")
    pool.add_argument("--json", action="store_true", help="print the rows as JSON")
    serve = add_command(
        commands,
        "serve",
        "serve the control plane over HTTP, on loopback unless there is a certificate",
        """
        qfl backbone serve pool.toml --folder backbone
        curl -H "Authorization: Bearer $(cat backbone/token)" http://127.0.0.1:8750/health
        """,
        backbone_commands.serve,
    )
    serve.add_argument("pool", metavar="POOL.toml", help="a table [[backend]] for each backend")
    serve.add_argument("--folder", default="backbone", help="of the log and the token (default: %(default)s)")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen at (default: %(default)s)")
    serve.add_argument("--port", type=int, default=8750, help="port to listen at (default: %(default)s)")
    serve.add_argument("--certificate", help="PEM chain; needed where others can reach the address")
    serve.add_argument("--key", help="PEM file of the certificate's private key")
    serve.add_argument(
        "--templates", metavar="FOLDER", help="what `qfl backbone register` has learned; with --signed-by"
    )
    serve.add_argument("--signed-by", metavar="KEYS", help="the key folder whose server signed the templates")
    serve.add_argument("--suite", type=int, default=20, help="jobs of the calibration suite (default: %(default)s)")
    serve.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default: %(default)s)")


def _register_calls(commands: Commands) -> None:
    submit = add_command(
        commands,
        "submit",
        "send a job: a JSON file with name, application, request and deadline_s",
        """
        qfl backbone submit job.json --folder backbone
        qfl backbone submit job.json --folder backbone --wait
        """,
        backbone_commands.submit,
    )
    submit.add_argument("job", metavar="JOB.json", help="the job, as POST /jobs takes it")
    submit.add_argument("--wait", action="store_true", help="wait for the answer and print it")
    status = add_command(
        commands,
        "status",
        "show what came of a job, or the last decisions",
        """
        qfl backbone status --folder backbone
        qfl backbone status evening-peak --folder backbone
        """,
        backbone_commands.status,
    )
    status.add_argument("name", nargs="?", help="a job's; without it, the last decisions are shown")
    status.add_argument("--json", action="store_true", help="print JSON")
    for parser in (submit, status):
        _add_service(parser)


def _register_templates(commands: Commands) -> None:
    register = add_command(
        commands,
        "register",
        "learn templates from the jobs that a service has ended, or a checkpoint from a request; signed",
        """
        qfl keys new keys --clients 1
        qfl backbone register backbone --templates templates --keys keys
        qfl backbone register detect.json --name north --templates templates --keys keys
        """,
        template_commands.register_templates,
    )
    register.add_argument(
        "source", metavar="SOURCE", help="folder of a service that is stopped, or a JSON file for /detect or /predict"
    )
    register.add_argument("--name", help="of the checkpoint, where SOURCE is a file")
    register.add_argument("--templates", default="templates", help="folder of the registry (default: %(default)s)")
    register.add_argument("--keys", required=True, help="key folder whose server signs")
    register.add_argument("--json", action="store_true", help="print the rows as JSON")
    templates = add_command(
        commands,
        "templates",
        "list a registry's templates, each verified",
        """
        qfl backbone templates templates
        qfl backbone templates templates --signed-by keys --json
        """,
        template_commands.show_templates,
    )
    templates.add_argument("folder", metavar="FOLDER", help="of the registry")
    templates.add_argument("--signed-by", metavar="KEYS", help="refuse what the server of this key folder did not sign")
    templates.add_argument("--json", action="store_true", help="print the rows as JSON")


def _add_service(parser: Parser) -> None:
    parser.add_argument("--url", default=URL, help="of the service (default: %(default)s)")
    parser.add_argument("--folder", default="backbone", help="whose file `token` has the token (default: %(default)s)")
    parser.add_argument("--authority", help="PEM file of the certificate's authority, where the service has one")
