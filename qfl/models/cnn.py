"""A small convolutional network on square grey images, as a classical baseline.

Twice: 3 x 3 convolution with a frame of zeros, ReLU, maximum over 2 x 2; then one linear layer.

Many clients are one convolution in groups: client k's images are channel k, and its kernels see that channel only.

Reference:
    LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, Section II, with
    ReLU and maximum pooling instead of tanh and averages.
"""

from dataclasses import dataclass
from math import isqrt

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

from qfl.angles import AngleLayout, pack
from qfl.arrays import checked
from qfl.errors import ConfigError
from qfl.models.weights import Shapes, glorot_uniform, he_uniform, require_features, split_weights, weight_layout


@dataclass(frozen=True)
class Cnn:
    """A convolutional network behind the `Model` interface; make one with `make_cnn`."""

    shapes: Shapes
    layout: AngleLayout
    side: int

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return He-uniform kernels, Glorot-uniform output weights and zero biases."""
        return pack([self._initial(seed, name, shape) for name, shape in self.shapes.items()])

    @checked(free="angles", mixed=True)
    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one logit per label."""
        require_features(inputs, self.side**2)
        if angles.ndim == 1:
            return self._stacked(angles[None], inputs[None])[0]
        return self._stacked(angles, inputs)

    def _stacked(
        self, angles: Float[Tensor, "client angle"], inputs: Float[Tensor, "client sample feature"]
    ) -> Float[Tensor, "client sample label"]:
        first, first_bias, second, second_bias, output, bias = split_weights(angles, self.shapes)
        # sample client row column
        images = inputs.to(angles.dtype).unflatten(-1, (self.side, self.side)).transpose(0, 1)
        features = _convolve(_convolve(images, first, first_bias), second, second_bias)
        # client sample feature
        features = features.unflatten(1, (len(angles), -1)).transpose(0, 1).flatten(2)
        return features @ output.mT + bias[:, None]

    def _initial(self, seed: int, name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
        if name.endswith("bias"):
            return np.zeros(shape)
        return (glorot_uniform if name.startswith("output") else he_uniform)(seed, name, shape)


def _convolve(
    images: Float[Tensor, "sample client_channel row column"],
    kernels: Float[Tensor, "client out in 3 3"],
    biases: Float[Tensor, "client out"],
) -> Float[Tensor, "sample client_out half_row half_column"]:
    sums = conv2d(images, kernels.flatten(0, 1), biases.flatten(), padding=1, groups=len(kernels))
    return max_pool2d(torch.relu(sums), 2)


def make_cnn(num_features: int, num_labels: int, hidden: int) -> Cnn:
    """Return a convolutional network of ``10 h + h (9 h + 1) + labels (h q + 1)`` entries, q = (side // 4)^2.

    Args:
        num_features: Pixels of a square image of at least 4 x 4.
        num_labels: Number of classes.
        hidden: Channels h of both convolutions.

    Raises:
        ConfigError: If the features are no such image.

    Example:
        >>> len(make_cnn(64, 10, hidden=8).layout)
        994
    """
    side = isqrt(num_features)
    if side**2 != num_features or side < 4:
        raise ConfigError(
            f"model.name = 'cnn' takes square images of at least 4 x 4 pixels, not {num_features} features; "
            "set data.side to 4 or more, or choose another model"
        )
    shapes = {
        "first.weight": (hidden, 1, 3, 3),
        "first.bias": (hidden,),
        "second.weight": (hidden, hidden, 3, 3),
        "second.bias": (hidden,),
        "output.weight": (num_labels, hidden * (side // 4) ** 2),
        "output.bias": (num_labels,),
    }
    return Cnn(shapes, weight_layout(shapes), side)
