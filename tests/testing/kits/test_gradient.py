"""A gradient is compared with differences: a false one, a missing one and one that is not a number are told."""

import pytest
import torch

from qfl.testing.kits.gradient import require_slope

AT = torch.linspace(-1, 1, 5, dtype=torch.float64)


def test_true_gradients_of_small_and_large_values_pass():
    for scale in (1e-6, 1.0, 1e6):
        require_slope(lambda x, scale=scale: scale * (x.sin() * x.exp()).sum(), AT)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (lambda x: (x + 0.01 * (x - x.detach())).sin().sum(), "finite differences"),
        (lambda x: (x.detach() ** 2 + 0 * x).sum(), "finite differences"),
        (lambda x: (x.abs() - x.abs().detach()).sqrt().sum(), "5 entries of the gradient are not finite"),
    ],
)
def test_false_gradients_are_told(value, says):
    with pytest.raises(AssertionError, match=says):
        require_slope(value, AT)
