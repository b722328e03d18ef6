"""Weights of classes in the clients' loss, so that a rare class counts as much as a frequent one.

The loss of a client becomes the mean of w_y times the cross entropy, over its samples. It is divided by the number of
samples and not by the sum of their weights: the server weighs clients by their samples, so that all of them together
minimise the weighted loss of all samples, and a client of a single class still tells how much that class counts.
"""

import numpy as np
from jaxtyping import Int64

from qfl.config import DataSettings
from qfl.config.listed import numbers_of
from qfl.errors import ConfigError


def class_weights(
    settings: DataSettings, labels: Int64[np.ndarray, " sample"], classes: tuple[str, ...]
) -> tuple[float, ...]:
    """Return a weight for each class, as ``data.class-weights`` asks; none where all count alike.

    ``"balanced"`` is w_c = n / (k n_c), of n training samples of which n_c are of class c, with k classes that have
    any; their mean over samples is 1. The counts are those of all clients together: within one client, which may hold
    a single class, they would say nothing of what is rare. A class without a training sample has the weight 0.

    Args:
        settings: Of the data.
        labels: Of all samples that clients train on.
        classes: Names of the labels.

    Raises:
        ConfigError: If as many weights are given as there are no classes.

    Example:
        >>> class_weights(DataSettings(class_weights="balanced"), np.array([0, 0, 0, 1]), ("rare", "common"))
        (0.6666666666666666, 2.0)

    Reference:
        King and Zeng, Logistic regression in rare events data, Political Analysis 9, 2001, section 4.2, as
        scikit-learn's ``class_weight="balanced"`` has it.
    """
    if settings.class_weights == "none":
        return ()
    if settings.class_weights != "balanced":
        given = numbers_of(settings.class_weights) or ()
        if len(given) != len(classes):
            raise ConfigError(
                f"data.class-weights has {len(given)} weights for {len(classes)} classes "
                f"({', '.join(classes)[:100]}); give one for each, in this order"
            )
        return given
    counts = np.bincount(labels, minlength=len(classes))
    present = counts > 0
    weights = np.where(present, len(labels) / (present.sum() * np.maximum(counts, 1)), 0.0)
    return tuple(weights.tolist())
