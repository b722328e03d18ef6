"""From settings to the data of a federation: read, reduce, share out, describe."""

import hashlib
from collections.abc import Callable
from pathlib import Path

from qfl.config import DataSettings
from qfl.data.check import check
from qfl.data.content import file_digest
from qfl.data.dataset import Dataset, FederatedData
from qfl.data.digits import load_digits
from qfl.data.idx import LABELS
from qfl.data.manifest import describe
from qfl.data.mnist import fashion_mnist_files, load_fashion_mnist, load_mnist, mnist_files
from qfl.data.partition import partition
from qfl.data.transform import transform
from qfl.seeds import stream

SOURCES: dict[str, Callable[[DataSettings, int], tuple[Dataset, Dataset]]] = {
    "digits": lambda settings, seed: load_digits(seed),
    "mnist": lambda settings, seed: load_mnist(settings.root),
    "fashion-mnist": lambda settings, seed: load_fashion_mnist(settings.root),
}

FILES: dict[str, Callable[[str], tuple[Path, ...]]] = {"mnist": mnist_files, "fashion-mnist": fashion_mnist_files}
"""The files that a source reads; others are part of an installed package."""


def load(settings: DataSettings, clients: int, seed: int) -> FederatedData:
    """Return the training data shared out to clients, the full test set, and the manifest.

    Args:
        settings: Which data, how small, and how shared.
        clients: Number of clients, at least 1.
        seed: The run's seed: the same settings, clients and seed give the same shares.

    Raises:
        DataError: If the data set is absent, unreadable or not what it should be.
        ConfigError: If it cannot be reduced or shared out as asked.

    Example:
        >>> data = load(DataSettings(), clients=200, seed=1)
        >>> len(data.parts), data.manifest["labels_per_client"]["max"]
        (200, 1)
    """
    train, test = (check(part, LABELS) for part in SOURCES[settings.name](settings, seed))
    train, test = transform(settings, train, test)
    parts = partition(settings, train.labels, clients, stream(seed, "partition"))
    return FederatedData(train, test, parts, describe(settings, seed, train, test, parts))


def content(settings: DataSettings) -> str:
    """Return what tells two contents of the same data files apart: their SHA-256; empty where no file is read.

    Whoever keeps what was loaded keeps it under this: a file may be replaced between two runs of one process.

    Raises:
        DataError: If a file is absent and cannot be downloaded, or cannot be read.
    """
    if settings.name not in FILES:
        return ""
    return hashlib.sha256(b"".join(map(file_digest, FILES[settings.name](settings.root)))).hexdigest()
