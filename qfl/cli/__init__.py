"""The command line, one file a command: ``qfl run deploy compare reproduce report doctor keys bench``.

A mistake of the user's is one sentence per fault on stderr and exit code 2; a run that failed, or a message or key that
was refused, is one sentence and exit code 1; Ctrl-C is exit code 130. Nothing heavy is imported before it is needed.
"""

import os
import sys
from collections.abc import Sequence

import qfl
from qfl.cli import bench, compare, deploy, doctor, keys, report, reproduce, run
from qfl.cli.parsing import Parser
from qfl.errors import QflError, UserError
from qfl.printable import printable_lines

COMMANDS = (run, deploy, compare, reproduce, report, doctor, keys, bench)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The words after ``qfl``; those of this process if None.

    Example:
        >>> main(["run", "--set", "rounds=3"])  # prints "qfl: give a run file, ..." to stderr
        2
    """
    try:
        options = _parser().parse_args(arguments)
        return options.execute(options)
    except UserError as error:
        return _complain(error, 2)
    except QflError as error:
        return _complain(error, 1)
    except KeyboardInterrupt:
        return _complain("stopped", 130)
    except BrokenPipeError:
        # whoever read our output has gone; keep Python's exit from writing to the closed pipe once more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _parser() -> Parser:
    parser = Parser(
        prog="qfl",
        description=qfl.__doc__,
        epilog="`qfl COMMAND --help` shows the options of a command, with examples.",
    )
    parser.add_argument("--version", action="version", version=f"qfl {qfl.__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(commands)
    return parser


def _complain(fault: QflError | str, code: int) -> int:
    for line in printable_lines(fault) or [type(fault).__name__]:
        print(f"qfl: {line}", file=sys.stderr)
    return code
