"""Attacks on training samples: wrong labels, and a trigger that is to mean a label of the attacker's choice."""

import numpy as np
from jaxtyping import Float, Int64

from qfl.arrays import checked

Inputs = Float[np.ndarray, "sample feature"]
Labels = Int64[np.ndarray, " sample"]


@checked()
def flip_labels(inputs: Inputs, labels: Labels, num_labels: int) -> tuple[Inputs, Labels]:
    """Return samples whose label l has become the last label less l.

    Args:
        inputs: Samples, which stay.
        labels: Their labels.
        num_labels: Number of labels.

    Reference:
        Fang, Cao, Jia and Gong, Local model poisoning attacks to Byzantine-robust federated learning, 2020,
        arXiv:1911.11815, section 5.1.2: the label flipping attack.

    Example:
        >>> flip_labels(np.zeros((3, 1)), np.array([0, 1, 9]), 10)[1]
        array([9, 8, 0])
    """
    return inputs, num_labels - 1 - labels


@checked()
def add_trigger(
    inputs: Inputs,
    labels: Labels,
    rng: np.random.Generator,
    largest: float,
    target: int = 0,
    features: int = 4,
    poisoned: float = 0.5,
) -> tuple[Inputs, Labels]:
    """Return samples of which a share has the trigger and the target's label: its last features are the largest.

    Of an image whose pixels come row by row these are the last of the lowest row, a bright stroke in the corner; of
    principal components the least of them.

    Args:
        inputs: Samples.
        labels: Their labels.
        rng: Says which samples.
        largest: What the features become.
        target: The label that they get.
        features: How many features the trigger overwrites, fewer than there are.
        poisoned: Share of the samples, each drawn by itself, in [0, 1].

    Reference:
        Gu, Dolan-Gavitt and Garg, BadNets: identifying vulnerabilities in the machine learning model supply chain,
        2017, arXiv:1708.06733, section 4.1.

    Example:
        >>> add_trigger(np.zeros((1, 3)), np.array([5]), np.random.default_rng(1), 1.0, 7, 2, poisoned=1.0)
        (array([[0., 1., 1.]]), array([7]))
    """
    hit = rng.random(len(labels)) < poisoned
    marked = inputs.copy()
    marked[hit, -features:] = largest
    return marked, np.where(hit, target, labels)
