"""A trained model of shared samples: raw features in, preprocessed as in training; logits or targets out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from qfl.config import Settings
from qfl.data.check import require_directions
from qfl.data.dataset import Dataset
from qfl.data.load import fit_raw
from qfl.data.own import Labels
from qfl.data.transform import Preprocessing
from qfl.models.model import Model
from qfl.models.vqc import Vqc
from qfl.surroundings import own_arithmetic
from qfl.tasks.labelled import classifier_of
from qfl.trained.predictor import require_shape

AT_ONCE = 1000  # samples; more take memory and no less time
MEAN, COMPONENTS = "pca_mean", "pca_components"


@dataclass(frozen=True, eq=False)
class Network:
    """A network or circuit with its entries.

    Args:
        model: The network or circuit.
        angles: Its trained entries.
        num_features: Of a raw sample.
        preprocessing: What training fitted.
        no_blank: Whether a sample of zeros has no state (amplitude encoding).
    """

    model: Model
    angles: NDArray
    num_features: int
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    no_blank: bool = False

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return f"features [sample {self.num_features}] as they were before averaging down or PCA"

    def outputs(self, x: Any) -> Tensor:
        """Return what the model says of raw samples, [sample output].

        Raises:
            DataError: If they are no samples of this model.
        """
        angles = torch.from_numpy(self.angles)
        inputs = torch.from_numpy(self.features(x)).to(angles.dtype)
        with own_arithmetic(), torch.no_grad():
            return torch.cat([self.model.logits(angles, part) for part in inputs.split(AT_ONCE)])

    def features(self, x: Any) -> NDArray[np.float64]:
        """Return raw samples as the model takes them, preprocessed, [sample feature].

        Raises:
            DataError: If they are no samples of this model.
        """
        given = np.asarray(x)
        if given.ndim == 3 and given.shape[1] * given.shape[2] == self.num_features:
            given = given.reshape(len(given), -1)  # images, row by row
        inputs = self.preprocessing.apply(require_shape(given, (None, self.num_features), self.inputs))
        if self.no_blank:
            data = Dataset(inputs, np.zeros(len(inputs), np.int64), "x")
            require_directions(data, data)
        return inputs


def describe_inputs(settings: Settings, labels: Labels) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return what a model file says of a raw sample: plain facts, and the numbers of its preprocessing.

    Args:
        settings: Of the run.
        labels: What the labels of its data are.

    Raises:
        DataError: If the training data, which preprocessing is fitted to, cannot be read.
    """
    fitted, num_features = fit_raw(settings.data, settings.clients.count, settings.seed, labels)
    arrays = {MEAN: fitted.mean, COMPONENTS: fitted.components}
    facts = {"num_features": num_features, "side": fitted.side}
    return facts, {name: array for name, array in arrays.items() if array is not None}


def restore_network(
    settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray], num_outputs: int
) -> Network:
    """Return the network of a model file.

    Args:
        settings: Of the run.
        facts: What `describe_inputs` gave.
        angles: The trained entries.
        arrays: The numbers that `describe_inputs` gave.
        num_outputs: Classes, or targets.
    """
    fitted = Preprocessing(facts["side"], arrays.get(MEAN), arrays.get(COMPONENTS))
    raw = int(facts["num_features"])
    if fitted.components is not None:
        features = len(fitted.components)
    else:
        features = raw if fitted.side is None else fitted.side**2
    model = classifier_of(settings, features, num_outputs)
    blank = isinstance(model, Vqc) and model.circuit.amplitudes
    return Network(model, angles, raw, fitted, blank)
