"""Handwritten digits that ship with scikit-learn: 1,797 images of 8 x 8 pixels, no download."""

import gzip
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy import ndarray

from qfl.data.dataset import Dataset
from qfl.data.stratified import stratified_split
from qfl.errors import MissingExtra
from qfl.seeds import stream

TEST_SHARE = 0.2


def load_digits(seed: int) -> tuple[Dataset, Dataset]:
    """Return a training set of 1,437 and a disjoint test set of 360 digits, each label shared 80 : 20.

    Args:
        seed: The run's seed; it decides which images are held out.

    Returns:
        Training and test set, 64 pixels in [0, 1] each.

    Example:
        >>> [len(part) for part in load_digits(seed=1)]
        [1437, 360]

    Reference:
        Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998
        (its test set, as scikit-learn embeds it).
    """
    pixels, labels = _table()
    inputs = pixels / 16.0
    state = int(stream(seed, "digits", "split").integers(2**32))
    train, test = stratified_split(labels, TEST_SHARE, state)
    return (
        Dataset(inputs[train], labels[train], "the training part of scikit-learn's digits"),
        Dataset(inputs[test], labels[test], "the test part of scikit-learn's digits"),
    )


@cache
def _table() -> tuple[ndarray, ndarray]:
    """Return pixels from 0 to 16 and labels, read from scikit-learn's file; importing scikit-learn takes a second."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise MissingExtra("the digits are scikit-learn's, which is not installed; `pip install scikit-learn`")
    with gzip.open(Path(spec.origin).parent / "datasets/data/digits.csv.gz", "rt", encoding="utf-8") as file:
        table = np.loadtxt(file, delimiter=",")
    table.flags.writeable = False  # every federation of a process reads it
    return table[:, :-1], table[:, -1].astype(np.int64)
