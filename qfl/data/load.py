"""From settings to the data of a federation: read, reduce, share out, describe."""

import hashlib

from qfl.config import DataSettings
from qfl.data.check import check
from qfl.data.content import file_digest
from qfl.data.dataset import Dataset, FederatedData
from qfl.data.idx import LABELS
from qfl.data.manifest import describe
from qfl.data.partition import partition
from qfl.data.transform import transform
from qfl.extend import load_object
from qfl.seeds import stream
from qfl.specs import DATASETS


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
    train, test = (check(part, LABELS) for part in _read(settings, seed))
    train, test = transform(settings, train, test)
    parts = partition(settings, train.labels, clients, stream(seed, "partition"))
    return FederatedData(train, test, parts, describe(settings, seed, train, test, parts))


def content(settings: DataSettings) -> str:
    """Return what tells two contents of the same data files apart: their SHA-256; empty where no file is read.

    Whoever keeps what was loaded keeps it under this: a file may be replaced between two runs of one process.

    Raises:
        DataError: If a file is absent and cannot be downloaded, or cannot be read.
    """
    reference = DATASETS[settings.name].files
    files = load_object(reference)(settings.root) if reference else ()
    return hashlib.sha256(b"".join(map(file_digest, files))).hexdigest() if files else ""


def _read(settings: DataSettings, seed: int) -> tuple[Dataset, Dataset]:
    spec, given = DATASETS[settings.name], {"root": settings.root, "seed": seed}
    return load_object(spec.loader)(**{name: given[name] for name in spec.given})
