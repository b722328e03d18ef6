"""Classification as a task: a pure loss over an angle vector.

Nothing here remembers anything, so the same task runs one client (angles [angle], batch [sample ...]) or all clients at
once (angles [client angle], batch [client sample ...]), and both give the same numbers.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

from qfl.models.model import Model

Labels = Int[Tensor, "*client sample"] | Float[Tensor, "*client sample target"]
"""The class of each sample, or its targets in a regression."""


class Batch(NamedTuple):
    """Samples, their labels or targets, and a weight of 0 for padding (1 otherwise)."""

    inputs: Float[Tensor, "*client sample feature"]
    labels: Labels
    weight: Float[Tensor, "*client sample"]


@dataclass(frozen=True)
class ClassifyTask:
    """Train a model to tell labels apart.

    Args:
        model: Anything that turns an angle vector and samples into logits.
        num_labels: Number of classes.
        class_weights: Of each class in the loss that clients minimise (`qfl.data.class_weights`); none where all
            classes count alike. The central test counts every sample alike in either case.
    """

    model: Model
    num_labels: int
    class_weights: tuple[float, ...] = ()

    def loss(self, angles: Float[Tensor, "*client angle"], batch: Batch) -> Float[Tensor, "*client"]:
        """Return the cross entropy, each sample's times its class's weight, averaged over the samples of a client."""
        return self.metrics(angles, batch)["loss"]

    def metrics(self, angles: Float[Tensor, "*client angle"], batch: Batch) -> dict[str, Float[Tensor, "*client"]]:
        """Return ``loss`` (with gradient) and ``accuracy``, averaged over the samples of each client."""
        return _metrics(self.model.logits(angles, batch.inputs), batch, self.class_weights)

    def evaluate(self, angles: Float[Tensor, " angle"], batch: Batch) -> tuple[dict[str, Tensor], list[float]]:
        """Return `metrics`, and the accuracy on the samples of each label (0 for a label without samples)."""
        logits = self.model.logits(angles, batch.inputs)
        right = (logits.argmax(-1) == batch.labels).double()
        count = torch.bincount(batch.labels, minlength=self.num_labels)
        per_class = torch.bincount(batch.labels, right, self.num_labels) / count.clamp(min=1)
        return _metrics(logits, batch), per_class.tolist()


def _metrics(
    logits: Float[Tensor, "*client sample label"], batch: Batch, class_weights: tuple[float, ...] = ()
) -> dict[str, Float[Tensor, "*client"]]:
    each = torch.tensor(class_weights, dtype=logits.dtype) if class_weights else None
    entropy = torch.nn.functional.cross_entropy(logits.flatten(0, -2), batch.labels.flatten(), each, reduction="none")
    right = (logits.argmax(-1) == batch.labels).to(logits.dtype)
    return {"loss": _mean(entropy.view_as(right), batch), "accuracy": _mean(right, batch)}


def _mean(values: Tensor, batch: Batch) -> Float[Tensor, "*client"]:
    return (values * batch.weight).sum(-1) / batch.weight.sum(-1)
