"""Handwritten digits that ship with scikit-learn: 1,797 images of 8 x 8 pixels, no download."""

from typing import Any

import numpy as np

from qfl.data.dataset import Dataset
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
    from sklearn import datasets
    from sklearn.model_selection import train_test_split

    pixels: Any
    pixels, labels = datasets.load_digits(return_X_y=True)
    inputs, labels = pixels / 16.0, np.asarray(labels, dtype=np.int64)
    state = int(stream(seed, "digits", "split").integers(2**32))  # scikit-learn takes no numpy Generator
    train, test = train_test_split(np.arange(len(labels)), test_size=TEST_SHARE, stratify=labels, random_state=state)
    return (
        Dataset(inputs[train], labels[train], "the training part of scikit-learn's digits"),
        Dataset(inputs[test], labels[test], "the test part of scikit-learn's digits"),
    )
