"""Read what is on a disk and may be damaged: one reader for every file, its limits checked before anything is built.

Every fault is one sentence that names the file and, in a table of rows, the line. A file must be a plain one: a pipe or
a device would block or never end. JSON is strict: UTF-8, no key twice, no NaN and no infinity, no number of more than
300 digits, no more than 64 levels. Arrays hold numbers alone, as many as the file has bytes for, so that a small file
cannot become a large array.

::

    read_bytes    a plain file of bounded size        read_text      the same as text
    parse_json    one JSON value          read_object    a file that is one JSON object
    read_rows     JSON Lines              read_arrays    NumPy's .npz
"""

import json
import os
import re
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from qfl.errors import Damaged

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_OBJECT_BYTES = 2**27  # of a file that is one JSON object
MOST_ROW_BYTES = 2**26
MOST_LEVELS = 64
MOST_DIGITS = 300  # what a float can hold; the state of a random generator has 39
MOST_ARRAYS = 10_000
KINDS = "biufcSU"  # of arrays: truth values, numbers, bytes, text
HALF_PAIRS = re.compile("[\ud800-\udc7f\udd00-\udfff]")  # what is left stands for a byte of a file name


def read_bytes(path: str | os.PathLike[str], most: int = MOST_OBJECT_BYTES) -> bytes:
    """Return the content of a plain file.

    Raises:
        Damaged: If it cannot be read, is no plain file, or is larger than ``most`` bytes.
    """
    with plain_file(path) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise Damaged(f"has more than {most:,} bytes")
    return content


def read_text(path: str | os.PathLike[str], most: int) -> str:
    """Return the text of a plain file.

    Raises:
        Damaged: As `read_bytes`, or if it is not UTF-8.
    """
    return _text(read_bytes(path, most))


@contextmanager
def plain_file(path: str | os.PathLike[str]) -> Iterator[BufferedReader]:
    """Open a plain file to read from it.

    Raises:
        Damaged: If it cannot be read, or is no plain file.
    """
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Damaged("is no plain file")
            yield file
    except OSError as error:
        raise Damaged(f"cannot be read ({error.strerror or error})") from None
    except (ValueError, UnicodeError):
        if "\0" not in os.fspath(path):
            raise
        raise Damaged("cannot be read (its name has a NUL)") from None


def parse_json(content: bytes | str, levels: int = MOST_LEVELS) -> Any:
    """Return one JSON value.

    Raises:
        Damaged: If it is no strict JSON, or beyond the limits.

    Example:
        >>> parse_json('{"a": [1, 2.5]}')
        {'a': [1, 2.5]}
        >>> parse_json('{"a": 1, "a": 2}')
        Traceback (most recent call last):
        qfl.errors.Damaged: has the key 'a' twice
    """
    try:
        text = content if isinstance(content, str) else _text(content)
        value = _DECODER.decode(text)
    except RecursionError:
        raise Damaged(f"has more than {levels} levels of JSON") from None
    except json.JSONDecodeError as error:
        raise Damaged(f"is no JSON ({error.msg} at character {error.pos + 1})") from None
    if text.count("[") + text.count("{") > levels:
        _check_levels(value, levels)
    if "\\u" in text and HALF_PAIRS.search(json.dumps(value, ensure_ascii=False)):
        raise Damaged("has half of a surrogate pair")
    return value


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises:
        Damaged: As `read_bytes` and `parse_json`, or if it is no object.
    """
    value = parse_json(read_bytes(path, MOST_OBJECT_BYTES))
    if not isinstance(value, dict):
        raise Damaged("holds no JSON object")
    return value


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield line number, from 1 on, and row of a JSON Lines file; nothing where there is no file.

    A last line without its end is what a kill leaves of a row: it is left out, unless it is whole.

    Raises:
        Damaged: With the line's number, if a line holds no JSON object.
    """
    if not os.path.lexists(path):
        return
    with plain_file(path) as file:
        for number, line in enumerate(iter(lambda: file.readline(MOST_ROW_BYTES), b""), start=1):
            try:
                yield number, _row(number, line)
            except Damaged:
                if line.endswith(b"\n") or len(line) == MOST_ROW_BYTES:
                    raise


def read_arrays(path: Path) -> dict[str, "NDArray[Any]"]:
    """Return the arrays of an ``.npz`` file that was written without compression and without pickles.

    Raises:
        Damaged: If it is no such file, or promises more than its bytes.
    """
    try:
        with plain_file(path) as file, ZipFile(file) as archive:
            members, size = archive.infolist(), os.fstat(file.fileno()).st_size
            names = [member.filename.removesuffix(".npy") for member in members]
            if len(set(names)) < len(names) or len(names) > MOST_ARRAYS:
                raise Damaged(f"has an array twice, or more than {MOST_ARRAYS:,}")
            if sum(member.file_size for member in members) > size:
                raise Damaged(f"holds arrays that would grow beyond the {size:,} bytes of the file")
            if any(member.compress_type != ZIP_STORED or member.flag_bits & 1 for member in members):
                raise Damaged("holds arrays that are compressed or encrypted")
            return {name: _array(name, archive.read(member)) for name, member in zip(names, members, strict=True)}
    except (BadZipFile, EOFError, ValueError, NotImplementedError, RuntimeError, IndexError, struct.error) as error:
        raise Damaged(f"is no archive of arrays ({error})") from None


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise Damaged(f"is not UTF-8 at byte {error.start + 1}") from None


def _row(number: int, line: bytes) -> dict[str, Any]:
    try:
        row = parse_json(line)
    except Damaged as error:
        raise Damaged(f"holds a row that {error}", number) from None
    if not isinstance(row, dict):
        raise Damaged("holds a row that is no JSON object", number)
    return row


def _array(name: str, content: bytes) -> "NDArray[Any]":
    import numpy as np

    stream = BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, by_columns, dtype = read(stream)
    except Exception as error:  # numpy evaluates the header as Python's literals, with whatever that raises
        raise Damaged(f"holds an array {name!r} without a header of numpy's ({type(error).__name__})") from None
    if dtype.hasobject or dtype.kind not in KINDS:
        raise Damaged(f"holds an array {name!r} of no numbers but {str(dtype)[:50]}")
    count = 1
    for extent in shape:
        count *= extent
    rest = content[stream.tell() :]
    if min(shape, default=0) < 0 or count * dtype.itemsize != len(rest):
        raise Damaged(
            f"holds an array {name!r} with {len(rest):,} bytes, not those of {str(dtype)[:50]} {str(shape)[:50]}"
        )
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if by_columns else "C").copy("K")


def _check_levels(value: Any, most: int) -> None:
    level, depth = [value], 1
    while level := [inner for node in level if isinstance(node, dict | list) for inner in _inner(node)]:
        depth += 1
        if depth > most:
            raise Damaged(f"has more than {most} levels of JSON")


def _inner(node: dict | list) -> Any:
    return node.values() if isinstance(node, dict) else node


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise Damaged(f"has the key {twice[:50]!r} twice")
    return found


def _whole(text: str) -> int:
    return int(_short(text))


def _float(text: str) -> float:
    value = float(_short(text))
    if value in (float("inf"), float("-inf")):
        raise Damaged(f"has the number {text[:20]}, which is beyond every float")
    return value


def _short(text: str) -> str:
    if len(text) > MOST_DIGITS:
        raise Damaged(f"has a number of {len(text):,} characters")
    return text


def _constant(text: str) -> float:
    raise Damaged(f"has {text}, which is no number of JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_int=_whole, parse_float=_float, parse_constant=_constant, strict=True
)
