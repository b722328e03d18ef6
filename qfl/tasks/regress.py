r"""Regression as a task: the mean square error of standardised targets as loss, R2 as the figure of merit.

Targets are standardised with mean and standard deviation over all training samples (`qfl.data.targets`), so a loss of 1
is what the mean would do. With predictions f and targets y of n samples

.. math::
    R^2 = 1 - \frac{\sum_i (y_i - f_i)^2}{\sum_i (y_i - \bar y)^2},

the mean over targets where there are several; scale and mean of a target make no difference to it.

On the central test, the mean is that of the test samples. A client's own R2 takes mean and variance of all training
samples instead, which are 0 and 1: it is 1 minus the client's loss. So it is defined for a client whose targets are all
the same, where the quotient is not, and the mean over clients, weighted by their samples, is the R2 of all of them.

Reference:
    Draper and Smith, Applied regression analysis, 3rd ed., 1998, Eq. (1.3.6).
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from qfl.config import Settings
from qfl.data.load import load
from qfl.data.targets import Scaling, standardised
from qfl.models.model import Model
from qfl.tasks.classify import Batch
from qfl.tasks.federation import Federation
from qfl.tasks.labelled import federation_of

MOST_KEPT = 400  # test samples whose predictions a run keeps
MOST_SHOWN = 4  # targets, likewise


@dataclass(frozen=True)
class RegressTask:
    """Train a model to predict standardised targets.

    Args:
        model: Anything that turns an angle vector and samples into one number per target.
        num_targets: Number of targets.
        scaling: What targets were standardised with; None where they are in their own units.
    """

    model: Model
    num_targets: int
    scaling: Scaling | None = None

    def metrics(self, angles: Float[Tensor, "*client angle"], batch: Batch) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``loss`` (with gradient), the mean square error of each client, and ``r2``, 1 minus it."""
        error = (self.model.logits(angles, batch.inputs) - batch.labels).square().mean(-1)
        loss = (error * batch.weight).sum(-1) / batch.weight.sum(-1)
        return {"loss": loss, "r2": 1 - loss}

    def evaluate(self, angles: Float[Tensor, " angle"], batch: Batch) -> tuple[dict[str, Tensor], list[float]]:
        """Return the mean square error and R2 of the samples, and R2 by target."""
        predicted = self.model.logits(angles, batch.inputs)
        by_target = r_squared(predicted, batch.labels)
        return {"loss": (predicted - batch.labels).square().mean(), "r2": by_target.mean()}, by_target.tolist()

    def predictions(self, angles: Float[Tensor, " angle"], batch: Batch) -> dict[str, Any]:
        """Return what a report draws, in the targets' own units: some samples, and every target's errors over all.

        Args:
            angles: The model's entries.
            batch: The test set.

        Returns:
            ``true`` and ``predicted`` [sample target] of `MOST_KEPT` samples at most, evenly spaced, and of the first
            `MOST_SHOWN` targets; ``rmse`` and ``bias`` [target], root mean square and mean of predicted minus true.
        """
        predicted, true = (part.double().numpy() for part in (self.model.logits(angles, batch.inputs), batch.labels))
        if self.scaling is not None:
            predicted, true = self.scaling.restore(predicted), self.scaling.restore(true)
        error, kept = predicted - true, np.unique(np.linspace(0, len(true) - 1, MOST_KEPT).round().astype(int))
        return {
            "true": true[kept, :MOST_SHOWN].tolist(),
            "predicted": predicted[kept, :MOST_SHOWN].tolist(),
            "rmse": np.sqrt(np.square(error).mean(axis=0)).tolist(),
            "bias": error.mean(axis=0).tolist(),
        }


def r_squared(
    predicted: Float[Tensor, "sample target"], targets: Float[Tensor, "sample target"]
) -> Float[Tensor, " target"]:
    """Return the coefficient of determination of each target, in double precision.

    A target that does not vary has 1 where every prediction is right, and 0 otherwise, as in scikit-learn.

    Args:
        predicted: Predictions.
        targets: What they should be.

    Example:
        >>> r_squared(torch.tensor([[1.0], [2.0], [3.0]]), torch.tensor([[1.0], [2.0], [4.0]]))
        tensor([0.7857], dtype=torch.float64)
    """
    predicted, targets = predicted.double(), targets.double()
    error = (targets - predicted).square().sum(0)
    variation = (targets - targets.mean(0)).square().sum(0)
    flat = variation == 0
    quotient = error / torch.where(flat, 1.0, variation)
    return torch.where(flat, (error == 0).double(), 1 - quotient)


def build_regress(settings: Settings) -> Federation:
    """Return the federation of regressions.

    Raises:
        DataError: If the data cannot be read, have targets that are no finite numbers or do not vary, or hold a blank
            sample that the model's encoding has no state for.
        ConfigError: If model and data do not fit each other.
    """
    data, scaling = standardised(load(settings.data, settings.clients.count, settings.seed, "targets"))
    return federation_of(settings, data, partial(RegressTask, scaling=scaling))
