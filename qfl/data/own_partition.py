"""Shares by an object of the user's own: a function, or a partitioner of Flower Datasets.

A function takes those of these arguments that it asks for, and its own settings (``[data.my]``). It returns for each
client the indices of its samples::

    labels        of the training samples; of a regression, the tenth that the first target is in
    num_clients   number of clients
    holders       number of each sample's client as the data say it, or None
    rng           a generator: the same seed gives the same shares
    seed          the run's seed

A partitioner, such as ``"flwr_datasets.partitioner:DirichletPartitioner"``, is any class with Flower's interface: it is
made from ``num_partitions``, ``partition_by``, ``seed`` and its own settings, is given a `datasets.Dataset` with the
columns ``label`` (by which it parts, unless ``partition_by`` is set), ``client`` and ``index``, and is asked for each
client's part by `load_partition`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Int64

from qfl.config import DataSettings
from qfl.config.private import unfold
from qfl.data.dataset import Parts
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_own, raised
from qfl.own_calls import call_own, settings_taken, shares
from qfl.seeds import stream

KEY = "data.partition"


def own_settings(settings: DataSettings, key: str) -> dict[str, Any]:
    """Return the settings of ``[data.my]`` that one of the user's objects gets: those it takes, where there are two.

    Args:
        settings: Whose ``name`` and ``partition`` may be objects of the user's own.
        key: Which of them, ``"data.name"`` or ``"data.partition"``.

    Raises:
        ConfigError: For a setting that neither takes.
    """
    named = {"data.name": settings.name, KEY: settings.partition}
    mine = unfold(settings.my)
    if not all(map(is_reference, named.values())):
        return mine
    return shares({own: settings_taken(load_own(name, own), own) for own, name in named.items()}, mine)[key]


def own_partition(
    settings: DataSettings,
    labels: Int64[np.ndarray, " sample"],
    holders: Int64[np.ndarray, " sample"] | None,
    num_clients: int,
    seed: int,
) -> Parts:
    """Return the indices of each client's samples, ascending, as the user's object shares them out.

    Args:
        settings: Whose ``partition`` is a reference.
        labels: What the training samples are told apart by.
        holders: Number of each sample's client, where the data say it.
        num_clients: Clients.
        seed: The run's seed.

    Raises:
        ConfigError: If the object cannot be loaded or called, or does not give each client a sample that no other has.
    """
    mine = own_settings(settings, KEY)
    given = {
        "labels": labels,
        "num_clients": num_clients,
        "holders": holders,
        "rng": stream(seed, "partition"),
        "seed": seed,
        "num_partitions": num_clients,
        "partition_by": "label",
    }
    given = {name: value for name, value in given.items() if name not in mine}
    made = call_own(load_own(settings.partition, KEY), KEY, given, mine)
    if hasattr(made, "load_partition"):
        made = _asked(made, settings.partition, {"label": labels, "client": holders}, num_clients)
    return _checked(made, settings.partition, len(labels), num_clients)


def _asked(partitioner: Any, name: str, columns: Mapping[str, Any], num_clients: int) -> list[Any]:
    """Return the indices that a partitioner of Flower's interface gives to each client."""
    try:
        import datasets  # type: ignore[import-not-found]
    except ImportError:
        raise ConfigError(
            f"{KEY} = {name!r} parts a table of the package datasets, which is not installed; "
            "python -m pip install 'qfl-wireless[flwr-datasets]'"
        ) from None
    datasets.disable_progress_bars()
    known = {key: values for key, values in columns.items() if values is not None}
    try:
        partitioner.dataset = datasets.Dataset.from_dict({"index": np.arange(len(columns["label"])), **known})
        if partitioner.num_partitions != num_clients:
            raise ConfigError(
                f"clients.count = {num_clients}, but {KEY} = {name!r} makes {partitioner.num_partitions} parts; set "
                f"clients.count = {partitioner.num_partitions}"
            )
        return [np.array(partitioner.load_partition(k)["index"][:], dtype=np.int64) for k in range(num_clients)]
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"{KEY} = {name!r} {raised(error)}") from error


def _checked(made: Any, name: str, samples: int, num_clients: int) -> Parts:
    """Return parts that are parts: of each client some samples that there are, none of them twice."""
    said = f"{KEY} = {name!r}"
    if not isinstance(made, list | tuple) or len(made) != num_clients:
        count = f"{len(made)} parts" if isinstance(made, list | tuple) else type(made).__name__
        raise ConfigError(f"{said} returned {count} for {num_clients} clients; return a list of indices for each")
    parts = [np.asarray(part) for part in made]
    for client, part in enumerate(parts):
        if part.ndim != 1 or not part.size:
            what = "no sample" if part.ndim == 1 else f"an array of shape {part.shape}"
            raise ConfigError(f"{said} gives client {client} {what}; give every client at least one index")
        if part.dtype.kind not in "iu" or part.min() < 0 or part.max() >= samples:
            raise ConfigError(f"{said} gives client {client} what is no sample; return indices from 0 to {samples - 1}")
    every = np.concatenate(parts)
    if len(np.unique(every)) < len(every):
        twice = int(np.bincount(every).argmax())
        raise ConfigError(f"{said} gives sample {twice} twice; give each sample to one client at most")
    return tuple(np.sort(part.astype(np.int64)) for part in parts)
