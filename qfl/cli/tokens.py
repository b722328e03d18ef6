"""How a token gets into a command: by a file, the standard input or the environment; others can see a command line."""

import getpass
import os
import sys

from qfl.errors import ConfigError, Damaged
from qfl.reading import read_text

VARIABLE = "QFL_TOKEN"
LIMIT = 4096  # characters, or bytes of a file


def read_token(given: str | None, file: str | None, option: str) -> str:
    """Return a token.

    Args:
        given: What stands on the command line, or None; see `warn_if_given`.
        file: The file that holds it, ``-`` for the standard input, or None for the environment or a question.
        option: Name of the option on the command line; ``-file`` behind it names the file's.

    Raises:
        ConfigError: If there is none, or the file cannot be read.
    """
    if given is not None:
        return given
    if file is not None:
        return _from_file(file, option)
    if VARIABLE in os.environ:
        return os.environ[VARIABLE].strip()
    if sys.stdin is not None and sys.stdin.isatty():
        return getpass.getpass("token: ").strip()
    raise ConfigError(f"no token; give it in {option}-file FILE (- for the standard input) or in {VARIABLE}")


def warn_if_given(given: str | None, option: str) -> None:
    """Say that a token on a command line is no secret, once it has served."""
    if given is not None:
        what = f"every account of this machine can read {option} in the list of processes"
        print(f"qfl: {what}; give {option}-file FILE, or - for the standard input", file=sys.stderr)


def _from_file(file: str, option: str) -> str:
    try:
        if file == "-":
            return sys.stdin.read(LIMIT).strip()
        if not (token := read_text(file, LIMIT).strip()):
            raise Damaged("is empty")
        return token
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{option}-file -: the standard input cannot be read ({error}); give a file") from None
    except Damaged as error:
        raise ConfigError(
            f"{option}-file {file!r} is no file with a token: it {error}; give the one that holds it"
        ) from None
