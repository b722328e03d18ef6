"""The command line, one file a command: ``qfl new run check runs deploy compare reproduce report export ...``.

A mistake of the user's is one sentence per fault on stderr and exit code 2; a run that failed, a message that was
refused, or an error that nobody foresaw is one sentence and exit code 1 (``QFL_TRACEBACK=1`` shows the way to it);
Ctrl-C is exit code 130, SIGTERM 143, SIGHUP 129. Nothing heavy is imported before it is needed.
"""

import sys
from collections.abc import Sequence

import qfl
from qfl.cli import (
    audit,
    backbone,
    bench,
    check,
    cite,
    compare,
    deploy,
    doctor,
    evaluate,
    export,
    keys,
    new,
    predict,
    report,
    reproduce,
    run,
    runs,
    unlearn,
)
from qfl.cli.border import answer, close_streams, complain, ending_signals, mute, open_streams
from qfl.api.checkout import here
from qfl.cli.parsing import Parser

COMMANDS = (
    new,
    run,
    check,
    runs,
    deploy,
    compare,
    reproduce,
    report,
    export,
    predict,
    evaluate,
    cite,
    audit,
    unlearn,
    backbone,
    doctor,
    keys,
    bench,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The words after ``qfl``; those of this process if None.

    Example:
        >>> main(["run", "--set", "rounds=3"])  # prints "qfl: give a run file, ..." to stderr
        2
    """
    open_streams()
    with ending_signals() as ending:
        try:
            code = _execute(arguments)
        except BrokenPipeError:  # whoever read our output has gone
            mute(sys.stdout)
            code = 141
        except Exception as error:
            code = answer(error)
        except KeyboardInterrupt:
            code = complain("stopped", 130)
        return ending.code(close_streams(code))


def _execute(arguments: Sequence[str] | None) -> int:
    options = _parser().parse_args(arguments)
    here()
    return options.execute(options)


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
