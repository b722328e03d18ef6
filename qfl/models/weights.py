"""A classical network's weights as one flat vector, so that they travel as the angles of a circuit do."""

from collections.abc import Mapping
from math import inf, prod, sqrt

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout
from qfl.arrays import checked
from qfl.errors import InputError
from qfl.seeds import stream

Shapes = Mapping[str, tuple[int, ...]]
"""Name and shape of each weight array, in the order of the vector. A weight's first axis counts outputs."""


def weight_layout(shapes: Shapes) -> AngleLayout:
    """Return the layout of a weight vector: a name per entry, and no periods, since weights are no angles.

    Example:
        >>> weight_layout({"weight": (1, 2), "bias": (1,)}).names
        ('weight.0.0', 'weight.0.1', 'bias.0')
    """
    names = [f"{name}.{'.'.join(map(str, index))}" for name, shape in shapes.items() for index in np.ndindex(shape)]
    return AngleLayout(tuple(names), (inf,) * len(names))


@checked(free="vector")
def split_weights(vector: Float[Tensor, "*client angle"], shapes: Shapes) -> list[Tensor]:
    """Return the weight arrays of a vector, each with the vector's leading axes before its own."""
    require_entries(vector, sum(prod(shape) for shape in shapes.values()))
    parts = vector.split([prod(shape) for shape in shapes.values()], dim=-1)
    return [part.unflatten(-1, shape) for part, shape in zip(parts, shapes.values(), strict=True)]


def require_entries(angles: Float[Tensor, "*client angle"], size: int) -> None:
    """Refuse a vector of another length than the model has entries.

    Raises:
        InputError: With both lengths.
    """
    if angles.shape[-1] != size:
        raise InputError(f"the model has {size} entries, but {angles.shape[-1]} were given; give as many as it has")


def require_features(inputs: Float[Tensor, "*client sample feature"], num_features: int) -> None:
    """Refuse samples of another length than the model reads.

    Raises:
        InputError: With both lengths.
    """
    if inputs.shape[-1] != num_features:
        raise InputError(f"the model reads {num_features} features, but samples have {inputs.shape[-1]}; give as many")


def check_least(**sizes: tuple[float, float]) -> None:
    """Raise ValueError for the first setting that is below its least value.

    Example:
        >>> check_least(layers=(0, 1))
        Traceback (most recent call last):
        ValueError: layers = 0: expected 1 or more
    """
    for name, (value, least) in sizes.items():
        if not value >= least:
            raise ValueError(f"{name} = {value}: expected {least} or more")


def glorot_uniform(seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return initial weights, uniform within +-sqrt(6 / (fan_in + fan_out)): for tanh and for linear outputs.

    Args:
        seed: Of the run.
        name: Of the array; it names the random stream, so arrays of one model differ.
        shape: Outputs, inputs, and the sides of a convolution's kernel.

    Reference:
        Glorot and Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010, Eq. (16).
    """
    receptive = prod(shape[2:])
    return _uniform(seed, name, shape, sqrt(6 / ((shape[0] + shape[1]) * receptive)))


def he_uniform(seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return initial weights, uniform within +-sqrt(6 / fan_in), whose variance is 2 / fan_in: for ReLU.

    Args:
        seed: Of the run.
        name: Of the array; it names the random stream, so arrays of one model differ.
        shape: Outputs, inputs, and the sides of a convolution's kernel.

    Reference:
        He, Zhang, Ren and Sun, Delving deep into rectifiers, 2015, Eq. (10), uniform instead of normal.
    """
    return _uniform(seed, name, shape, sqrt(6 / prod(shape[1:])))


def _uniform(seed: int, name: str, shape: tuple[int, ...], bound: float) -> NDArray[np.float64]:
    return stream(seed, "initial", name).uniform(-bound, bound, shape)
