"""A record of who holds which samples, small enough for run.json and exact enough to compare two runs."""

import hashlib
from typing import Any

import numpy as np
from jaxtyping import Int64

from qfl.config import DataSettings
from qfl.data.dataset import Dataset, Parts


def describe(
    settings: DataSettings,
    seed: int,
    train: Dataset,
    test: Dataset,
    parts: Parts,
    held_out: Int64[np.ndarray, " _"] | None = None,
) -> dict[str, Any]:
    """Return the manifest of a partition, in values that JSON can hold.

    Args:
        settings: What was asked for.
        seed: The run's seed.
        train: The training set that was shared out.
        test: The test set.
        parts: Indices into the training set, per client.
        held_out: Indices of what is held out of the clients' shares, for validation.

    Returns:
        Name, seed, partition and counts; ``sizes`` and ``labels_per_client`` as minimum, mean and maximum over
        clients; ``unused``, the training samples that no client holds, and ``labels_left_out``, the labels that no
        client holds; the digest of the indices; and of the held-out samples, if there are any, number and digest.
    """
    held = np.concatenate(parts)
    validation = np.empty(0, dtype=np.int64) if held_out is None else held_out
    found = {
        "name": settings.name,
        "seed": seed,
        "partition": settings.partition,
        "clients": len(parts),
        "features": train.inputs.shape[1],
        "train": len(train),
        "test": len(test),
        "sizes": _spread([len(part) for part in parts]),
        "labels_per_client": _spread([len(np.unique(train.labels[part])) for part in parts]),
        "unused": len(train) - len(held) - len(validation),
        "labels_left_out": np.setdiff1d(train.labels, train.labels[held]).tolist(),
        "indices_sha256": indices_digest(parts),
    }
    held_out_of_it = {"validation": len(validation), "validation_sha256": indices_digest((validation,))}
    return found | (held_out_of_it if len(validation) else {})


def indices_digest(parts: tuple[Int64[np.ndarray, " _"], ...]) -> str:
    """Return the SHA-256 over each client's number of samples and indices, as little-endian 64-bit integers.

    Example:
        >>> indices_digest((np.array([0, 1]), np.array([2]))) == indices_digest((np.array([0]), np.array([1, 2])))
        False
    """
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part.astype("<i8").tobytes())
    return digest.hexdigest()


def _spread(values: list[int]) -> dict[str, int | float]:
    return {"min": min(values), "mean": float(np.mean(values)), "max": max(values)}
