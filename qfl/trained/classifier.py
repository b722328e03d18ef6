"""A trained classifier: raw samples in, labels and probabilities out, with the preprocessing that training fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.data.check import check
from qfl.data.dataset import Dataset
from qfl.data.load import read
from qfl.errors import DataError
from qfl.models.model import Model
from qfl.surroundings import own_arithmetic
from qfl.tasks.classify import ClassifyTask
from qfl.tasks.labelled import whole
from qfl.trained.network import Network, describe_inputs, restore_network


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier with its entries.

    Args:
        network: What gives the logits.
        classes: Names of the labels, in order.
    """

    network: Network
    classes: Sequence[str]

    @property
    def model(self) -> Model:
        """The network or circuit."""
        return self.network.model

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return self.network.inputs

    def predict(self, x: Any) -> NDArray[np.int64]:
        """Return the label of each sample, counted from 0; `classes` has their names."""
        return self.network.outputs(x).argmax(-1).numpy()

    def probabilities(self, x: Any) -> NDArray[np.float64]:
        """Return the softmax of the logits, [sample class]."""
        return self.network.outputs(x).double().softmax(-1).numpy()

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return accuracy, cross entropy in nats, accuracy by class, and the number of samples."""
        inputs, labels = self.network.features(x), self._labels(y)
        if len(labels) != len(inputs):
            raise DataError(f"x has {len(inputs)} samples but y has {len(labels)} labels; give one label per sample")
        data = check(Dataset(inputs, labels, "y"), len(self.classes))
        angles = torch.from_numpy(self.network.angles)
        with own_arithmetic(), torch.no_grad():
            found, by_class = ClassifyTask(self.model, len(self.classes)).evaluate(angles, whole(data, angles.dtype))
        named = dict(zip(self.classes, by_class, strict=True))
        return {name: float(found[name]) for name in ("accuracy", "loss")} | {"per_class": named, "samples": len(data)}

    def _labels(self, y: Any) -> NDArray[np.int64]:
        labels = np.asarray([] if y is None else y)
        if y is None or labels.ndim != 1 or labels.dtype.kind not in "biu":
            raise DataError(f"y holds no labels; give whole numbers from 0 to {len(self.classes) - 1}, one per sample")
        return labels.astype(np.int64)


def describe(settings: Settings) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return what a model file says of a classifier's data: plain facts, and the numbers of its preprocessing.

    Raises:
        DataError: If the training data, which preprocessing is fitted to, cannot be read.
    """
    facts, arrays = describe_inputs(settings, "classes")
    return facts | {"classes": list(read(settings.data, settings.seed).classes)}, arrays


def restore(settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray]) -> Classifier:
    """Return the classifier of a model file.

    Args:
        settings: Of the run.
        facts: What `describe` gave.
        angles: The trained entries.
        arrays: The numbers that `describe` gave.
    """
    classes = [str(name) for name in facts["classes"]]
    return Classifier(restore_network(settings, facts, angles, arrays, len(classes)), classes)
