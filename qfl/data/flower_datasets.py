"""Data sets of Flower Datasets: ``data.name = "flwr-datasets:NAME"``, of the Hugging Face Hub or of a folder.

The split ``train`` is trained on, and ``test`` is the test set where there is one. Columns are chosen as those of a
``.csv`` are; a feature is a number, a list or array of numbers, or an image, whose pixels become numbers from 0 to 1.
Flower Datasets downloads what it does not have; `data.root` makes no difference to it, but a NAME that is a folder is
relative to where the run is.
"""

from typing import Any

import numpy as np
from numpy import ndarray

from qfl.data.row_files import MOST_VALUES
from qfl.data.tabular import Columns, Table
from qfl.errors import DataError

PREFIX = "flwr-datasets:"


def load_flower(name: str, columns: Columns) -> tuple[Table, Table | None]:
    """Return the training samples, and the test samples if there are any.

    Args:
        name: ``flwr-datasets:NAME``, or ``flwr-datasets:NAME:SUBSET``.
        columns: Which columns are what.

    Raises:
        DataError: If the package is not installed, there is no such data set, or its columns are no samples.
    """
    try:
        import datasets  # type: ignore[import-not-found]
        from flwr_datasets import FederatedDataset  # type: ignore[import-not-found]
    except ImportError:
        raise DataError(
            f"data.name = {name!r} is read by the package flwr-datasets, which is not installed; "
            "python -m pip install 'qfl-wireless[flwr-datasets]'"
        ) from None
    datasets.disable_progress_bars()
    place, _, subset = name.removeprefix(PREFIX).partition(":")
    source = FederatedDataset(dataset=place, subset=subset or None, partitioners={"train": 1}, shuffle=False)
    try:
        train = source.load_split("train")
        test = source.load_split("test") if _has_test(source) else None
    except Exception as error:
        said = " ".join(str(error).split())[:300]
        raise DataError(f"{name} cannot be had ({type(error).__name__}: {said}); give a name of the Hub") from None
    return _table(train, columns, f"{name} (train)"), None if test is None else _table(test, columns, f"{name} (test)")


def _has_test(source: Any) -> bool:
    try:
        source.load_split("test")
    except ValueError:
        return False
    return True


def _table(split: Any, columns: Columns, origin: str) -> Table:
    names, targets = split.column_names, [*columns.targets]
    named = [*targets, *([columns.client] if columns.client else [])]
    if absent := [name for name in (*columns.features, *named) if name not in names]:
        raise DataError(f"{origin} has no column {absent[0]!r}; it has {', '.join(names)[:200]}; name one of these")
    chosen = [*columns.features] or [name for name in names if name not in named]
    if not chosen:
        raise DataError(f"{origin} has no column but {', '.join(map(repr, named))}; give at least one feature")
    inputs = np.concatenate([_numbers(split[name], f"{origin}: column {name!r}") for name in chosen], axis=1)
    labels = [np.asarray(split[name][:]) for name in targets]
    found = np.stack(labels, axis=1) if columns.numbers else labels[0]
    holders = np.asarray(split[columns.client][:]).astype(str) if columns.client else None
    clients = None if holders is None else np.unique(holders, return_inverse=True)[1].astype(np.int64)
    words = found.dtype.kind in "OSU"
    return Table(inputs, found.astype(str) if words else found, clients, origin, tuple(targets))


def _numbers(values: Any, said: str) -> ndarray:
    """Return the values of a column, a row of numbers for each."""
    rows = [_row(value) for value in values]
    if not rows or any(row.dtype.kind not in "biuf" for row in rows) or len({row.size for row in rows}) > 1:
        raise DataError(f"{said} holds no rows of numbers of one length; name other features")
    if len(rows) * rows[0].size > MOST_VALUES:
        raise DataError(f"{said} has {len(rows) * rows[0].size:,} values; give at most {MOST_VALUES:,}")
    return np.stack(rows).astype(np.float64)


def _row(value: Any) -> ndarray:
    if value is None:
        return np.full(1, np.nan)
    row = np.asarray(value).reshape(-1)
    return row / 255 if hasattr(value, "getbands") else row  # an image of Pillow
