"""What every trained model can be asked, whatever its task, and which samples are refused before any arithmetic."""

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from qfl.errors import DataError


@runtime_checkable
class Predictor(Protocol):
    """A model with its entries and all that its inputs need first."""

    @property
    def model(self) -> Any:
        """The model itself, with its layout."""
        ...

    @property
    def inputs(self) -> str:
        """What it takes, in words, with axes and unit."""
        ...

    def predict(self, x: Any) -> NDArray:
        """Return what the model says of each sample."""
        ...

    def probabilities(self, x: Any) -> NDArray:
        """Return how likely each class is of each sample; refused where there are no classes."""
        ...

    def evaluate(self, x: Any, y: Any = None) -> dict[str, Any]:
        """Return the task's figures on samples."""
        ...


def require_shape(x: Any, expected: tuple[int | None, ...], inputs: str) -> NDArray[np.float64]:
    """Return samples as finite numbers of float64 with the axes that a model takes.

    Args:
        x: What was given.
        expected: Length of each axis; None takes any.
        inputs: What the model takes, in words.

    Raises:
        DataError: With both shapes.

    Example:
        >>> require_shape([[1, 2]], (None, 2), "features [sample 2]").shape
        (1, 2)
        >>> require_shape([[1, 2]], (None, 3), "[sample 3]")
        Traceback (most recent call last):
            ...
        qfl.errors.DataError: x has the shape (1, 2), but the model takes [sample 3]; give samples of that shape
    """
    try:
        array = np.asarray(x)
        array = array.astype(np.float64) if array.dtype.kind in "biuf" else None
    except (ValueError, TypeError):
        array = None
    if array is None:
        raise DataError(f"x holds no real numbers; the model takes {inputs}")
    fits = len(array.shape) == len(expected) and all(
        want in (None, own) for own, want in zip(array.shape, expected, strict=True)
    )
    if not fits:
        raise DataError(f"x has the shape {array.shape}, but the model takes {inputs}; give samples of that shape")
    if not len(array):
        raise DataError(f"x has no sample; the model takes {inputs}")
    finite = np.isfinite(array).reshape(len(array), -1).all(axis=1)
    if not finite.all():
        raise DataError(f"x: the sample at index {int((~finite).argmax())} is not finite; correct it or leave it out")
    return array
