"""Weights that let a round cover all labels: what one more device with a label adds, less with each one before it."""

from collections.abc import Sequence
from numbers import Integral

import numpy as np
from jaxtyping import Bool, Float64
from numpy import ndarray

from qfl.arrays import checked
from qfl.errors import InputError


@checked(least="samples strength delivered")
def coverage_weights(
    samples: Float64[ndarray, " device"],
    holds: Bool[ndarray, "device label"],
    strength: Float64[ndarray, " device"],
    delivered: Float64[ndarray, " label"],
) -> Float64[ndarray, " device"]:
    r"""Return the weight of each device's rate: its samples, over its rank among the devices that hold its label.

    .. math:: w_i = \frac{n_i}{|L_i|} \sum_{l \in L_i} \frac{1}{d_l + \rho_{il}}

    with the n samples and the labels L of a device, the d updates that are in for a label already, and the rank
    :math:`\rho` of the device by strength among those of the label that still wait, the strongest first. A label's k-th
    update so counts 1/k: the sum is the harmonic number, which grows like a logarithm, as proportional fairness does,
    and a label without any update outweighs every label that has one. **The server must know which labels each device
    holds.** Devices without labels count their samples.

    Args:
        samples: Training samples of each device, above 0.
        holds: Whether a device holds a label.
        strength: What ranks devices, such as their best gain.
        delivered: Updates that are in for each label.

    Example:
        >>> held = np.array([[True, False], [True, False], [False, True]])
        >>> coverage_weights(np.ones(3), held, np.array([2.0, 3.0, 1.0]), np.zeros(2))
        array([0.5, 1. , 1. ])

    Reference:
        Ours. Weights that fall with what a user has got already are those of proportional fairness (Kelly, 1997,
        Charging and rate control for elastic traffic).
    """
    order = np.argsort(-strength, kind="stable")
    rank = np.zeros(holds.shape)
    rank[order] = np.cumsum(holds[order], axis=0)
    worth = np.where(holds, 1 / np.maximum(delivered + rank, 1), 0.0).sum(axis=1)
    count = holds.sum(axis=1)
    return samples * np.where(count > 0, worth / np.maximum(count, 1), 1.0)


@checked()
def lost_labels(holds: Bool[ndarray, "device label"], delivered: Bool[ndarray, " device"]) -> int:
    """Return how many of the labels that the devices hold no delivered update stands for.

    Example:
        >>> lost_labels(np.array([[True, False], [False, True], [True, False]]), np.array([True, False, False]))
        1
    """
    return int(np.sum(holds.any(axis=0) & ~holds[delivered].any(axis=0)))


def label_table(labels: Sequence[Sequence[int]]) -> Bool[ndarray, "device label"]:
    """Return which device holds which label.

    Example:
        >>> label_table([(0,), (0, 2)]).astype(int).tolist()
        [[1, 0, 0], [1, 0, 1]]

    Raises:
        InputError: If a label is no whole number of 0 or more.
    """
    for device, own in enumerate(labels):
        if wrong := [label for label in own if not isinstance(label, Integral) or label < 0]:
            raise InputError(f"labels of device {device} have {wrong[0]!r}; give whole numbers of 0 or more")
    table = np.zeros((len(labels), max((max(own) + 1 for own in labels if len(own)), default=0)), dtype=bool)
    for device, own in enumerate(labels):
        table[device, list(own)] = True
    return table
