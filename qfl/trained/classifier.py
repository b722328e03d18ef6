"""A trained classifier: raw samples in, labels and probabilities out, with the preprocessing that training fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qfl.config import Settings
from qfl.data.check import check, require_directions
from qfl.data.dataset import Dataset
from qfl.data.load import fit_raw, read
from qfl.data.transform import Preprocessing
from qfl.errors import DataError
from qfl.models.model import Model
from qfl.specs import MODELS
from qfl.surroundings import own_arithmetic
from qfl.tasks.classify import ClassifyTask
from qfl.tasks.labelled import whole
from qfl.trained.predictor import require_shape

AT_ONCE = 1000  # samples; more take memory and no less time
MEAN, COMPONENTS = "pca_mean", "pca_components"


@dataclass(frozen=True, eq=False)
class Classifier:
    """A classifier with its entries.

    Args:
        model: The network or circuit.
        angles: Its trained entries.
        num_features: Of a raw sample.
        classes: Names of the labels, in order.
        preprocessing: What training fitted.
        no_blank: Whether a sample of zeros has no state (amplitude encoding).
    """

    model: Model
    angles: NDArray
    num_features: int
    classes: Sequence[str]
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    no_blank: bool = False

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return f"features [sample {self.num_features}] as they were before averaging down or PCA"

    def predict(self, x: Any) -> NDArray[np.int64]:
        """Return the label of each sample, counted from 0; `classes` has their names."""
        return self._logits(x).argmax(-1).numpy()

    def probabilities(self, x: Any) -> NDArray[np.float64]:
        """Return the softmax of the logits, [sample class]."""
        return self._logits(x).double().softmax(-1).numpy()

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return accuracy, cross entropy in nats, accuracy by class, and the number of samples."""
        inputs, labels = self._features(x), self._labels(y)
        if len(labels) != len(inputs):
            raise DataError(f"x has {len(inputs)} samples but y has {len(labels)} labels; give one label per sample")
        data = check(Dataset(inputs, labels, "y"), len(self.classes))
        angles = torch.from_numpy(self.angles)
        with own_arithmetic(), torch.no_grad():
            found, by_class = ClassifyTask(self.model, len(self.classes)).evaluate(angles, whole(data, angles.dtype))
        named = dict(zip(self.classes, by_class, strict=True))
        return {name: float(found[name]) for name in ("accuracy", "loss")} | {"per_class": named, "samples": len(data)}

    def _logits(self, x: Any) -> Tensor:
        angles = torch.from_numpy(self.angles)
        inputs = torch.from_numpy(self._features(x)).to(angles.dtype)
        with own_arithmetic(), torch.no_grad():
            return torch.cat([self.model.logits(angles, part) for part in inputs.split(AT_ONCE)])

    def _features(self, x: Any) -> NDArray[np.float64]:
        given = np.asarray(x)
        if given.ndim == 3 and given.shape[1] * given.shape[2] == self.num_features:
            given = given.reshape(len(given), -1)  # images, row by row
        inputs = self.preprocessing.apply(require_shape(given, (None, self.num_features), self.inputs))
        if self.no_blank:
            data = Dataset(inputs, np.zeros(len(inputs), np.int64), "x")
            require_directions(data, data)
        return inputs

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
    fitted, num_features = fit_raw(settings.data, settings.clients.count, settings.seed)
    arrays = {MEAN: fitted.mean, COMPONENTS: fitted.components}
    facts = {
        "num_features": num_features,
        "classes": list(read(settings.data, settings.seed).classes),
        "side": fitted.side,
    }
    return facts, {name: array for name, array in arrays.items() if array is not None}


def restore(settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray]) -> Classifier:
    """Return the classifier of a model file.

    Args:
        settings: Of the run.
        facts: What `describe` gave.
        angles: The trained entries.
        arrays: The numbers that `describe` gave.
    """
    fitted = Preprocessing(facts["side"], arrays.get(MEAN), arrays.get(COMPONENTS))
    raw, classes = int(facts["num_features"]), [str(name) for name in facts["classes"]]
    if fitted.components is not None:
        features = len(fitted.components)
    else:
        features = raw if fitted.side is None else fitted.side**2
    model = MODELS[settings.model.name].make(settings, num_features=features, num_labels=len(classes))
    blank = settings.model.name == "vqc" and settings.model.encoding == "amplitude"
    return Classifier(model, angles, raw, classes, fitted, blank)
