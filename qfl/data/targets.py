"""Targets of a regression: read as numbers, standardised with what training samples fitted, and cut into tenths.

A model predicts standardised targets z, whose training samples have mean 0 and variance 1; people see y again:

    z = (y - mean) / scale,     y = mean + scale z

with each target's mean and standard deviation over all training samples of all clients.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

from qfl.data.dataset import Dataset, FederatedData
from qfl.data.tabular import Table
from qfl.data.transform import without
from qfl.errors import DataError

MOST_TARGETS = 1000
GROUPS = 10  # quantiles of the first target by which clients may differ
LEAST_SPREAD = 1e-12  # of a target, relative to its largest value; less is rounding

Targets = Float64[np.ndarray, "sample target"]


@dataclass(frozen=True, eq=False)
class Scaling:
    """What targets are standardised with.

    Args:
        mean: Of each target over the training samples.
        scale: Standard deviation of each target over the training samples.
    """

    mean: Float64[np.ndarray, " target"]
    scale: Float64[np.ndarray, " target"]

    def standardise(self, targets: Targets) -> Targets:
        """Return targets as models predict them.

        Example:
            >>> Scaling(np.array([10.0]), np.array([2.0])).standardise(np.array([[14.0]]))
            array([[2.]])
        """
        return (targets - self.mean) / self.scale

    def restore(self, standardised: Targets) -> Targets:
        """Return targets in their own units.

        Example:
            >>> Scaling(np.array([10.0]), np.array([2.0])).restore(np.array([[2.0]]))
            array([[14.]])
        """
        return self.mean + self.scale * standardised


def fit_targets(train: Dataset, names: Sequence[str]) -> Scaling:
    """Return mean and standard deviation of each target over training samples.

    Args:
        train: The training samples, with targets [sample target].
        names: One per target.

    Raises:
        DataError: If a target does not vary.

    Example:
        >>> fit_targets(Dataset(np.zeros((2, 1)), np.array([[1.0], [5.0]])), ["snr_db"]).scale
        array([2.])
    """
    require_variance(train, names)
    return Scaling(train.labels.mean(axis=0), train.labels.std(axis=0))


def require_variance(data: Dataset, names: Sequence[str]) -> None:
    """Refuse samples with a target that does not vary: nothing is to be learnt of it, and R2 is not defined.

    Raises:
        DataError: With the target's name and value.
    """
    spread, size = data.labels.std(axis=0), np.abs(data.labels).max(axis=0)
    flat = np.flatnonzero(spread <= LEAST_SPREAD * size)
    if len(flat):
        name, value = names[flat[0]], data.labels[0, flat[0]]
        raise DataError(
            f"{data.origin}: target {name!r} is {value:g} in every sample ({len(data)}), so there is nothing to "
            "predict; give samples that differ"
        )


def read_targets(tables: Sequence[Table]) -> tuple[list[Table], tuple[str, ...]]:
    """Return tables whose labels are targets, a row of numbers for each sample, and the names of the targets.

    Args:
        tables: Samples as they are read.

    Raises:
        DataError: If they are words, complex, not finite, or not as many in all tables.

    Example:
        >>> found, names = read_targets([Table(np.zeros((2, 1)), np.array([1.5, 2.0]), None, "here")])
        >>> found[0].labels.tolist(), names
        ([[1.5], [2.0]], ('y',))
    """
    found = [_numbers(table) for table in tables]
    count = found[0].shape[1]
    for table, targets in zip(tables, found, strict=True):
        if targets.shape[1] != count:
            raise DataError(f"{table.origin} has {targets.shape[1]} targets, expected {count}; give as many in all")
    if not 1 <= count <= MOST_TARGETS:
        raise DataError(f"{tables[0].origin} has {count} targets a sample; give 1 to {MOST_TARGETS:,}")
    numbered = [replace(table, labels=targets) for table, targets in zip(tables, found, strict=True)]
    return numbered, tables[0].targets or (("y",) if count == 1 else tuple(f"y_{number}" for number in range(count)))


def tenths(targets: Targets) -> Int64[np.ndarray, " sample"]:
    """Return which tenth of the first target each sample is in, from 0: the smallest tenth, to 9.

    They take the place of labels where shares are to be unlike (``data.partition`` = dirichlet or labels). Equal
    targets are in the same tenth, so there are fewer where few values occur.

    Args:
        targets: Of the training samples.

    Example:
        >>> tenths(np.array([[3.0], [1.0], [2.0], [1.0]])).tolist()
        [2, 0, 1, 0]
    """
    first = targets[:, 0]
    edges = np.unique(np.quantile(first, np.arange(1, GROUPS) / GROUPS))
    return np.unique(np.searchsorted(edges, first, side="right"), return_inverse=True)[1].astype(np.int64)


def scaling_of(data: FederatedData) -> Scaling:
    """Return what fits the targets of all clients' training samples; samples that are held out of them fit nothing.

    Raises:
        DataError: If a target does not vary.
    """
    held = np.empty(0, dtype=np.int64) if data.validation is None else data.validation
    train = data.train
    kept = replace(train, inputs=without(train.inputs, held), labels=without(train.labels, held))
    return fit_targets(kept, data.manifest["targets"])


def standardised(data: FederatedData) -> tuple[FederatedData, Scaling]:
    """Return data with standardised targets, and what they were standardised with.

    Raises:
        DataError: If a target does not vary in the training or test set.
    """
    scaling, names = scaling_of(data), data.manifest["targets"]
    require_variance(data.test, names)
    train, test = (replace(part, labels=scaling.standardise(part.labels)) for part in (data.train, data.test))
    manifest = data.manifest | describe_targets(names, scaling)
    return replace(data, train=train, test=test, manifest=manifest), scaling


def describe_targets(names: Sequence[str], scaling: Scaling) -> dict[str, Any]:
    """Return names, means and scales in values that JSON can hold."""
    return {"targets": list(names), "target_mean": scaling.mean.tolist(), "target_scale": scaling.scale.tolist()}


def _numbers(table: Table) -> Targets:
    labels = table.labels
    if labels.dtype.kind not in "biuf":
        raise DataError(
            f"{table.origin} has targets such as {str(labels.flat[0])[:40]!r}, expected numbers; give numbers, or set "
            'task = "classify" to tell classes apart'
        )
    targets = labels.reshape(len(labels), -1).astype(np.float64)
    wrong = ~np.isfinite(targets).all(axis=1)
    if wrong.any():
        index = int(wrong.argmax())
        raise DataError(
            f"{table.origin}: the sample at index {index} has the target "
            f"{', '.join(f'{value:g}' for value in targets[index])[:60]}, expected finite numbers; correct it or leave "
            "the sample out"
        )
    return targets
