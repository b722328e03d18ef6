"""A trained regression: raw samples in, targets in their own units out, with the means and scales of training."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import torch
from numpy.typing import NDArray

from qfl.config import Settings
from qfl.data.check import check
from qfl.data.dataset import Dataset
from qfl.data.load import load
from qfl.data.targets import Scaling, require_variance, scaling_of
from qfl.errors import DataError, InputError
from qfl.models.model import Model
from qfl.surroundings import own_arithmetic
from qfl.tasks.labelled import whole
from qfl.tasks.regress import RegressTask
from qfl.trained.network import Network, describe_inputs, restore_network

MEAN, SCALE = "target_mean", "target_scale"


@dataclass(frozen=True, eq=False)
class Regressor:
    """A regression with its entries.

    Args:
        network: What gives standardised targets.
        targets: Names of the targets, in order.
        scaling: What training standardised targets with.
    """

    network: Network
    targets: Sequence[str]
    scaling: Scaling

    @property
    def model(self) -> Model:
        """The network or circuit."""
        return self.network.model

    @property
    def inputs(self) -> str:
        """What it takes, in words."""
        return self.network.inputs

    def predict(self, x: Any) -> NDArray[np.float64]:
        """Return the targets of each sample in their own units, [sample target]; `targets` has their names."""
        return self.scaling.restore(self.network.outputs(x).double().numpy())

    def probabilities(self, x: Any) -> NoReturn:
        """Refuse: targets are no classes."""
        raise InputError("a regression has no classes, and so no probabilities; use predict for its targets")

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return R2, the mean square error of standardised targets, R2 by target, and the number of samples."""
        inputs, targets = self.network.features(x), self._targets(y)
        if len(targets) != len(inputs):
            raise DataError(f"x has {len(inputs)} samples but y has {len(targets)} rows; give one per sample")
        data = check(Dataset(inputs, self.scaling.standardise(targets), "y"), 0)
        require_variance(Dataset(inputs, targets, "y"), self.targets)
        angles = torch.from_numpy(self.network.angles)
        with own_arithmetic(), torch.no_grad():
            found, by_target = RegressTask(self.model, len(self.targets)).evaluate(angles, whole(data, angles.dtype))
        named = dict(zip(self.targets, by_target, strict=True))
        return {name: float(found[name]) for name in ("r2", "loss")} | {"per_target": named, "samples": len(data)}

    def _targets(self, y: Any) -> NDArray[np.float64]:
        targets, count = np.asarray([] if y is None else y), len(self.targets)
        targets = targets[:, None] if targets.ndim == 1 and count == 1 else targets
        if y is None or targets.dtype.kind not in "biuf" or targets.ndim != 2 or targets.shape[1] != count:
            names = ", ".join(self.targets)[:100]
            raise DataError(f"y holds no targets; give numbers, [sample {count}] ({names}), a row per sample")
        return targets.astype(np.float64)


def describe(settings: Settings) -> tuple[dict[str, Any], dict[str, NDArray]]:
    """Return what a model file says of a regression's data: plain facts, and the numbers of its preprocessing.

    Raises:
        DataError: If the training data, which everything is fitted to, cannot be read.
    """
    facts, arrays = describe_inputs(settings, "targets")
    data = load(settings.data, settings.clients.count, settings.seed, "targets")
    scaling = scaling_of(data)
    return facts | {"targets": data.manifest["targets"]}, arrays | {MEAN: scaling.mean, SCALE: scaling.scale}


def restore(settings: Settings, facts: Mapping[str, Any], angles: NDArray, arrays: Mapping[str, NDArray]) -> Regressor:
    """Return the regression of a model file.

    Args:
        settings: Of the run.
        facts: What `describe` gave.
        angles: The trained entries.
        arrays: The numbers that `describe` gave.
    """
    targets = [str(name) for name in facts["targets"]]
    scaling = Scaling(arrays[MEAN], arrays[SCALE])
    return Regressor(restore_network(settings, facts, angles, arrays, len(targets)), targets, scaling)
