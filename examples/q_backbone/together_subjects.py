"""What points of presence train together: forecasts and codes, with the classical models and references beside them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

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


SUBJECTS = {
    "regress": Subject(
        "A forecast that points of presence train together",
        "coefficient of determination, more is better",
        {"circuit (quantum)": {}, "linear": {"model.name": "linear"}, "perceptron": {"model.name": "mlp"}},
        lambda r2: r2,
        ("no change", _no_change),
    ),
    "classify": Subject(
        "A code that points of presence train together",
        "share of words in error, less is better",
        {"circuit (quantum)": {}, "table of symbols": {"model.my.encoder": "table"}},
        lambda accuracy: 1 - accuracy,
        ("Hamming's code, maximum likelihood", _hamming),
    ),
}
