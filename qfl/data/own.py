"""Data of somebody's own, from a file or from a function, as training and test samples with labels or targets.

A function is asked for what its arguments name, of ``seed`` and ``root``, and for its own settings (``[data.my]``).
It returns ``(x, y)`` or ``(x, y, x_test, y_test)`` as arrays or tensors, a mapping with these names and perhaps
``client``, or one or two of torch's datasets. Where there is no test set, ``data.test-share`` of the samples become it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Int64
from numpy import ndarray

from qfl.config import DataSettings
from qfl.config.listed import words_of
from qfl.data.bad_samples import drop_bad, require_sound
from qfl.data.dataset import Dataset
from qfl.data.flower_datasets import PREFIX, load_flower
from qfl.data.own_partition import own_settings
from qfl.data.tabular import Columns, Table, asked, number_labels, read_table
from qfl.data.targets import read_targets
from qfl.errors import DataError
from qfl.extend import is_reference, load_own
from qfl.own_calls import call_own
from qfl.seeds import stream

NAMES = ("x", "y", "x_test", "y_test")
Labels = Literal["classes", "targets"]
"""What the labels of samples are: classes, or the targets of a regression."""


@dataclass(frozen=True, eq=False)
class Labelled:
    """Training and test samples with the names of their classes, or of their targets.

    Args:
        train: Training samples.
        test: Test samples.
        classes: Name of each label; none of a regression.
        clients: Who holds each training sample; None where nobody says.
        dropped: How many bad samples were left out.
        targets: Name of each number that a regression predicts.
    """

    train: Dataset
    test: Dataset
    classes: tuple[str, ...]
    clients: Int64[ndarray, " sample"] | None = None
    dropped: int = 0
    targets: tuple[str, ...] = ()


def load_labelled(settings: DataSettings, seed: int, labels: Labels = "classes") -> Labelled:
    """Return the samples that ``data.name`` names, a file or a function.

    Args:
        settings: ``name``, where it lies, which columns it has, and how much of it is the test set.
        seed: Of the split, where one is needed.
        labels: What labels are: classes, or the targets of a regression.

    Raises:
        DataError: If they cannot be read, or are no labelled samples.
        ConfigError: If a function cannot be loaded or called.
    """
    train, test, dropped = _sound(settings, *_tables(settings, seed, labels == "targets"))
    targets: tuple[str, ...] = ()
    if labels == "targets":
        (train, *tests), targets = read_targets([train] if test is None else [train, test])
        test = next(iter(tests), None)
    if test is None:
        train, test = split(train, settings.test_share, seed)
    (labelled, tested), classes = ((train.labels, test.labels), ()) if targets else number_labels([train, test])
    sets = Dataset(train.inputs, labelled, train.origin), Dataset(test.inputs, tested, test.origin)
    return Labelled(*sets, classes, train.clients, dropped, targets)


def own_files(settings: DataSettings) -> tuple[Path, ...]:
    """Return the files that are read, in order; none where a function, or Flower Datasets, reads what it likes."""
    if is_reference(settings.name) or settings.name.startswith(PREFIX):
        return ()
    path = place(settings)
    return tuple(sorted(file for file in path.iterdir() if file.is_file())) if path.is_dir() else (path,)


def place(settings: DataSettings) -> Path:
    """Return the path of a file or folder of samples, relative to ``data.root`` unless it is absolute."""
    return Path(settings.root).expanduser() / settings.name


def split(table: Table, share: float, seed: int) -> tuple[Table, Table]:
    """Return a table in two parts, samples drawn for the second.

    Args:
        table: All samples.
        share: Of the second part; at least one sample stays in each.
        seed: Of the draw.

    Raises:
        DataError: If there are fewer than two samples.
    """
    count = len(table.labels)
    if count < 2:
        raise DataError(f"{table.origin} has {count} sample; give two or more, so that one can be tested")
    held_out = min(max(1, round(share * count)), count - 1)
    order = stream(seed, "held-out").permutation(count)
    return _part(table, np.sort(order[held_out:]), "training"), _part(table, np.sort(order[:held_out]), "test")


def _part(table: Table, rows: Int64[ndarray, " row"], name: str) -> Table:
    clients = None if table.clients is None else table.clients[rows]
    return replace(
        table,
        inputs=table.inputs[rows],
        labels=table.labels[rows],
        clients=clients,
        origin=f"{table.origin} ({name} share)",
    )


def _sound(settings: DataSettings, train: Table, test: Table | None) -> tuple[Table, Table | None, int]:
    """Return the tables without bad samples, where they are to be dropped, and how many these were."""
    tables = [table for table in (train, test) if table is not None]
    if settings.bad_samples == "refuse":
        for table in tables:
            require_sound(table)
        return train, test, 0
    kept = [drop_bad(table) for table in tables]
    return kept[0][0], kept[1][0] if test is not None else None, sum(count for _, count in kept)


def _tables(settings: DataSettings, seed: int, numbers: bool) -> tuple[Table, Table | None]:
    if settings.name.startswith(PREFIX):
        return load_flower(settings.name, _columns_of(settings, numbers))
    if not is_reference(settings.name):
        return read_table(place(settings), _columns_of(settings, numbers))
    given = {"seed": seed, "root": Path(settings.root).expanduser()}
    made = call_own(load_own(settings.name, "data.name"), "data.name", given, own_settings(settings, "data.name"))
    arrays = _named(made, settings.name)
    train = _table(arrays["x"], arrays["y"], arrays.get("client"), f"{settings.name} (training)", numbers)
    if "x_test" not in arrays:
        return train, None
    test = _table(arrays["x_test"], arrays["y_test"], None, f"{settings.name} (test)", numbers)
    if test.inputs.shape[1] != train.inputs.shape[1]:
        raise DataError(
            f"{settings.name} returned {train.inputs.shape[1]} features to train on and {test.inputs.shape[1]} to "
            "test; return as many of both"
        )
    return train, test


def _columns_of(settings: DataSettings, numbers: bool) -> Columns:
    """Return which columns of a ``.csv`` are what.

    Raises:
        DataError: If there are several columns of labels and they are classes.
    """
    targets = [settings.target]
    if settings.target.count(",") and not numbers:
        raise DataError(
            f'data.target = {settings.target!r} names several columns; name one, or set task = "regress" to predict '
            "them as numbers"
        )
    if numbers:
        targets = list(dict.fromkeys(words_of(settings.target)))
    return Columns(words_of(settings.features), targets, settings.client, numbers, settings.bad_samples == "drop")


def _named(made: Any, name: str) -> dict[str, Any]:
    """Return what a function returned by name: x, y and perhaps x_test, y_test, client."""
    found: dict[str, Any]
    if isinstance(made, Mapping):
        found = dict(made)
    elif isinstance(made, tuple | list) and len(made) in (2, 4) and not all(map(_is_dataset, made)):
        found = dict(zip(NAMES, made, strict=False))
    elif _is_dataset(made):
        found = dict(zip(NAMES, _columns(made), strict=False))
    elif isinstance(made, tuple | list) and len(made) == 2:
        found = dict(zip(NAMES, (*_columns(made[0]), *_columns(made[1])), strict=True))
    else:
        found = {}
    if not {"x", "y"} <= found.keys() <= {*NAMES, "client"} or ("x_test" in found) != ("y_test" in found):
        raise DataError(
            f"{name} returned {type(made).__name__}; return (x, y), (x, y, x_test, y_test), a table of these names, or "
            "torch datasets"
        )
    return found


def _is_dataset(value: Any) -> bool:
    return (
        hasattr(value, "__getitem__")
        and hasattr(value, "__len__")
        and not hasattr(value, "shape")
        and not isinstance(value, tuple | list | Mapping | str)
    )


def _columns(dataset: Any) -> tuple[ndarray, ndarray]:
    """Return inputs and labels of one of torch's datasets."""
    pairs = [dataset[k] for k in range(len(dataset))]
    labels = [_array(y) for _, y in pairs]
    return np.stack([_array(x) for x, _ in pairs]), np.array([y.item() if y.size == 1 else y for y in labels])


def _table(x: Any, y: Any, client: Any, origin: str, numbers: bool) -> Table:
    inputs, labels = _array(x), _array(y)
    shaped = inputs.ndim >= 2 and labels.ndim in (1, 1 + numbers) and len(inputs) == len(labels)
    if inputs.dtype.kind not in "biuf" or not shaped:
        raise DataError(
            f"{origin}: x is {inputs.dtype} of shape {inputs.shape} and y {labels.dtype} of {labels.shape}; give a row "
            f"of numbers and {asked(labels, numbers)} for each sample"
        )
    clients = None if client is None else np.unique(_array(client), return_inverse=True)[1].astype(np.int64)
    if clients is not None and len(clients) != len(labels):
        raise DataError(f"{origin}: client has {len(clients)} entries for {len(labels)} samples; give one for each")
    words = labels.dtype.kind in "USO"
    return Table(
        inputs.reshape(len(inputs), -1).astype(np.float64), labels.astype(str) if words else labels, clients, origin
    )


def _array(value: Any) -> ndarray:
    return value.detach().numpy() if hasattr(value, "detach") else np.asarray(value)
