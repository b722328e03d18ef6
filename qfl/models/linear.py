"""Linear regression: an affine map of the features, the smallest model of a regression.

y = W x + b

Reference:
    Bishop, Pattern recognition and machine learning, 2006, Section 3.1.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout, pack
from qfl.arrays import checked
from qfl.models.weights import Shapes, glorot_uniform, require_features, split_weights, weight_layout


@dataclass(frozen=True)
class Linear:
    """An affine map behind the `Model` interface; make one with `make_linear`."""

    shapes: Shapes
    layout: AngleLayout

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return Glorot-uniform weights and zero biases."""
        return pack([glorot_uniform(seed, "weight", self.shapes["weight"]), np.zeros(self.shapes["bias"])])

    @checked(free="angles", mixed=True)
    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one number per output: a target, or a logit."""
        require_features(inputs, self.shapes["weight"][1])
        weight, bias = split_weights(angles, self.shapes)
        return inputs.to(angles.dtype) @ weight.mT + bias[..., None, :]


def make_linear(num_features: int, num_labels: int) -> Linear:
    """Return an affine map of ``num_labels * (num_features + 1)`` entries.

    Example:
        >>> len(make_linear(9, num_labels=1).layout)
        10
    """
    shapes = {"weight": (num_labels, num_features), "bias": (num_labels,)}
    return Linear(shapes, weight_layout(shapes))
