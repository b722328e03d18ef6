"""How every command's options are declared: with examples, and with mistakes reported as one sentence."""

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

from qfl.errors import ConfigError

Commands = Any  # argparse's type of "the place where commands are added" is private
MOST_DAYS = 36_500
Execute = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` that raises our error, and leaves examples laid out as they are written."""

    def __init__(self, **options: Any):
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise the mistake as a `ConfigError`, so that it is reported like any other."""
        raise ConfigError(f"{message}; see `{self.prog} --help`")


def add_command(commands: Commands, name: str, about: str, examples: str, execute: Execute | None = None) -> Parser:
    """Return the parser of a new command.

    Args:
        commands: What ``add_subparsers`` gave.
        name: The word the user types.
        about: One line; the first of the command's help.
        examples: Shown under "examples:", one command per line.
        execute: Called with the parsed options, returns the exit code; None where the command has commands of its own.
    """
    lines = "\n".join(f"  {line.strip()}" for line in examples.strip().splitlines())
    parser = commands.add_parser(
        name, help=about, description=f"{about[0].upper()}{about[1:]}.", epilog=f"examples:\n{lines}"
    )
    if execute:
        parser.set_defaults(execute=execute)
    return parser


def add_in_git(parser: Parser) -> None:
    """Add the option that lets keys be written where git would commit them."""
    parser.add_argument("--in-git", action="store_true", help="write keys even where git would commit them")


def check_days(days: int) -> None:
    """Return if keys can be valid for so many days.

    Raises:
        ConfigError: If a calendar does not reach as far, or the days are none.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ConfigError(f"--days {days}: expected 1 to {MOST_DAYS}")
