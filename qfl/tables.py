"""Tables of a run folder whose rows are computed with: each row is looked at where it is read, and named if it is none.

A table is declared once, by what its columns hold; who computes with its rows need not doubt them any more.

::

    number, count, positive, whole, text, flag    what one value can be
    or_null, list_of, table_of                    made of the others
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from qfl.errors import Damaged
from qfl.results import Row, RunFolder

Check = Callable[[Any], bool]
LARGEST = 1e100  # no measured number lies beyond; sums, squares and ratios of such stay finite


@dataclass(frozen=True)
class Table:
    """What the rows of a table are.

    Args:
        name: The file's, without its ending.
        key: Columns by which a row is known; no two rows have all of them alike.
        columns: What each column that is needed holds.
        measured: Further columns, needed in rows whose ``value`` is not null.
        others: What all other columns hold.
    """

    name: str
    key: tuple[str, ...]
    columns: Mapping[str, Check]
    measured: Mapping[str, Check] = field(default_factory=dict)
    others: Check = lambda value: True


def read_table(folder: RunFolder, table: Table) -> list[Row]:
    """Return the rows of a table, each of them as it was declared and none twice.

    Raises:
        RunFolderError: With file and line of the first that is not.
    """
    found: dict[tuple[Any, ...], Row] = {}
    for line, row in folder.numbered_rows(table.name):
        key = tuple(map(row.get, table.key))
        if fault := row_fault(row, table) or ("what an earlier row holds" if key in found else ""):
            raise folder.damaged(f"{table.name}.jsonl", Damaged(f"has a row with {fault}", line))
        found[key] = row
    return list(found.values())


def row_fault(row: Row, table: Table) -> str:
    """Return what is wrong with a row, nothing if it is as it was declared.

    Example:
        >>> table = Table("rates", ("seed",), {"seed": whole, "rate": or_null(number)})
        >>> row_fault({"seed": 1, "rate": None}, table), row_fault({"seed": 1, "rate": "2"}, table)
        ('', "another 'rate' than there can be")
    """
    wanted = dict(table.columns) | (dict(table.measured) if row.get("value") is not None else {})
    for name, check in wanted.items():
        if name not in row:
            return f"no {name!r}"
        if not check(row[name]):
            return f"another {name!r} than there can be"
    odd = [name for name, value in row.items() if name not in wanted and not table.others(value)]
    return f"another {odd[0][:50]!r} than there can be" if odd else ""


def number(value: Any) -> bool:
    """Return whether a value is a finite number that can have been measured."""
    return type(value) in (int, float) and math.isfinite(value) and abs(value) <= LARGEST


def count(value: Any) -> bool:
    """Return whether a value is a number of at least 0."""
    return number(value) and value >= 0


def positive(value: Any) -> bool:
    """Return whether a value is a number above 0."""
    return number(value) and value > 0


def whole(value: Any) -> bool:
    """Return whether a value is a whole number that a float holds exactly."""
    return type(value) is int and abs(value) <= 2**53


def text(value: Any) -> bool:
    """Return whether a value is a text."""
    return isinstance(value, str)


def flag(value: Any) -> bool:
    """Return whether a value is true or false."""
    return isinstance(value, bool)


def or_null(check: Check) -> Check:
    """Return a check that null passes as well."""
    return lambda value: value is None or check(value)


def list_of(check: Check, length: int | None = None) -> Check:
    """Return a check of lists, of a length where one is given, whose entries pass another."""
    return lambda value: isinstance(value, list) and length in (None, len(value)) and all(map(check, value))


def table_of(check: Check, *names: str) -> Check:
    """Return a check of objects that have some names and whose values pass another."""
    return lambda value: isinstance(value, dict) and set(names) <= value.keys() and all(map(check, value.values()))
