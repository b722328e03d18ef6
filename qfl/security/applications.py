"""What applicants hand in: a small JSON file of exactly the fields that are asked for, each of one type and bounded."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qfl.errors import Damaged, KeyFolderError
from qfl.reading import parse_json, read_bytes

LIMIT_BYTES = 64 * 1024  # the largest, a statement of two keys with liboqs' signatures, has 30 kB
MAX_NUMBER = 2**31 - 1  # of clients and of rounds
Field = Callable[[Any], Any]


def number(value: Any) -> int:
    """Return a count of clients or rounds.

    Raises:
        ValueError: If it is none.
    """
    if type(value) is not int or not 0 <= value <= MAX_NUMBER:
        raise ValueError(f"expected a whole number from 0 to {MAX_NUMBER}")
    return value


def blob(value: Any) -> bytes:
    """Return the bytes of lower-case hexadecimal digits.

    Raises:
        ValueError: If they are none.
    """
    content = bytes.fromhex(value) if isinstance(value, str) else b""
    if content.hex() != value:
        raise ValueError("expected hexadecimal digits")
    return content


def blobs(value: Any) -> tuple[bytes, ...]:
    """Return the bytes of two entries.

    Raises:
        ValueError: If there are not two.
    """
    match value:
        case [one, other]:
            return blob(one), blob(other)
        case _:
            raise ValueError("expected two entries")


def text(value: Any) -> str:
    """Return a string.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, str):
        raise ValueError("expected text")
    return value


def read_fields(
    path: Path, fields: Mapping[str, Field], kind: str, command: str, client: int | None = None
) -> dict[str, Any]:
    """Return the fields of a file that an applicant handed in.

    Args:
        path: The file.
        fields: What must be in it, and nothing else: each name with what checks and converts its value.
        kind: What the file is to be, for errors: ``application`` or ``statement``.
        command: The command that writes such files.
        client: Whose file it must be, as its field ``client`` says; anybody's if None.

    Raises:
        KeyFolderError: If it cannot be read, is anything else, or is another client's.
    """
    if not os.path.isfile(path):
        why = "it is no regular file" if os.path.exists(path) else "no file is found there"
        raise KeyFolderError(f"cannot read {kind} {str(path)!r} ({why}); give the client's file")
    try:
        found = _checked(parse_json(read_bytes(path, LIMIT_BYTES)), fields)
    except (Damaged, ValueError) as error:
        fault = str(error)[:120]
        raise KeyFolderError(f"{str(path)!r} is no {kind} ({fault}); give the file that `{command}` wrote") from None
    if client is not None and found["client"] != client:
        raise KeyFolderError(
            f"{path} is the {kind} of client {found['client']}, not of client {client}; check which is meant"
        )
    return found


def _checked(entries: Any, fields: Mapping[str, Field]) -> dict[str, Any]:
    match entries:
        case {**given} if set(given) == set(fields):
            pass
        case _:
            raise ValueError(f"expected exactly the fields {', '.join(fields)}")
    converted: dict[str, Any] = {}
    for name, convert in fields.items():
        try:
            converted[name] = convert(given[name])
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return converted
