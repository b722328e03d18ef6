"""What the data part hands out: samples with labels, and which client holds which."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64, Int64

Parts = tuple[Int64[np.ndarray, " _"], ...]


@dataclass(frozen=True)
class Dataset:
    """Samples and their labels, or the targets of a regression.

    Args:
        inputs: Pixels in [0, 1], row by row, or principal component scores.
        labels: 0, 1, ..., one per sample; of a regression a row of targets.
        origin: Where sample k is to be found, at index k, for messages.

    Example:
        >>> len(Dataset(np.zeros((3, 4)), np.array([0, 1, 1])))
        3
    """

    inputs: Float64[np.ndarray, "sample feature"]
    labels: Int64[np.ndarray, " sample"] | Float64[np.ndarray, "sample target"]
    origin: str = "the data"

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class FederatedData:
    """Training samples shared out to clients, and a test set that no client sees.

    Args:
        train: All training samples.
        test: The full test set, disjoint from ``train``.
        parts: Per client, the indices of its samples in ``train``; no index comes twice.
        manifest: What was shared out and how, in plain values: `qfl.data.manifest.describe`.
        class_weights: Of each class in the clients' loss; none where all count alike.
        validation: Indices into ``train`` of what is held out of the clients' shares; None where nothing is.
    """

    train: Dataset
    test: Dataset
    parts: Parts
    manifest: dict[str, Any]
    class_weights: tuple[float, ...] = ()
    validation: Int64[np.ndarray, " sample"] | None = None
