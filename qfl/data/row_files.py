"""The rows of a ``.csv`` or a ``.parquet`` file as texts under the names of their columns, whatever wrote them.

A value that a Parquet file leaves out is an empty text, as in a ``.csv``. Rows come with their place for messages:
``line 2`` is the first under the names of a ``.csv``, ``row 1`` the first of a Parquet file.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from qfl.errors import Damaged, DataError
from qfl.reading import plain_file

MOST_BYTES = 2**31
MOST_VALUES = 2**28  # of a Parquet file, which packs equal values into a few bytes
MOST_COLUMNS = 10_000
Rows = Iterator[tuple[str, list[str]]]


def read_rows(path: Path) -> tuple[list[str], Rows]:
    """Return the names of the columns, and every row with its place.

    Args:
        path: A ``.csv`` or a ``.parquet``.

    Raises:
        DataError: If it cannot be read, is larger than 2 GiB, or does not give each column a name of its own; from the
            rows, where one of them is damaged.
    """
    names, rows = _parquet(path) if path.suffix == ".parquet" else _csv(path)
    if not names or not all(names) or len(set(names)) < len(names):
        raise DataError(f"{path} begins with the names {', '.join(names)[:100]!r}; give each column one of its own")
    return names, rows


def _content(path: Path) -> bytes:
    with plain_file(path) as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Damaged(f"has more than {MOST_BYTES:,} bytes")
    return content


def _csv(path: Path) -> tuple[list[str], Rows]:
    try:
        text = _content(path).decode("utf-8-sig")
    except (Damaged, UnicodeDecodeError) as error:
        why = error if isinstance(error, Damaged) else f"is not UTF-8 at byte {error.start + 1}"
        raise DataError(f"{path} {why}; give a table in UTF-8") from None
    reader = csv.reader(text.splitlines(), strict=True)
    names = [name.strip() for name in next(reader, [])]
    return names, _csv_rows(path, reader, len(names))


def _csv_rows(path: Path, reader: Iterator[list[str]], count: int) -> Rows:
    try:
        for line, row in enumerate(reader, start=2):
            if row and len(row) != count:
                raise DataError(f"{path}, line {line} has {len(row)} values, expected {count}; correct the line")
            if row:
                yield f"line {line}", row
    except csv.Error as error:
        raise DataError(f"{path} is no table of comma-separated values ({error}); correct it") from None


def _parquet(path: Path) -> tuple[list[str], Rows]:
    try:
        import pyarrow  # type: ignore[import-not-found]
        import pyarrow.parquet  # type: ignore[import-not-found]
    except ImportError:
        raise DataError(
            f"{path} is read by the package pyarrow, which is not installed; python -m pip install "
            "'qfl-wireless[parquet]'"
        ) from None
    try:
        file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(_content(path)))
    except (Damaged, pyarrow.ArrowException, OSError) as error:
        raise _damaged(path, error) from None
    names, values = list(file.schema_arrow.names), file.metadata.num_rows * file.metadata.num_columns
    if len(names) > MOST_COLUMNS or values > MOST_VALUES:
        raise DataError(
            f"{path} has {len(names):,} columns and {values:,} values; give at most {MOST_COLUMNS:,} and "
            f"{MOST_VALUES:,}"
        )
    return [name.strip() for name in names], _parquet_rows(path, file)


def _parquet_rows(path: Path, file: Any) -> Rows:
    import pyarrow  # type: ignore[import-not-found]

    number = 0
    try:
        for batch in file.iter_batches(batch_size=2**14):
            columns = [column.to_pylist() for column in batch.columns]
            for row in zip(*columns, strict=True):
                number += 1
                yield f"row {number}", [_text(value) for value in row]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: Exception) -> DataError:
    said = " ".join(str(error).split())[:200]
    why = said if isinstance(error, Damaged) else f"is no sound Parquet file ({said})"
    return DataError(f"{path} {why}; write it anew, for instance with pandas' to_parquet")


def _text(value: Any) -> str:
    """Return a value as a ``.csv`` has it: nothing for None, 0 and 1 for truth values; numbers lose no digit."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)
