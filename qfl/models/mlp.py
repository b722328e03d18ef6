"""A multilayer perceptron with one hidden layer, as a classical baseline.

logits = V s(W x + b) + c,     s = ReLU or tanh

Reference:
    Bishop, Pattern recognition and machine learning, 2006, Section 5.1.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from qfl.angles import AngleLayout, pack
from qfl.arrays import checked
from qfl.models.weights import Shapes, glorot_uniform, he_uniform, require_features, split_weights, weight_layout

Activation = Literal["relu", "tanh"]
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}
HIDDEN_WEIGHTS = {"relu": he_uniform, "tanh": glorot_uniform}


@dataclass(frozen=True)
class Mlp:
    """A perceptron behind the `Model` interface; make one with `make_mlp`."""

    shapes: Shapes
    layout: AngleLayout
    activation: Activation

    def initial(self, seed: int) -> NDArray[np.float64]:
        """Return He-uniform (ReLU) or Glorot-uniform (tanh, output) weights and zero biases."""
        hidden = HIDDEN_WEIGHTS[self.activation](seed, "hidden.weight", self.shapes["hidden.weight"])
        output = glorot_uniform(seed, "output.weight", self.shapes["output.weight"])
        return pack([hidden, np.zeros(self.shapes["hidden.bias"]), output, np.zeros(self.shapes["output.bias"])])

    @checked(free="angles", mixed=True)
    def logits(
        self, angles: Float[Tensor, "*client angle"], inputs: Float[Tensor, "*client sample feature"]
    ) -> Float[Tensor, "*client sample label"]:
        """Return one logit per label."""
        require_features(inputs, self.shapes["hidden.weight"][1])
        w, b, v, c = split_weights(angles, self.shapes)
        hidden = ACTIVATIONS[self.activation](inputs.to(angles.dtype) @ w.mT + b[..., None, :])
        return hidden @ v.mT + c[..., None, :]


def make_mlp(num_features: int, num_labels: int, hidden: int, activation: Activation = "relu") -> Mlp:
    """Return a perceptron of ``hidden * (num_features + 1) + num_labels * (hidden + 1)`` entries.

    Args:
        num_features: Length of a sample.
        num_labels: Number of classes.
        hidden: Hidden units.
        activation: The hidden layer's nonlinearity.

    Example:
        >>> len(make_mlp(64, 10, hidden=32).layout)
        2410
    """
    shapes = {
        "hidden.weight": (hidden, num_features),
        "hidden.bias": (hidden,),
        "output.weight": (num_labels, hidden),
        "output.bias": (num_labels,),
    }
    return Mlp(shapes, weight_layout(shapes), activation)
