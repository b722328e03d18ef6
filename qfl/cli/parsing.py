"""How every command's options are declared: with examples, and with mistakes reported as one sentence.

What a word on the command line can be is said here once, for the options of every command: `word` and `whole`.
"""

import argparse
import re
from collections.abc import Callable
from typing import Any, NoReturn

from qfl.errors import ConfigError

Commands = Any  # argparse's type of "the place where commands are added" is private
MOST_DAYS = 36_500
MOST = 2**31 - 1  # of what is counted: clients, rounds, seeds, days
Execute = Callable[[argparse.Namespace], int]


class Parser(argparse.ArgumentParser):
    """An `argparse.ArgumentParser` that raises our error, and leaves examples laid out as they are written."""

    def __init__(self, **options: Any):
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False, **options)
        self.register("type", None, word)
        self.register("type", int, whole)

    def error(self, message: str) -> NoReturn:
        """Raise the mistake as a `ConfigError`, so that it is reported like any other."""
        raise ConfigError(f"{message}; see `{self.prog} --help`")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        if action.option_strings and arg_strings == ["--"]:  # argparse drops it, and the value is then an empty list
            self.error(f"argument {'/'.join(action.option_strings)}: expected a value, not '--'")
        return super()._get_values(action, arg_strings)


def word(text: str) -> str:
    """Return what an option is given: a name, a path, a setting.

    Raises:
        argparse.ArgumentTypeError: If it is empty, or holds what no name and no path can.
    """
    if not text.strip():
        raise argparse.ArgumentTypeError(f"expected a value, not the empty word {text!r}")
    if "\0" in text:
        raise argparse.ArgumentTypeError(f"{text!r} holds a NUL, which no name can")
    return text


def whole(text: str) -> int:
    """Return a whole number that counts something, 0 to 2^31 - 1.

    Raises:
        argparse.ArgumentTypeError: If it is none, or is written otherwise than in the digits 0 to 9.

    Example:
        >>> whole("12")
        12
    """
    if not re.fullmatch(r"[+-]?[0-9]+", text):
        raise argparse.ArgumentTypeError(f"invalid int value: {text!r}; expected a whole number, such as 3")
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > len(str(MOST)) or not 0 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number from 0 to {MOST}")
    return int(text)


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


def add_changes(parser: Parser, about: str = "change a setting (any number of times)") -> None:
    """Add ``--set KEY=VALUE``, whose words are then the option ``overrides``."""
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help=about)


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
