"""Gaussian blobs: samples of any number, drawn from the seed, so that a run's size needs no download."""

import numpy as np
from jaxtyping import Float64

from qfl.data.dataset import Dataset
from qfl.seeds import stream

FEATURES, CLASSES, TESTED = 8, 10, 1000
NEAREST, FARTHEST, DEVIATION = 0.3, 0.7, 0.1  # of centres, along each axis, and of samples about them


def load_blobs(seed: int, samples: int) -> tuple[Dataset, Dataset]:
    """Return a training set of so many samples of a Gaussian mixture with one component a class, and a test set.

    Sample k is of class c = k mod 10, and x_k ~ N(mu_c, 0.1^2 I) in 8 dimensions, each centre mu_c ~ U[0.3, 0.7]^8.
    Unlike in the mixture, what lies outside [0, 1] is moved to the nearer end (at most 0.14 per cent of the entries).

    Args:
        seed: The run's seed, on which centres and samples depend.
        samples: Training samples, at least 1.

    Returns:
        Training set and test set; the test set has 1,000 samples.

    Example:
        >>> train, test = load_blobs(seed=1, samples=5000)
        >>> train.inputs.shape, len(test), train.labels[:3].tolist()
        ((5000, 8), 1000, [0, 1, 2])

    Reference:
        Pedregosa et al., Scikit-learn: machine learning in Python, JMLR 12, 2011 (`make_blobs`); Hastie, Tibshirani and
        Friedman, The elements of statistical learning, 2nd edition, 2009, Eq. (6.27) for the mixture, with one
        component and the same covariance for all classes.
    """
    centres = stream(seed, "blobs", "centres").uniform(NEAREST, FARTHEST, (CLASSES, FEATURES))
    return _draw(seed, "train", samples, centres), _draw(seed, "test", TESTED, centres)


def _draw(seed: int, part: str, samples: int, centres: Float64[np.ndarray, "label feature"]) -> Dataset:
    inputs = stream(seed, "blobs", part).standard_normal((samples, FEATURES))
    inputs *= DEVIATION
    for label, centre in enumerate(centres):  # in place: a million samples are not held twice
        inputs[label::CLASSES] += centre
    return Dataset(np.clip(inputs, 0.0, 1.0, out=inputs), np.arange(samples) % CLASSES, f"the {part} set of the blobs")
