"""Make inputs smaller, so that they fit few qubits: averaged pixels or principal components."""

from dataclasses import dataclass, replace
from math import isqrt

import numpy as np
from jaxtyping import Float64, Int64

from qfl.config import DataSettings
from qfl.data.dataset import Dataset
from qfl.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Preprocessing:
    """What is done to a sample before a model sees it, as it was fitted to the training data.

    Args:
        side: Pixels per side that images are averaged down to; None leaves them.
        mean: Of the training inputs, where principal components are taken.
        components: The directions, of length 1.
    """

    side: int | None = None
    mean: Float64[np.ndarray, " pixel"] | None = None
    components: Float64[np.ndarray, "component pixel"] | None = None

    def apply(self, inputs: Float64[np.ndarray, "sample pixel"]) -> Float64[np.ndarray, "sample feature"]:
        """Return the inputs as the model takes them.

        Example:
            >>> Preprocessing(side=1).apply(np.array([[0.0, 1.0, 0.0, 1.0]]))
            array([[0.5]])
        """
        if self.side is not None:
            return average_pool(inputs, self.side)
        if self.mean is None or self.components is None:
            return inputs
        return inputs @ self.components.T - self.mean[None] @ self.components.T  # as scikit-learn does, to the bit


def fit(settings: DataSettings, train: Float64[np.ndarray, "sample pixel"]) -> Preprocessing:
    """Return what ``data.side`` or ``data.pca`` ask for, fitted to training inputs.

    Raises:
        ConfigError: If the data cannot be reduced to that many components.
    """
    if settings.side is None and settings.pca is not None:
        return Preprocessing(None, *_directions(train, settings.pca))
    return Preprocessing(settings.side)


def without(
    inputs: Float64[np.ndarray, "sample pixel"], held: Int64[np.ndarray, " _"]
) -> Float64[np.ndarray, "_ pixel"]:
    """Return inputs without those at some indices; the same array where there are none."""
    return np.delete(inputs, held, axis=0) if len(held) else inputs


def transform(
    settings: DataSettings, train: Dataset, test: Dataset, held: Int64[np.ndarray, " _"]
) -> tuple[Dataset, Dataset]:
    """Return both sets with the inputs that ``data.side`` or ``data.pca`` ask for.

    Args:
        settings: ``side`` and ``pca``, of which one at most is above 0.
        train: The training set; principal components are fitted to it alone.
        test: The test set.
        held: Indices of what is held out of the training set; nothing is fitted to these samples.

    Raises:
        ConfigError: If the data cannot be reduced to that many pixels or components.
    """
    if settings.side is None and settings.pca is None:
        return train, test
    fitted = fit(settings, without(train.inputs, held))
    return replace(train, inputs=fitted.apply(train.inputs)), replace(test, inputs=fitted.apply(test.inputs))


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
    fitted = Preprocessing(None, *_directions(train, count))
    return fitted.apply(train), fitted.apply(test)


def _directions(
    train: Float64[np.ndarray, "sample pixel"], count: int
) -> tuple[Float64[np.ndarray, " pixel"], Float64[np.ndarray, "component pixel"]]:
    """Return the mean of the training inputs and their first principal components."""
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
    return np.asarray(pca.mean_), np.asarray(pca.components_)
