"""From settings to the data of a federation: read, reduce, share out, describe."""

from collections.abc import Callable

from qfl.config import DataSettings
from qfl.data.dataset import Dataset, FederatedData
from qfl.data.digits import load_digits
from qfl.data.manifest import describe
from qfl.data.mnist import load_fashion_mnist, load_mnist
from qfl.data.partition import partition
from qfl.data.transform import transform
from qfl.seeds import stream

SOURCES: dict[str, Callable[[DataSettings, int], tuple[Dataset, Dataset]]] = {
    "digits": lambda settings, seed: load_digits(seed),
    "mnist": lambda settings, seed: load_mnist(settings.root),
    "fashion-mnist": lambda settings, seed: load_fashion_mnist(settings.root),
}


def load(settings: DataSettings, clients: int, seed: int) -> FederatedData:
    """Return the training data shared out to clients, the full test set, and the manifest.

    Args:
        settings: Which data, how small, and how shared.
        clients: Number of clients, at least 1.
        seed: The run's seed: the same settings, clients and seed give the same shares.

    Raises:
        DataError: If the data set is absent or unreadable.
        ConfigError: If it cannot be reduced or shared out as asked.

    Example:
        >>> data = load(DataSettings(), clients=200, seed=1)
        >>> len(data.parts), data.manifest["labels_per_client"]["max"]
        (200, 1)
    """
    train, test = transform(settings, *SOURCES[settings.name](settings, seed))
    parts = partition(settings, train.labels, clients, stream(seed, "partition"))
    return FederatedData(train, test, parts, describe(settings, seed, train, test, parts))
