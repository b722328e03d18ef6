"""Make inputs smaller, so that they fit few qubits: averaged pixels or principal components."""

from dataclasses import replace
from math import isqrt

import numpy as np
from jaxtyping import Float64

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.errors import ConfigError


def transform(settings: DataSettings, train: Dataset, test: Dataset) -> tuple[Dataset, Dataset]:
    """Return both sets with the inputs that ``data.side`` or ``data.pca`` ask for.

    Args:
        settings: ``side`` and ``pca``, of which one at most is above 0.
        train: The training set; principal components are fitted to it alone.
        test: The test set.

    Raises:
        ConfigError: If the data cannot be reduced to that many pixels or components.
    """
    if settings.side is not None:
        inputs = average_pool(train.inputs, settings.side), average_pool(test.inputs, settings.side)
    elif settings.pca is not None:
        inputs = principal_components(train.inputs, test.inputs, settings.pca)
    else:
        return train, test
    return replace(train, inputs=inputs[0]), replace(test, inputs=inputs[1])


def average_pool(inputs: Float64[np.ndarray, "sample pixel"], side: int) -> Float64[np.ndarray, "sample small_pixel"]:
    """Return square images averaged down to ``side`` x ``side`` pixels.

    Where ``side`` does not divide the image's side, the image is first framed with zeros up to the next power of two:
    28 x 28 becomes 32 x 32, and 16 x 16 are exact means of 2 x 2 pixels.

    Args:
        inputs: Square images, row by row.
        side: Pixels per side of the result.

    Returns:
        The averaged images, row by row.

    Raises:
        ConfigError: If ``side`` divides neither the image's side nor the next power of two.

    Example:
        >>> average_pool(np.array([[0.0, 1.0, 0.0, 1.0]]), 1)
        array([[0.5]])
    """
    size = isqrt(inputs.shape[1])
    framed = size if size % side == 0 else 1 << (size - 1).bit_length()
    if size**2 != inputs.shape[1] or side > size or framed % side:
        raise ConfigError(
            f"data.side = {side}: images of {size} x {size} pixels can be averaged down to "
            f"{', '.join(map(str, possible_sides(size)))} pixels per side; choose one of these"
        )
    # row: averaged pixel, column: pixel; the frame's zeros need no columns
    block, frame = framed // side, (framed - size) // 2
    mean = (np.arange(size) + frame) // block == np.arange(side)[:, None]
    images = inputs.reshape(-1, size, size)
    return (mean / block @ images @ (mean / block).T).reshape(-1, side**2)


def possible_sides(size: int) -> list[int]:
    """Return the sides that images of ``size`` x ``size`` pixels can be averaged down to.

    Example:
        >>> possible_sides(28)
        [1, 2, 4, 7, 8, 14, 16, 28]
    """
    framed = 1 << (size - 1).bit_length()
    return [side for side in range(1, size + 1) if size % side == 0 or framed % side == 0]


def principal_components(
    train: Float64[np.ndarray, "train_sample pixel"], test: Float64[np.ndarray, "test_sample pixel"], count: int
) -> tuple[Float64[np.ndarray, "train_sample component"], Float64[np.ndarray, "test_sample component"]]:
    """Return the scores on the first principal components; mean and components come from the training data only.

    Args:
        train: Training inputs.
        test: Test inputs.
        count: Components to keep.

    Returns:
        Scores of the training and of the test inputs.

    Raises:
        ConfigError: If there are fewer training samples or features than components, or all samples are equal.
    """
    from sklearn.decomposition import PCA

    if count > min(train.shape):
        raise ConfigError(
            f"data.pca = {count}: {train.shape[0]} training samples of {train.shape[1]} features have at most "
            f"{min(train.shape)} components; choose a smaller number"
        )
    if (train == train[0]).all():
        raise ConfigError(
            f"data.pca = {count}: all {len(train)} training samples are equal, so no direction varies; give samples "
            "that differ, or drop data.pca"
        )
    pca = PCA(count, svd_solver="covariance_eigh").fit(train)  # exact, and the same in every run
    return pca.transform(train), pca.transform(test)
