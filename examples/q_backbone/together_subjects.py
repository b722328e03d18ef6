"""What points of presence train together: forecasts, kernels and codes, with classical models and references beside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from qfl.backbone.applications.autoencoder.block_errors import maximum_likelihood
from qfl.backbone.applications.autoencoder.codebooks import hamming
from qfl.tasks.federation import Federation


@dataclass(frozen=True)
class Subject:
    """What is trained together.

    Args:
        title: Of the page.
        figure: What a value is, and which way is better.
        models: Settings of each model, the quantum one first.
        of: From the task's figure of merit to the value.
        reference: Its name, and its value on a federation's test set.
    """

    title: str
    figure: str
    models: dict[str, dict[str, Any]]
    of: Callable[[float], float]
    reference: tuple[str, Callable[[Federation], float]]


def _no_change(setup: Federation) -> float:
    """Return R2 of telling no change, on the test set: targets are standardised, so 0 is their mean."""
    scaling = setup.task.scaling  # type: ignore[attr-defined]
    target = setup.test_batch.labels.double().numpy() * scaling.scale + scaling.mean
    return float(1 - np.sum(target**2) / np.sum((target - target.mean()) ** 2))


def _hamming(setup: Federation) -> float:
    """Return the share of the test set's words in error with Hamming's code and a maximum-likelihood receiver."""
    message, inputs, code = setup.test_batch.labels.numpy(), setup.test_batch.inputs.double().numpy(), hamming()
    return float(np.mean(maximum_likelihood(code, code[message] + inputs[:, -code.shape[1] :]) != message))


def _support_vectors(setup: Federation) -> float:
    """Return the share of the test set's rows told rightly by a support vector machine of all points' rows."""
    from sklearn.svm import SVC

    index = torch.from_numpy(np.concatenate(setup.parts))[None]
    known = setup.samples.take(index, torch.ones(index.shape, dtype=setup.dtype))
    machine = SVC().fit(known.inputs[0].numpy(), known.labels[0].numpy())
    return float(machine.score(setup.test_batch.inputs.numpy(), setup.test_batch.labels.numpy()))


# by `data.name`
SUBJECTS = {
    "qfl.backbone.applications.forecast.points:load": Subject(
        "A forecast that points of presence train together",
        "coefficient of determination, more is better",
        {"circuit (quantum)": {}, "linear": {"model.name": "linear"}, "perceptron": {"model.name": "mlp"}},
        lambda r2: r2,
        ("no change", _no_change),
    ),
    "qfl.backbone.applications.anomaly.points:load": Subject(
        "A kernel for anomalies that points of presence train together",
        "share of rows told rightly, more is better",
        {
            "kernel (quantum)": {},
            "Gaussian kernel": {"model.my.kernel": "gaussian"},
            "perceptron": {"model.name": "mlp"},
        },
        lambda accuracy: accuracy,
        ("a support vector machine of all points' rows in one place", _support_vectors),
    ),
    "qfl.backbone.applications.autoencoder.recorded:load": Subject(
        "A code that points of presence train together",
        "share of words in error, less is better",
        {"circuit (quantum)": {}, "table of symbols": {"model.my.encoder": "table"}},
        lambda accuracy: 1 - accuracy,
        ("Hamming's code, maximum likelihood", _hamming),
    ),
}
