"""From settings to the data of a federation: read, reduce, share out, describe."""

import hashlib
from dataclasses import replace
from functools import lru_cache

import numpy as np
from jaxtyping import Int64

from qfl.config import DataSettings
from qfl.config.data_rules import no_targets
from qfl.data.check import check
from qfl.data.class_weights import class_weights
from qfl.data.content import file_digest
from qfl.data.dataset import Dataset, FederatedData, Parts
from qfl.data.manifest import describe
from qfl.data.own import Labelled, Labels, load_labelled, own_files
from qfl.data.own_partition import own_partition
from qfl.data.partition import Indices, natural, partition
from qfl.data.targets import tenths
from qfl.data.transform import Preprocessing, fit, transform, without
from qfl.data.validation import hold_out
from qfl.errors import ConfigError
from qfl.extend import is_reference, load_object
from qfl.own_source import own_digest
from qfl.seeds import stream
from qfl.spec_rows import DatasetSpec
from qfl.specs import DATASETS, is_drawn

NONE = np.empty(0, dtype=np.int64)


def load(settings: DataSettings, clients: int, seed: int, labels: Labels = "classes") -> FederatedData:
    """Return the training data shared out to clients, the full test set, and the manifest.

    Where shares differ by labels, those of a regression differ by the tenth that a sample's first target is in.

    Args:
        settings: Which data, how small, and how shared.
        clients: Number of clients, at least 1.
        seed: The run's seed: the same settings, clients and seed give the same shares.
        labels: What labels are: classes, or the targets of a regression.

    Raises:
        DataError: If the data set is absent, unreadable or not what it should be.
        ConfigError: If it cannot be reduced or shared out as asked.

    Example:
        >>> data = load(DataSettings(), clients=200, seed=1)
        >>> len(data.parts), data.manifest["labels_per_client"]["max"]
        (200, 1)
    """
    found = read(settings, seed, labels)
    train, test = (check(part, len(found.classes)) for part in (found.train, found.test))
    parts, held = _shares(settings, found, clients, seed)
    train, test = transform(settings, train, test, held)
    grouped = replace(train, labels=_groups(found))
    weights = class_weights(settings, grouped.labels[np.concatenate(parts)], found.classes)
    about = describe(settings, seed, grouped, test, parts, held)
    about |= {"targets": list(found.targets)} if found.targets else {"classes": list(found.classes)}
    about |= {"class_weights": list(weights)} if weights else {}
    about |= {"dropped": found.dropped} if settings.bad_samples == "drop" else {}
    return FederatedData(train, test, parts, about, weights, held if len(held) else None)


def _groups(found: Labelled) -> Int64[np.ndarray, " sample"]:
    """Return what shares differ by: labels, or tenths of the first target."""
    return tenths(found.train.labels) if found.targets else found.train.labels


def _shares(settings: DataSettings, found: Labelled, clients: int, seed: int) -> tuple[Parts, Indices]:
    """Return what each client trains on, and what is held out of their shares."""
    if settings.partition == "natural":
        parts = natural(found.clients, clients)
    elif is_reference(settings.partition):
        parts = own_partition(settings, _groups(found), found.clients, clients, seed)
    else:
        parts = partition(settings, _groups(found), clients, stream(seed, "partition"))
    return hold_out(parts, settings.validation, seed)


def fit_raw(settings: DataSettings, clients: int, seed: int, labels: Labels = "classes") -> tuple[Preprocessing, int]:
    """Return what training does to a raw sample before the model sees it, and the features of a raw sample.

    Args:
        settings: Which data.
        clients: Number of clients, whose held-out samples preprocessing is not fitted to.
        seed: The run's seed.
        labels: What labels are: classes, or the targets of a regression.

    Raises:
        DataError: If the data set is absent or unreadable.
    """
    found = read(settings, seed, labels)
    held = _shares(settings, found, clients, seed)[1] if settings.validation else NONE
    return fit(settings, without(found.train.inputs, held)), found.train.inputs.shape[1]


def read_test(settings: DataSettings, seed: int, labels: Labels = "classes") -> Dataset:
    """Return the test set as it is before averaging down or PCA.

    Args:
        settings: Which data.
        seed: Of the split into training and test set.
        labels: What labels are: classes, or the targets of a regression.

    Raises:
        DataError: If the data set is absent, unreadable or not what it should be.
    """
    found = read(settings, seed, labels)
    return check(found.test, len(found.classes))


def content(settings: DataSettings) -> str:
    """Return what tells two contents of the same data apart: the files' SHA-256, and that of own functions' source.

    Whoever keeps what was loaded keeps it under this: a file may be replaced between two runs of one process.

    Raises:
        DataError: If a file is absent and cannot be downloaded, or cannot be read.
    """
    shared = own_digest(settings.partition) if is_reference(settings.partition) else ""
    if is_reference(settings.name):
        return own_digest(settings.name) + shared
    if settings.name not in DATASETS:
        files = own_files(settings)
    else:
        reference = DATASETS[settings.name].files
        files = load_object(reference)(settings.root) if reference else ()
    return (hashlib.sha256(b"".join(map(file_digest, files))).hexdigest() if files else "") + shared


def read(settings: DataSettings, seed: int, labels: Labels = "classes") -> Labelled:
    """Return all samples as they are read, before they are made smaller, with the names of classes or targets.

    Args:
        settings: Which data.
        seed: Of the split into training and test set, where the data have none of their own.
        labels: What labels are: classes, or the targets of a regression.

    Raises:
        DataError: If they cannot be read.
        ConfigError: If a data set of classes is to have targets.
    """
    if settings.name not in DATASETS:
        return _own(settings, seed, content(settings), labels)
    if labels == "targets":
        raise ConfigError(no_targets(settings.name))
    spec = DATASETS[settings.name]
    given = {"root": settings.root, "seed": seed, "samples": settings.samples}
    train, test = load_object(spec.loader)(**{name: given[name] for name in spec.given})
    return Labelled(train, test, tuple(map(str, range(spec.labels))))


def sizes(settings: DataSettings, seed: int, labels: Labels = "classes") -> DatasetSpec:
    """Return how many samples, features, and labels or targets there are; data that are nobody's row are read first.

    Args:
        settings: Which data.
        seed: Of the split.
        labels: What labels are: classes, or the targets of a regression.
    """
    if settings.name in DATASETS:
        spec = DATASETS[settings.name]
        return replace(spec, train=settings.samples) if is_drawn(settings.name) else spec
    found = read(settings, seed, labels)
    counts = found.train.inputs.shape[1], len(found.train), len(found.test)
    return DatasetSpec(settings.name, "", (), *counts, labels=len(found.targets or found.classes))


@lru_cache(maxsize=1)  # they are counted before they are used
def _own(settings: DataSettings, seed: int, held: str, labels: Labels) -> Labelled:
    return load_labelled(settings, seed, labels)
