"""What every data set must be before anybody trains on it, whatever it was read from."""

from typing import NoReturn

import numpy as np
from jaxtyping import Bool, Float64

from qfl.data.dataset import Dataset
from qfl.errors import DataError

BLANK = 1e-12  # of the longest sample; what principal components leave of a sample at the mean is rounding


def check(data: Dataset, num_labels: int) -> Dataset:
    """Return a data set that has a sample, finite features, and labels below ``num_labels`` or finite targets.

    Raises:
        DataError: If it is none, with the first sample that is wrong.

    Example:
        >>> len(check(Dataset(np.zeros((2, 4)), np.array([0, 9])), 10))
        2
    """
    if not len(data):
        raise DataError(f"{data.origin} has no sample; give at least one")
    if data.labels.ndim == 2:  # the targets of a regression
        _require_finite(data, data.labels, "has targets that are not finite")
        return _require_finite(data, data.inputs, "has features that are not finite")
    unknown = (data.labels < 0) | (data.labels >= num_labels)
    if unknown.any():
        first = int(unknown.argmax())
        raise DataError(
            f"{data.origin}: the sample at index {first} has label {data.labels[first]}, expected 0 to "
            f"{num_labels - 1}; correct it or leave the sample out"
        )
    return _require_finite(data, data.inputs, "has features that are not finite")


def require_directions(train: Dataset, test: Dataset) -> None:
    """Refuse samples that amplitude encoding cannot normalise: those whose features are all zero.

    Zero to rounding counts as zero: a sample at most 1e-12 times as long as the longest training sample.

    Raises:
        DataError: If there is such a sample, with the file and the index of the first.

    Example:
        >>> require_directions(Dataset(np.eye(2), np.array([0, 1])), Dataset(np.ones((1, 2)), np.array([0])))
    """
    limit = BLANK * _lengths(train).max()
    for data in (train, test):
        blank = _lengths(data) <= limit
        if blank.any():
            _refuse(
                data,
                blank,
                "is blank (its features are all zero), and amplitude encoding has no state for it",
                'use model.encoding = "angle" or "reupload", or leave',
            )


def _require_finite(data: Dataset, values: Float64[np.ndarray, "sample entry"], what: str) -> Dataset:
    finite = np.asarray(np.isfinite(values).all(axis=1))
    if not finite.all():
        _refuse(data, ~finite, what, "correct it or leave")
    return data


def _lengths(data: Dataset) -> Float64[np.ndarray, " sample"]:
    return np.linalg.norm(data.inputs, axis=1)


def _refuse(data: Dataset, bad: Bool[np.ndarray, " sample"], what: str, remedy: str) -> NoReturn:
    others = int(bad.sum()) - 1
    also = f" (and {others} more)" if others else ""
    raise DataError(f"{data.origin}: the sample at index {int(bad.argmax())}{also} {what}; {remedy} the sample out")
