"""Data of one's own: a CSV file with a row for each radio link, and whether its ends see each other."""

from pathlib import Path

import numpy as np

from qfl import stream

FILE = "links.csv"  # four columns of features, and a label: 0, 1, ...


def load(root: str | Path, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x and y to train on, and x and y of the test: a fifth of the rows, drawn from the seed.

    Args:
        root: The folder that the setting ``data.root`` names; on a client's own host, that host's folder.
        seed: The run's.
    """
    table = np.loadtxt(Path(root) / FILE, delimiter=",", skiprows=1)
    x, y = table[:, :-1], table[:, -1].astype(np.int64)
    test, train = np.split(stream(seed, "split").permutation(len(y)), [len(y) // 5])
    low, high = x[train].min(axis=0), x[train].max(axis=0)
    x = np.clip((x - low) / (high - low), 0, 1)  # what the model takes for half a turn at most
    return x[train], y[train], x[test], y[test]
