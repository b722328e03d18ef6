"""Data of one's own: a CSV file with a row for each radio link, and whether its ends see each other."""

from pathlib import Path

import numpy as np

from qfl import stream
from qfl.data.dataset import Dataset

FILE = "links.csv"  # four columns of features, and a label: 0, 1, ...


def load(root: str, seed: int) -> tuple[Dataset, Dataset]:
    """Return training and test set: a fifth of the rows, drawn from the seed, is for the test.

    Args:
        root: The folder that the setting ``data.root`` names; on a client's own host, that host's folder.
        seed: The run's.
    """
    path = Path(root) / FILE
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    inputs, labels = np.array(table[:, :-1]), table[:, -1].astype(np.int64)
    inputs = (inputs - inputs.min(axis=0)) / np.ptp(inputs, axis=0)  # 0 to 1
    test, train = np.split(stream(seed, "split").permutation(len(labels)), [len(labels) // 5])
    return (
        Dataset(inputs[train], labels[train], f"training rows of {path}"),
        Dataset(inputs[test], labels[test], f"test rows of {path}"),
    )
