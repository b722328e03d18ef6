"""``--serve``: the report in a browser of this machine, growing while the run goes on."""

import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from qfl.cli.parsing import Parser
from qfl.errors import ConfigError


def add_serve_options(parser: Parser) -> None:
    """Declare ``--serve`` and ``--port``."""
    parser.add_argument(
        "--serve", action="store_true", help="show the report in a browser of this machine while the run goes on"
    )
    parser.add_argument("--port", metavar="N", type=int, help="with --serve: the port (default: a free one)")


def check_serve_options(options: Namespace) -> None:
    """Return if the options go together.

    Raises:
        ConfigError: If a port is given for nothing.
    """
    if options.port is not None and not options.serve:
        raise ConfigError("--port is where --serve listens; give --serve, too, or leave it out")


@contextmanager
def served(options: Namespace, folder: Path) -> Iterator[None]:
    """Serve a run folder's report within the block, where ``--serve`` is given, and print its address."""
    if not options.serve:
        yield
        return
    from qfl.report.live import LiveServer

    server = LiveServer(folder, options.port or 0)
    try:
        with suppress(OSError):
            print(f"watch    {server.address}", file=sys.stderr, flush=True)
        yield
    finally:
        server.close()
