"""Labelled samples of somebody's own files: ``.npz``, ``.csv``, ``.parquet``, or a folder with a file a client.

An ``.npz`` has ``x``, ``y`` and, if it likes, ``x_test`` with ``y_test``, and ``client``, a whole number for each
sample. A ``.csv`` has a line of names and a column of labels; the other columns are features, or those that are named;
so has a ``.parquet``. In a folder every file of these kinds is a client, in the order of the names. Labels are whole
numbers from 0, or words, which are numbered in their order; or they are the targets of a regression, one finite number
or a row of them a sample.
What is no such file is refused with the line or index that is to blame.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64, Int64
from numpy import ndarray

from qfl.data.row_files import read_rows
from qfl.errors import Damaged, DataError
from qfl.reading import read_arrays

SUFFIXES = (".npz", ".csv", ".parquet")
MOST_CLASSES = 1000
ABSENT = ("", "na", "n/a", "nan", "null", "none")  # how tables write that there is no value
LEAVE_OUT = 'leave such samples out with data.bad-samples = "drop"'
Labels = ndarray  # of whole numbers, numbers or words, as they were read


@dataclass(frozen=True, eq=False)
class Table:
    """Samples as a file has them.

    Args:
        inputs: Features.
        labels: One per sample: whole numbers, numbers or words; or a row of numbers.
        clients: Who holds each sample; None where the file does not say.
        origin: The file.
        targets: Names of the columns of labels; empty where they have none.
    """

    inputs: Float64[ndarray, "sample feature"]
    labels: Labels
    clients: Int64[ndarray, " sample"] | None
    origin: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """What the columns of a ``.csv`` or ``.parquet`` are.

    Args:
        features: Names of those that are features; empty takes all that are neither target nor client.
        targets: Names of those with labels.
        client: Name of the one that says who holds a sample; empty where there is none.
        numbers: Whether labels are the targets of a regression, numbers all.
        gaps: Whether a value may be absent; it is NaN then, and an absent word "".
    """

    features: Sequence[str]
    targets: Sequence[str]
    client: str = ""
    numbers: bool = False
    gaps: bool = False


def read_table(path: Path, columns: Columns) -> tuple[Table, Table | None]:
    """Return the samples of a file or a folder, and those of its own test set if it has one.

    Args:
        path: An ``.npz``, a ``.csv``, a ``.parquet``, or a folder of such files, one for each client.
        columns: Which columns of a table are what, and whether labels are numbers.

    Raises:
        DataError: If it cannot be read or is no such file.
    """
    if path.is_dir():
        return _folder(path, columns), None
    if path.suffix == ".npz":
        return _npz(path, columns.numbers)
    if path.suffix in SUFFIXES:
        return _rows(path, columns), None
    raise DataError(f"{path} is no file of samples; give one that ends in {', '.join(SUFFIXES)}, or a folder of them")


def number_labels(tables: Sequence[Table]) -> tuple[list[Int64[ndarray, " sample"]], tuple[str, ...]]:
    """Return the labels of each table as whole numbers from 0, and the names of the classes.

    Raises:
        DataError: If numbers are not whole or below 0, or there are fewer than two or more than 1,000 classes.
    """
    values = np.concatenate([table.labels for table in tables])
    if values.dtype.kind in "US":
        names = tuple(map(str, np.unique(values)))
        found = [np.searchsorted(np.array(names), table.labels).astype(np.int64) for table in tables]
    else:
        for table in tables:
            _require_whole(table)
        found = [table.labels.astype(np.int64) for table in tables]
        names = tuple(map(str, range(int(values.max()) + 1))) if values.max() < MOST_CLASSES else ("",) * 2000
    if not 2 <= len(names) <= MOST_CLASSES:
        count = "one class" if len(names) < 2 else f"more than {MOST_CLASSES:,} classes"
        raise DataError(f"{tables[0].origin} has labels of {count}; give 2 to {MOST_CLASSES:,} classes")
    return found, names


def _require_whole(table: Table) -> None:
    wrong = ~((table.labels >= 0) & (table.labels == np.floor(table.labels)))
    if wrong.any():
        index = int(wrong.argmax())
        raise DataError(
            f"{table.origin}: the sample at index {index} has label {table.labels[index]:g}, expected a whole number "
            'from 0 on; number the classes, give them names, or set task = "regress" to predict numbers'
        )


def _npz(path: Path, numbers: bool) -> tuple[Table, Table | None]:
    arrays = _arrays(path)
    if unknown := sorted(arrays.keys() - {"x", "y", "x_test", "y_test", "client"}):
        raise DataError(f"{path} has an array {unknown[0]!r}; expected x, y and perhaps x_test, y_test, client")
    if absent := [name for name in ("x", "y") if name not in arrays]:
        raise DataError(f"{path} has no array {absent[0]!r}; expected x, a row for each sample, and y, its labels")
    if ("x_test" in arrays) != ("y_test" in arrays):
        raise DataError(f"{path} has x_test or y_test without the other; give both or none")
    clients = _clients(path, arrays["client"], len(arrays["x"])) if "client" in arrays else None
    train = _table(path, arrays["x"], arrays["y"], clients, "", numbers)
    if "x_test" not in arrays:
        return train, None
    test = _table(path, arrays["x_test"], arrays["y_test"], None, "_test", numbers)
    if test.inputs.shape[1] != train.inputs.shape[1]:
        raise DataError(
            f"{path}: x has {train.inputs.shape[1]} features and x_test {test.inputs.shape[1]}; give as many in both"
        )
    return train, test


def _arrays(path: Path) -> dict[str, ndarray]:
    try:
        return read_arrays(path)
    except Damaged as error:
        raise DataError(f"{path} {error}; write it with numpy.savez, as numbers") from None


def _table(path: Path, x: ndarray, y: ndarray, clients: ndarray | None, suffix: str, numbers: bool) -> Table:
    if x.ndim < 2 or y.ndim not in (1, 1 + numbers) or len(x) != len(y):
        raise DataError(
            f"{path}: x{suffix} has the shape {x.shape} and y{suffix} {y.shape}; give a row of features and "
            f"{asked(y, numbers)} for each sample"
        )
    if x.dtype.kind not in "biuf":
        raise DataError(f"{path}: x{suffix} holds {x.dtype}, expected numbers; give numbers")
    labels = y.astype(str) if y.dtype.kind in "SU" else y
    return Table(
        x.reshape(len(x), -1).astype(np.float64), labels, clients, f"{path} ({f'x{suffix}' if suffix else 'x'})"
    )


def asked(y: ndarray, numbers: bool) -> str:
    """Return what a sample needs beside its features, in words; with a remark where ``y`` is for another task.

    Args:
        y: What was given.
        numbers: Whether the targets of a regression are asked for.

    Example:
        >>> asked(np.zeros((3, 2)), numbers=False)
        'one label (task = "regress" takes a row of numbers)'
    """
    if numbers:
        return "one target, or a row of them,"
    return "one label" + (' (task = "regress" takes a row of numbers)' if y.ndim == 2 else "")


def _clients(path: Path, given: ndarray, samples: int) -> Int64[ndarray, " sample"]:
    if given.shape != (samples,) or given.dtype.kind not in "iu" or (given < 0).any():
        raise DataError(f"{path}: client has the shape {given.shape}; give a whole number from 0 on for each sample")
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def _rows(path: Path, columns: Columns) -> Table:
    names, rows = read_rows(path)
    chosen, targets, client = _places(path, names, columns), [*columns.targets], columns.client
    inputs, labels, holders = list[list[float]](), list[list[str]](), list[str]()
    for place, row in rows:
        inputs.append([_number(path, place, names[column], row[column], columns.gaps) for column in chosen])
        labels.append(_labels(path, place, [row[names.index(target)].strip() for target in targets], columns))
        holders += [row[names.index(client)].strip()] if client else []
    if not inputs:
        raise DataError(f"{path} has no sample; give at least one")
    clients = np.unique(holders, return_inverse=True)[1].astype(np.int64) if client else None
    found = _as_numbers([text for row in labels for text in row]).reshape(len(labels), len(targets))
    return Table(np.array(inputs), found if columns.numbers else found[:, 0], clients, str(path), tuple(targets))


def _places(path: Path, names: Sequence[str], columns: Columns) -> list[int]:
    """Return the places of the features, where all columns that are named are there."""
    named = [*columns.targets, *([columns.client] if columns.client else [])]
    absent = [name for name in (*columns.features, *named) if name not in names]
    if absent:
        raise DataError(f"{path} has no column {absent[0]!r}; it has {', '.join(names)[:200]}; name one of these")
    both = [name for name in columns.features if name in columns.targets]
    if both and columns.numbers:
        raise DataError(f"{path}: column {both[0]!r} is target and feature; leave it out of data.features")
    chosen = [names.index(name) for name in columns.features or [n for n in names if n not in named]]
    if not chosen:
        raise DataError(f"{path} has no column but {', '.join(map(repr, named))}; give at least one feature")
    return chosen


def _labels(path: Path, place: str, texts: list[str], columns: Columns) -> list[str]:
    """Return the labels of a line, "" where one may be absent; targets of a regression are finite numbers."""
    for target, text in zip(columns.targets, texts, strict=True):
        if columns.numbers and text:
            _number(path, place, target, text, columns.gaps)
        elif not text and not columns.gaps:
            raise DataError(f"{path}, {place}: column {target!r} is empty; give a label, or {LEAVE_OUT}")
    return ["" if columns.gaps and text.lower() in ABSENT else text for text in texts]


def _number(path: Path, place: str, name: str, text: str, gaps: bool) -> float:
    try:
        value = float(text)
    except ValueError:
        value = None if text.strip().lower() not in ABSENT else float("nan")
    if value is None or not (gaps or np.isfinite(value)):
        raise DataError(
            f"{path}, {place}: column {name!r} holds {text[:40]!r}, expected a finite number; correct it, or "
            f"{'leave the line out' if value is None else LEAVE_OUT}"
        )
    return value


def _as_numbers(labels: list[str]) -> Labels:
    try:
        return np.array([float(label or "nan") for label in labels])
    except ValueError:
        return np.array(labels)


def _folder(path: Path, columns: Columns) -> Table:
    files = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES)
    if not files:
        raise DataError(f"{path} has no file that ends in {', '.join(SUFFIXES)}; put one there for each client")
    tables = [read_table(file, columns)[0] for file in files]
    for file, table in zip(files, tables, strict=True):
        first = tables[0]
        alike = table.inputs.shape[1] == first.inputs.shape[1] and table.labels.shape[1:] == first.labels.shape[1:]
        if not alike or (table.labels.dtype.kind in "US") != (first.labels.dtype.kind in "US"):
            raise DataError(
                f"{file} has other features or another kind of labels than {files[0].name}; give alike files"
            )
    return Table(
        np.concatenate([table.inputs for table in tables]),
        np.concatenate([table.labels for table in tables]),
        np.repeat(np.arange(len(tables)), [len(table.labels) for table in tables]),
        str(path),
        tables[0].targets,
    )
