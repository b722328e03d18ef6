"""Samples that nobody can train on: a feature that is no finite number, or no label. They are dropped or refused."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool
from numpy import ndarray

from qfl.data.tabular import Table
from qfl.errors import DataError


def drop_bad(table: Table) -> tuple[Table, int]:
    """Return a table without its bad samples, and how many these were.

    Raises:
        DataError: If none is left.

    Example:
        >>> table = Table(np.array([[1.0], [np.nan], [3.0]]), np.array(["a", "b", ""]), None, "here")
        >>> drop_bad(table)[0].labels.tolist(), drop_bad(table)[1]
        (['a'], 2)
    """
    bad = ~np.isfinite(table.inputs).all(axis=1) | _unlabelled(table.labels)
    if not bad.any():
        return table, 0
    if bad.all():
        raise DataError(f"{table.origin}: all {len(bad)} samples lack a label or a finite feature; give sound ones")
    clients = None if table.clients is None else table.clients[~bad]
    return replace(table, inputs=table.inputs[~bad], labels=table.labels[~bad], clients=clients), int(bad.sum())


def require_sound(table: Table) -> None:
    """Refuse a table with a bad sample; which numbers are labels is checked where they are numbered.

    Raises:
        DataError: With the index of the first.
    """
    wordless = table.labels.dtype.kind == "U" and _unlabelled(table.labels)
    faults = {"features that are not finite": ~np.isfinite(table.inputs).all(axis=1), "no label": wordless}
    for what, bad in faults.items():
        if np.any(bad):
            others = int(np.sum(bad)) - 1
            raise DataError(
                f"{table.origin}: the sample at index {int(np.argmax(bad))}"
                f"{f' (and {others} more)' if others else ''} has {what}; correct it, or leave such samples out with "
                'data.bad-samples = "drop"'
            )


def _unlabelled(labels: ndarray) -> Bool[ndarray, " sample"]:
    """Return which samples have an empty word, NaN or an infinite number for a label (any, where it has several)."""
    if labels.dtype.kind == "U":
        return labels == ""
    if labels.dtype.kind != "f":
        return np.zeros(len(labels), dtype=bool)
    return np.asarray(~np.isfinite(labels).reshape(len(labels), -1).all(axis=1))
